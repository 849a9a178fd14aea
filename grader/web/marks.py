"""What a part got, in the words and colours of a page; nothing is computed that the result does not say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup, escape

from grader.answers import BY_NAME
from grader.answers.base import Answer
from grader.bank.variant import VariantPart
from grader.checking.verdict import Outcome
from grader.errors import AnswerError
from grader.grading import UNANSWERED, EntryResult, PartResult, Result, read_part
from grader.reading.tree import Tree
from grader.services.attempts import AttemptView
from grader.services.policies import Progress
from grader.services.standings import MARKED
from grader.services.submissions import SubmissionView
from grader.web.fields import Fault, Place, fault_of, shape_of
from grader.web.previews import NOTHING, Meaning, meanings, typeset
from grader.web.typesetting import line_to_html
from grader.web.verdict_words import evidence_words, in_page_language

STATES: Mapping[str, tuple[str, str, str]] = {
    Outcome.EQUAL: ("right", "right", "right"),
    Outcome.DIFFERENT: ("wrong", "wrong", "wrong"),
    Outcome.INVALID: ("unread", "notice", "unread"),
    Outcome.AMBIGUOUS: ("unread", "notice", "unread"),
    Outcome.WRONG_FORM: ("some", "notice", "some"),
    Outcome.UNDECIDED: ("", "notice", "waiting"),
    UNANSWERED: ("", "", "info"),
}
"""Outcome -> state of the field, tone of the message, icon."""

ENTRY_WORDS = {
    "right": lazy_gettext("right"),
    "some": lazy_gettext("right value, wrong form"),
    "wrong": lazy_gettext("wrong"),
    "unread": lazy_gettext("no value"),
    "": lazy_gettext("undecided"),
}
ENTRY_ICONS = {"right": "right", "some": "some", "wrong": "wrong", "unread": "unread", "": "waiting"}


@dataclass(frozen=True, slots=True)
class EntryMark:
    """One entry of the answer, typeset, with the word and icon for its state."""

    state: str
    word: str
    icon: str
    mathml: Markup


@dataclass(frozen=True, slots=True)
class Mark:
    """What a part got, ready to print."""

    outcome: str
    state: str
    tone: str
    icon: str
    headline: str
    score: Fraction
    max_score: Fraction
    feedback: tuple[Markup, ...] = ()
    mistake: str | None = None
    evidence: str = ""
    fault: Fault | None = None
    read_as: Markup = NOTHING
    entries: tuple[tuple[EntryMark, ...], ...] = ()
    states: Mapping[Place, str] = field(default_factory=dict)
    meanings: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a submission, in one or two sentences."""

    tone: str
    icon: str
    headline: str
    sentence: str = ""

    @classmethod
    def refusal(cls, sentence: str) -> Summary:
        """Nothing was submitted, for this reason."""
        return cls("notice", "warning", gettext("Not submitted."), sentence)


def letter(number: int) -> str:
    """What a part is called: a, b, … and after z by its number."""
    return ascii_lowercase[number] if number < len(ascii_lowercase) else str(number + 1)


def mark_of(part: VariantPart, text: str, result: Mapping[str, Any], *, with_evidence: bool = False) -> Mark | None:
    """The mark of a part, None where the result has none."""
    found = next((each for each in Result.from_json(result).parts if each.id == part.id), None)
    if found is None:
        return None
    state, tone, icon = _look(found)
    is_partly_right = found.outcome == Outcome.DIFFERENT and found.score > 0
    answer, fault = _read_again(part, text)
    fault = None if found.outcome == MARKED else fault
    tree = answer.tree if answer else None
    both = meanings(part, answer) if answer and found.outcome == Outcome.AMBIGUOUS else ()
    return Mark(
        outcome=found.outcome,
        state="some" if is_partly_right else state,
        tone="notice" if is_partly_right else tone,
        icon="some" if is_partly_right else icon,
        headline=_headline(found, fault),
        score=found.score,
        max_score=found.max_score,
        feedback=() if fault or both else _sentences(part, found),
        mistake=found.mistake,
        evidence=evidence_words(found.evidence) if found.evidence and with_evidence and not fault else "",
        fault=fault,
        read_as=typeset(tree) if tree and BY_NAME[part.type].is_mathematical else Markup(),
        entries=_entry_rows(part, found.entries, tree),
        states={_place(part, entry.index): STATES[entry.outcome][0] for entry in found.entries},
        meanings=both,
    )


