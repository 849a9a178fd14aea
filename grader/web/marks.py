"""What a part got, in the words and colours of a page; nothing is computed that the result does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from markupsafe import Markup, escape

from grader.bank.variant import VariantPart
from grader.checking.verdict import Outcome
from grader.errors import AnswerError
from grader.grading import UNANSWERED, EntryResult, PartResult, Result, read_part
from grader.reading.tree import Tree
from grader.services.attempts import AttemptView
from grader.services.policies import Progress
from grader.services.submissions import SubmissionView
from grader.web.fields import Fault, Place, fault_of, shape_of
from grader.web.previews import NOTHING, typeset
from grader.web.typesetting import line_to_html

STATES: Mapping[str, tuple[str, str, str]] = {
    Outcome.EQUAL: ("right", "right", "right"),
    Outcome.DIFFERENT: ("wrong", "wrong", "wrong"),
    Outcome.INVALID: ("unread", "notice", "unread"),
    Outcome.AMBIGUOUS: ("unread", "notice", "unread"),
    Outcome.UNDECIDED: ("", "notice", "waiting"),
    UNANSWERED: ("", "", "info"),
}
"""Outcome -> state of the field, tone of the message, icon."""

ENTRY_WORDS = {"right": "right", "wrong": "wrong", "unread": "no value", "": "undecided"}
ENTRY_ICONS = {"right": "right", "wrong": "wrong", "unread": "unread", "": "waiting"}


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
        return cls("notice", "warning", "Not submitted.", sentence)


def letter(number: int) -> str:
    """What a part is called: a, b, … and after z by its number."""
    return ascii_lowercase[number] if number < len(ascii_lowercase) else str(number + 1)


def mark_of(part: VariantPart, text: str, result: Mapping[str, Any], *, with_evidence: bool = False) -> Mark | None:
    """The mark of a part, None where the result has none."""
    found = next((each for each in Result.from_json(result).parts if each.id == part.id), None)
    if found is None:
        return None
    state, tone, icon = STATES[found.outcome]
    is_partly_right = found.outcome == Outcome.DIFFERENT and found.score > 0
    tree, fault = _read_again(part, text)
    return Mark(
        outcome=found.outcome,
        state="some" if is_partly_right else state,
        tone="notice" if is_partly_right else tone,
        icon="some" if is_partly_right else icon,
        headline=_headline(found, fault),
        score=found.score,
        max_score=found.max_score,
        feedback=() if fault else tuple(_sentence(part, words) for words in found.feedback),
        mistake=found.mistake,
        evidence=str(found.evidence) if found.evidence and with_evidence and not fault else "",
        fault=fault,
        read_as=typeset(tree) if tree and part.type != "choice" else Markup(),
        entries=_entry_rows(part, found.entries, tree),
        states={_place(part, entry.index): STATES[entry.outcome][0] for entry in found.entries},
    )


def summarise(attempt: AttemptView, latest: SubmissionView | None) -> Summary | None:
    """What became of the latest submission, None where there is none."""
    if latest is None:
        return None
    if latest.result is None or latest.score is None or latest.max_score is None:
        return Summary(
            "notice", "waiting", "Your answer is stored.", "It is being judged; reload the page in a moment."
        )
    outcomes = {part.outcome for part in Result.from_json(latest.result).parts}
    if outcomes == {Outcome.EQUAL}:
        return Summary("right", "right", "All right.", "Well done.")
    if Outcome.UNDECIDED in outcomes:
        return Summary("notice", "waiting", "Not decided yet.", "A person will look at your answer.")
    if not outcomes & {Outcome.EQUAL, Outcome.DIFFERENT}:
        return Summary("notice", "unread", "No try was used up.", "Look at the remarks below and submit again.")
    left = _unread_sentence(latest.result) + _tries_sentence(attempt)
    if latest.score > 0:
        return Summary("notice", "some", "Partly right.", left)
    return Summary("wrong", "wrong", "Not right yet." if attempt.progress is not Progress.SPENT else "Not right.", left)


def _unread_sentence(result: Mapping[str, Any]) -> str:
    """The parts that could not be read, where others were judged."""
    parts = Result.from_json(result).parts
    unread = [letter(number) for number, part in enumerate(parts) if part.outcome == Outcome.INVALID]
    if not unread:
        return ""
    return f"{'Part' if len(unread) == 1 else 'Parts'} {' and '.join(unread)} could not be read. "


def _tries_sentence(attempt: AttemptView) -> str:
    if attempt.progress is Progress.SOLVED:
        return "You have solved this problem before, and your points stay."
    if attempt.tries_left is None:
        return "Look at the remarks below and try again."
    if attempt.tries_left == 0:
        return "No tries are left."
    return f"{attempt.tries_left} {'try is' if attempt.tries_left == 1 else 'tries are'} left."


def _sentence(part: VariantPart, words: str) -> Markup:
    """Our own sentences are plain text, in which `2*x*y` has two stars; an author's are Markdown with LaTeX."""
    return line_to_html(words) if words in part.feedback.values() else escape(words)


def _headline(found: PartResult, fault: Fault | None) -> str:
    right = sum(entry.outcome == Outcome.EQUAL for entry in found.entries)
    if found.outcome == Outcome.DIFFERENT and right:
        return f"{right} of {len(found.entries)} entries {'is' if right == 1 else 'are'} right"
    if found.outcome == Outcome.INVALID and not fault:
        return "This cannot be the answer"
    return {
        Outcome.EQUAL.value: "Right",
        Outcome.DIFFERENT.value: "Partly right" if found.score else "Not right",
        Outcome.INVALID.value: "This could not be read",
        Outcome.AMBIGUOUS.value: "This can be read in two ways",
        Outcome.UNDECIDED.value: "This waits for a person",
        UNANSWERED: "No answer",
    }[found.outcome]


def _read_again(part: VariantPart, text: str) -> tuple[Tree | None, Fault | None]:
    """The response as it was read, or why it could not be, with the place in the field."""
    if not text.strip():
        return None, None
    try:
        return read_part(part, text).tree, None
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
        mark = EntryMark(state, ENTRY_WORDS[state], ENTRY_ICONS[state], _entry_mathml(tree, entry.index))
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
