"""What the judge told a student, in the language of the page.

A result keeps its sentences as they were said, in English. Those that follow from the rest of the result are
made once more here, in both languages side by side, so that nothing has to be read out of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale, gettext

from grader.checking.verdict import Agreement, Counterexample, Evidence, Outcome, PersonReads, Proof, Undefined
from grader.grading import EntryResult, PartResult
from grader.mistakes.catalogue import MISTAKES

Pair = tuple[str, str]
"""A sentence as it was said, and in the language of the page."""


def N_(text: str) -> str:  # noqa: N802  # the name under which texts are collected for translation
    """The text itself, to be translated where it is shown."""
    return text


OFTEN_SAID = (
    N_("This is the transpose of the answer."),
    N_("The entries are right, only the shape is not."),
    N_("Rows and columns are exchanged."),
    N_("Your answer has the opposite sign of the right one."),
    N_("Your answer is right up to an added constant."),
    N_("Your answer could not be decided automatically. A person will look at it; it is not marked wrong."),
)
FOR_SOME = (
    N_("Your answer has another value than the right one for some %(first)s."),
    N_("Your answer has another value than the right one for some %(first)s and %(second)s."),
    N_("Your answer has another value than the right one for some %(first)s and %(second)s and %(third)s."),
)
FOR_SOME_VALUES = N_("Your answer has another value than the right one for some values of the variables.")
ANOTHER_VALUE = N_("Your answer has another value than the right one.")
BOTH_VALUES = N_("Yours is %(mine)s, the right one %(right)s.")
ANOTHER_AT = N_("Your answer has another value than the right one at %(point)s.")
BOTH_AT = N_(
    "Your answer has another value than the right one at %(point)s: yours is %(mine)s, the right one %(right)s."
)
NOT_DEFINED = N_("Your answer is not defined everywhere where it should be.")
NOT_DEFINED_AT = N_("Your answer is not defined at %(point)s, where the right one is.")
NO_VALUE = N_("Your answer has no real value.")
ENTRY = N_("Entry %(place)s")
ENTRY_WRONG = N_("Entry %(place)s is wrong.")
ENTRY_NOT_DEFINED = N_("Entry %(place)s is not defined everywhere where it should be.")
ENTRY_WAITS = N_("Entry %(place)s could not be decided automatically; a person will look at it.")
DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
PLACES = ("first", "second", "third")


def in_page_language(found: PartResult) -> Mapping[str, str]:
    """The sentences that can be made once more, each with what it is in the language of the page."""
    fixed = (*OFTEN_SAID, *(mistake.sentence for mistake in MISTAKES))
    pairs = [_say(text) for text in fixed if text in found.feedback]
    if found.evidence is not None:
        pairs += _about(found.evidence)
    return dict([*pairs, *_about_entries(found.entries)])


def evidence_words(evidence: Evidence) -> str:
    """The evidence as a teacher reads it."""
    if isinstance(evidence, Proof):
        return str(gettext("Proved equal (%(method)s).", method=evidence.method))
    if isinstance(evidence, Agreement):
        told = {"points": evidence.points, "digits": evidence.digits}
        return str(gettext("Equal at %(points)s points to %(digits)s certified digits; not proved.", **told))
    if isinstance(evidence, PersonReads):
        return str(gettext("A person reads this text by a rubric. Criteria: %(count)s.", count=evidence.criteria))
    if isinstance(evidence, Counterexample) and not evidence.of:
        point = _in_page_decimals(_point(evidence.point))
        both = {"response": evidence.response_value, "answer": evidence.answer_value}
        values = {name: _in_page_decimals(value) for name, value in both.items()}
        if not evidence.point:
            return str(gettext("The response is %(response)s, the answer %(answer)s.", **values))
        return str(gettext("At %(point)s the response is %(response)s, the answer %(answer)s.", point=point, **values))
    return str(evidence)


def _say(template: str, **values: str) -> Pair:
    local = {name: _in_page_decimals(value) for name, value in values.items()}
    return template % values if values else template, str(gettext(template, **local))


def _in_page_decimals(text: str) -> str:
    """Numbers with the decimal sign of the page; left as they are where commas part the entries."""
    if ", " in text and "=" not in text:
        return text
    return DECIMAL_POINT.sub(get_decimal_symbol(str(get_locale() or "en")), text)


def _point(point: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point)


def _about(evidence: Evidence) -> Iterator[Pair]:
    """What is said of this evidence, at every level of disclosure."""
    if isinstance(evidence, Counterexample) and not evidence.of:
        yield from _about_counterexample(evidence)
    elif isinstance(evidence, Undefined) and not evidence.reason:
        yield _say(NO_VALUE)
        yield _say(NOT_DEFINED)
        yield _say(NOT_DEFINED_AT, point=_point(evidence.point))


def _about_counterexample(evidence: Counterexample) -> Iterator[Pair]:
    values = {"mine": evidence.response_value, "right": evidence.answer_value}
    if not evidence.point:
        (english, german), (more, mehr) = _say(ANOTHER_VALUE), _say(BOTH_VALUES, **values)
        yield from ((english, german), (f"{english} {more}", f"{german} {mehr}"))
        return
    point, names = _point(evidence.point), [name for name, _ in evidence.point]
    yield _say(ANOTHER_AT, point=point)
    yield _say(BOTH_AT, point=point, **values)
    if len(names) > len(FOR_SOME):
        yield _say(FOR_SOME_VALUES)
    else:
        yield _say(FOR_SOME[len(names) - 1], **dict(zip(PLACES, names, strict=False)))


def _about_entries(entries: Sequence[EntryResult]) -> Iterator[Pair]:
    for entry in entries:
        place = str(entry.index[0]) if len(entry.index) == 1 else f"({','.join(map(str, entry.index))})"
        if entry.outcome == Outcome.UNDECIDED:
            yield _say(ENTRY_WAITS, place=place)
        if entry.outcome == Outcome.DIFFERENT:
            yield _say(ENTRY_WRONG, place=place)
            yield _say(ENTRY_NOT_DEFINED, place=place)
        head, kopf = _say(ENTRY, place=place)
        for said, gesagt in _about(entry.evidence) if entry.evidence is not None else ():
            yield f"{head}: {said}", f"{kopf}: {gesagt}"