def place_sentence(place: int) -> str:
    """Where an answer stands in the queue of the judge."""
    if place == 1:
        return str(gettext("It is being judged, or is the next to be."))
    return str(gettext("It has place %(place)s in the queue of the judge.", place=place))


def summarise(attempt: AttemptView, latest: SubmissionView | None, place: int | None = None) -> Summary | None:
    """What became of the latest submission, None where there is none; `place` is that in the queue of the judge."""
    if latest is None:
        return None
    if latest.held:
        return Summary(
            "accent", "info", gettext("Received."), gettext("You see points and remarks once they are released.")
        )
    if latest.result is None or latest.score is None or latest.max_score is None:
        return Summary(
            "notice",
            "waiting",
            gettext("Your answer is stored."),
            place_sentence(place or 1),
        )
    outcomes = {part.outcome for part in Result.from_json(latest.result).parts}
    if outcomes <= {Outcome.EQUAL, MARKED}:
        return _settled(latest, outcomes)
    if Outcome.UNDECIDED in outcomes:
        return Summary("notice", "waiting", gettext("Not decided yet."), gettext("A person will look at your answer."))
    if Outcome.AMBIGUOUS in outcomes and not outcomes & {Outcome.DIFFERENT}:
        used = "" if Outcome.EQUAL in outcomes else f" {gettext('No try was used up.')}"
        question = gettext("Answer the question below.")
        return Summary("notice", "unread", gettext("Which one did you mean?"), f"{question}{used}")
    if not outcomes & {Outcome.EQUAL, Outcome.DIFFERENT}:
        return Summary(
            "notice", "unread", gettext("No try was used up."), gettext("Look at the remarks below and submit again.")
        )
    left = _unread_sentence(latest.result) + _tries_sentence(attempt)
    if latest.score > 0:
        return Summary("notice", "some", gettext("Partly right."), left)
    return Summary(
        "wrong",
        "wrong",
        gettext("Not right yet.") if attempt.progress is not Progress.SPENT else gettext("Not right."),
        left,
    )


def _settled(latest: SubmissionView, outcomes: Collection[str]) -> Summary:
    """What to say where every part is right or marked by a person."""
    if MARKED in outcomes and latest.score != latest.max_score:
        return Summary(
            "notice", "some", gettext("Marked by a teacher."), gettext("Read the points and the comment below.")
        )
    return Summary(
        "right",
        "right",
        gettext("All right."),
        gettext("Marked by a teacher.") if MARKED in outcomes else gettext("Well done."),
    )


def _look(found: PartResult) -> tuple[str, str, str]:
    """State of the field, tone and icon; what a person has marked is right, worth something, or not wrong at least."""
    if found.outcome != MARKED:
        return STATES[found.outcome]
    if found.score == found.max_score:
        return STATES[Outcome.EQUAL]
    return ("some", "notice", "some") if found.score else ("", "notice", "info")


def _unread_sentence(result: Mapping[str, Any]) -> str:
    """The parts that could not be read, where others were judged."""
    parts = Result.from_json(result).parts
    unread = [letter(number) for number, part in enumerate(parts) if part.outcome == Outcome.INVALID]
    if not unread:
        return ""
    names = f" {gettext('and')} ".join(unread)
    words = ngettext(
        "Part %(names)s could not be read.", "Parts %(names)s could not be read.", len(unread), names=names
    )
    return f"{words} "


