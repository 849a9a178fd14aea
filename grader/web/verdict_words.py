"""What the judge told a student, in the language of the page.

A result keeps its sentences as they were said, in English. Those that hold values and follow from the evidence are
made once more here, in both languages side by side, with the numbers as the page writes them; `answer_words` knows
the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale, gettext

from grader.checking.verdict import Agreement, Counterexample, Evidence, PersonReads, Proof, Undefined
from grader.grading import EntryResult, PartResult
from grader.mistakes.catalogue import MISTAKES
from grader.web.answer_words import in_page_words

Pair = tuple[str, str]
"""A sentence as it was said, and in the language of the page."""


def N_(text: str) -> str:  # noqa: N802  # the name under which texts are collected for translation
    """The text itself, to be translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class _Differing:
    """The sentences on what of two answers differs, as far as they disclose it."""

    anywhere: str
    for_some: tuple[str, str, str]
    for_some_values: str
    at: str
    both_at: str


VALUES = _Differing(
    N_("Your answer has another value than the right one."),
    (
        N_("Your answer has another value than the right one for some %(first)s."),
        N_("Your answer has another value than the right one for some %(first)s and %(second)s."),
        N_("Your answer has another value than the right one for some %(first)s and %(second)s and %(third)s."),
    ),
    N_("Your answer has another value than the right one for some values of the variables."),
    N_("Your answer has another value than the right one at %(point)s."),
    N_("Your answer has another value than the right one at %(point)s: yours is %(mine)s, the right one %(right)s."),
)
DERIVATIVES = _Differing(
    N_("Your answer has another derivative than the right one."),
    (
        N_("Your answer has another derivative than the right one for some %(first)s."),
        N_("Your answer has another derivative than the right one for some %(first)s and %(second)s."),
        N_("Your answer has another derivative than the right one for some %(first)s and %(second)s and %(third)s."),
    ),
    N_("Your answer has another derivative than the right one for some values of the variables."),
    N_("Your answer has another derivative than the right one at %(point)s."),
    N_(
        "Your answer has another derivative than the right one at %(point)s: "
        "yours is %(mine)s, the right one %(right)s."
    ),
)
DIFFERING = {"": VALUES, "derivative": DERIVATIVES}
BOTH_VALUES = N_("Yours is %(mine)s, the right one %(right)s.")
NOT_DEFINED = N_("Your answer is not defined everywhere where it should be.")
NOT_DEFINED_AS = N_("Your answer is not defined everywhere where it should be: %(reason)s.")
NOT_DEFINED_AT = N_("Your answer is not defined at %(point)s, where the right one is.")
NOT_DEFINED_AT_AS = N_("Your answer is not defined at %(point)s, where the right one is: %(reason)s.")
ENTRY = N_("Entry %(place)s")
DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
PLACES = ("first", "second", "third")


def in_page_language(found: PartResult) -> Mapping[str, str]:
    """The sentences that can be made once more, each with what it is in the language of the page."""
    known = {text: in_page_words(text) for text in found.feedback}
    pairs = [pair for pair in known.items() if pair[0] != pair[1]]
    pairs += [_say(mistake.sentence) for mistake in MISTAKES if mistake.sentence in found.feedback]
    if found.evidence is not None:
        pairs += _about(found.evidence)
    return dict([*pairs, *_about_entries(found.entries)])


def evidence_words(evidence: Evidence) -> str:
    """The evidence as a teacher reads it."""
    if isinstance(evidence, Proof):
        return str(gettext("Proved equal (%(method)s).", method=in_page_words(evidence.method)))
    if isinstance(evidence, Agreement):
        told = {"points": evidence.points, "digits": evidence.digits}
        return str(gettext("Equal at %(points)s points to %(digits)s certified digits; not proved.", **told))
    if isinstance(evidence, PersonReads):
        return str(gettext("A person reads this text by a rubric. Criteria: %(count)s.", count=evidence.criteria))
    if isinstance(evidence, Counterexample) and not evidence.of:
        point = _in_page_decimals(_point(evidence.point))
        both = {"response": evidence.response_value, "answer": evidence.answer_value}
        values = {name: _in_page_decimals(in_page_words(value)) for name, value in both.items()}
        if not evidence.point:
            return str(gettext("The response is %(response)s, the answer %(answer)s.", **values))
        return str(gettext("At %(point)s the response is %(response)s, the answer %(answer)s.", point=point, **values))
    return in_page_words(str(evidence))


def _say(template: str, **values: str) -> Pair:
    local = {name: _in_page_decimals(in_page_words(value)) for name, value in values.items()}
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
    if isinstance(evidence, Counterexample) and evidence.of in DIFFERING:
        yield from _about_counterexample(evidence, DIFFERING[evidence.of])
    elif isinstance(evidence, Undefined) and evidence.reason:
        yield _say(NOT_DEFINED_AS, reason=evidence.reason)
        yield _say(NOT_DEFINED_AT_AS, point=_point(evidence.point), reason=evidence.reason)
    elif isinstance(evidence, Undefined):
        yield _say(NOT_DEFINED)
        yield _say(NOT_DEFINED_AT, point=_point(evidence.point))


def _about_counterexample(evidence: Counterexample, words: _Differing) -> Iterator[Pair]:
    values = {"mine": evidence.response_value, "right": evidence.answer_value}
    if not evidence.point:
        (english, german), (more, mehr) = _say(words.anywhere), _say(BOTH_VALUES, **values)
        yield from ((english, german), (f"{english} {more}", f"{german} {mehr}"))
        return
    point, names = _point(evidence.point), [name for name, _ in evidence.point]
    yield _say(words.at, point=point)
    yield _say(words.both_at, point=point, **values)
    if len(names) > len(words.for_some):
        yield _say(words.for_some_values)
    else:
        yield _say(words.for_some[len(names) - 1], **dict(zip(PLACES, names, strict=False)))


def _about_entries(entries: Sequence[EntryResult]) -> Iterator[Pair]:
    for entry in entries:
        place = str(entry.index[0]) if len(entry.index) == 1 else f"({','.join(map(str, entry.index))})"
        head, kopf = _say(ENTRY, place=place)
        for said, gesagt in _about(entry.evidence) if entry.evidence is not None else ():
            yield f"{head}: {said}", f"{kopf}: {gesagt}"