def _tries_sentence(attempt: AttemptView) -> str:
    if attempt.progress is Progress.SOLVED:
        return str(gettext("You have solved this problem before, and your points stay."))
    if attempt.tries_left is None:
        return str(gettext("Look at the remarks below and try again."))
    if attempt.tries_left == 0:
        return str(gettext("No tries are left."))
    return str(ngettext("%(num)s try is left.", "%(num)s tries are left.", attempt.tries_left))


def _sentences(part: VariantPart, found: PartResult) -> tuple[Markup, ...]:
    """What the student is told, in the language of the page as far as it is known there."""
    translated = in_page_language(found)
    return tuple(_sentence(part, words, translated.get(words, words)) for words in found.feedback)


def _sentence(part: VariantPart, words: str, shown: str) -> Markup:
    """Our own sentences are plain text, in which `2*x*y` has two stars; an author's are Markdown with LaTeX."""
    for case, english in part.english.items():
        if words == english:
            return line_to_html(part.feedback.get(case, english))
    return line_to_html(words) if words in part.feedback.values() else escape(shown)


def _headline(found: PartResult, fault: Fault | None) -> str:
    if found.outcome == Outcome.DIFFERENT and 0 < found.score == found.max_score:
        return str(gettext("Right from your own value"))
    right = sum(entry.outcome == Outcome.EQUAL for entry in found.entries)
    if found.outcome == Outcome.DIFFERENT and right:
        count = len(found.entries)
        return str(
            ngettext("%(num)s of %(all)s entries is right", "%(num)s of %(all)s entries are right", right, all=count)
        )
    if found.outcome == Outcome.INVALID and not fault:
        return str(gettext("This cannot be the answer"))
    words: Mapping[str, str] = {
        Outcome.EQUAL.value: gettext("Right"),
        Outcome.DIFFERENT.value: gettext("Partly right") if found.score else gettext("Not right"),
        Outcome.INVALID.value: gettext("This could not be read"),
        Outcome.AMBIGUOUS.value: gettext("This can be read in two ways"),
        Outcome.WRONG_FORM.value: gettext("The value is right, the form is not"),
        Outcome.UNDECIDED.value: gettext("This waits for a person"),
        MARKED: gettext("Marked by a teacher"),
        UNANSWERED: gettext("No answer"),
    }
    return words[found.outcome]


def _read_again(part: VariantPart, text: str) -> tuple[Answer | None, Fault | None]:
    """The response as it was read, or why it could not be, with the place in the field."""
    if not text.strip():
        return None, None
    try:
        return read_part(part, text), None
    except AnswerError as error:
        return None, fault_of(part, text, error)


def _entry_rows(
    part: VariantPart, entries: tuple[EntryResult, ...], tree: Tree | None
) -> tuple[tuple[EntryMark, ...], ...]:
    """The entries in the rows in which they were typed; none where all are right."""
    if len(entries) < 2 or all(entry.outcome == Outcome.EQUAL for entry in entries):
        return ()
    rows: dict[int, list[EntryMark]] = {}
    for entry in entries:
        place = _place(part, entry.index)
        state = STATES[entry.outcome][0]
        mark = EntryMark(state, str(ENTRY_WORDS[state]), ENTRY_ICONS[state], _entry_mathml(tree, entry.index))
        rows.setdefault(place[0], []).append(mark)
    return tuple(tuple(row) for row in rows.values())


def _place(part: VariantPart, index: tuple[int, ...]) -> Place:
    """Row and column, from 0, of an entry whose index counts from 1."""
    if len(index) > 1:
        return index[0] - 1, index[1] - 1
    rows, _ = shape_of(part) or (1, 0)
    return (0, index[0] - 1) if rows == 1 else (index[0] - 1, 0)


def _entry_mathml(tree: Tree | None, index: tuple[int, ...]) -> Markup:
    """The entry at this index, typeset, where the response was written entry by entry."""
    node = tree
    for position in index:
        if node is None or node.kind not in {"matrix", "row", "vector"} or position > len(node.args):
            return Markup()
        node = node.args[position - 1]
    if node is None or node.kind in {"row", "vector"}:
        return Markup()
    return typeset(node)
