"""A part of a variant as other systems know questions: a number, a text, options, or an essay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, log10

from grader.answers.choice import option_ids
from grader.bank.variant import Variant, VariantPart
from grader.calculus.exact_numbers import terminating_decimal
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, value_at

EXACT_SHARE = Fraction(1, 10**6)  # how near a decimal must come to an exact number that has none
SHORT_TYPES = frozenset(
    {"expression", "number", "vector", "list", "set", "interval", "inequality", "equation", "shape"}
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within a tolerance, both as decimals."""

    value: str
    tolerance: str


@dataclass(frozen=True, slots=True)
class Words:
    """Spellings of the answer that are taken; any other is wrong for the other system."""

    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """Options with their texts as Markdown, and the ids of those that are right."""

    options: tuple[tuple[str, str], ...]
    right: tuple[str, ...]
    is_multiple: bool


@dataclass(frozen=True, slots=True)
class Essay:
    """A free text that a person judges against the key."""

    key: str


Kind = Number | Words | Options | Essay


@dataclass(frozen=True, slots=True)
class Question:
    """A part in the terms of other systems; `limits` say what is lost on the way."""

    part: VariantPart
    kind: Kind
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """What a format cannot say about a part, on the seeds named."""

    part: str
    sentence: str
    seeds: tuple[int, ...]

    def __str__(self) -> str:
        """A line of the report."""
        return f"{self.part}: {self.sentence}"


def questions_of(variant: Variant) -> tuple[Question, ...]:
    """The parts of a variant."""
    return tuple(_question(part) for part in variant.parts)


def asked(part: VariantPart) -> str:
    """What is asked, and in a paragraph of its own how, as Markdown."""
    return f"{part.ask}\n\n{' '.join(part.notes)}".strip()


def limits_of(variants: tuple[Variant, ...]) -> tuple[Limit, ...]:
    """All that is lost, each once, with the seeds on which it is."""
    found: dict[tuple[str, str], list[int]] = {}
    for variant in variants:
        if variant.figures or variant.solution_figures:
            found.setdefault(("figures", "Figures are not taken along."), []).append(variant.seed or 0)
        for question in questions_of(variant):
            for sentence in question.limits:
                found.setdefault((question.part.id, sentence), []).append(variant.seed or 0)
    return tuple(Limit(part, sentence, tuple(seeds)) for (part, sentence), seeds in found.items())


def _question(part: VariantPart) -> Question:
    lost = _lost_settings(part)
    if part.type == "choice":
        ids = option_ids(part.key)
        return Question(part, Options(part.options, ids, bool(part.settings.get("multiple"))), lost)
    if part.type == "number":
        kind, limits = _number(part)
        return Question(part, kind, (*limits, *lost))
    if part.type in SHORT_TYPES:
        limit = "Only the spellings listed are taken: an equal answer that is written in another way counts as wrong."
        return Question(part, Words(_spellings(part.answer_text)), (limit, *lost))
    limit = f"A {part.type} cannot be judged there, so a person has to: it is an essay with the key beside it."
    return Question(part, Essay(part.answer_text), (limit, *lost))


def _lost_settings(part: VariantPart) -> tuple[str, ...]:
    """Settings of the part that no other system knows."""
    sentences: Mapping[str, str] = {
        "form": "The form asked for is not checked there.",
        "up_to": "What the answer leaves open (up_to) is not known there.",
        "layout": "Rows and columns are not told apart there.",
        "transpose_share": "The transpose earns nothing there.",
        "indices": "",
        "conditions": "The conditions are not checked there.",
    }
    return tuple(sentence for key, sentence in sentences.items() if part.settings.get(key) and sentence)


def _number(part: VariantPart) -> tuple[Kind, tuple[str, ...]]:
    try:
        found = value_at(part.key, {}, 20)
    except (NoValue, Unclear, NotScalar, MissingName):
        return Essay(part.answer_text), ("This number has no decimal value, so a person has to judge it.",)
    value = (found.lower + found.upper) / 2
    tolerance = part.settings.get("tolerance")
    if tolerance:
        return Number(_decimal(value), _decimal(_within(value, dict(tolerance)))), _rounding_limit(dict(tolerance))
    exact = terminating_decimal(value) if found.lower == found.upper else None
    if exact is not None:
        limit = "Fractions and sums are not read there, only decimals." if value.denominator != 1 else ""
        return Number(exact, "0"), (limit,) if limit else ()
    limit = "The exact number has no finite decimal: any decimal within a millionth of it is taken, a fraction is not."
    return Number(_decimal(value), _decimal(max(abs(value), Fraction(1)) * EXACT_SHARE)), (limit,)


def _within(value: Fraction, tolerance: Mapping[str, object]) -> Fraction:
    """The distance from the key that is allowed."""
    if tolerance.get("absolute") is not None:
        return Fraction(str(tolerance["absolute"]))
    if tolerance.get("relative") is not None:
        return abs(value) * Fraction(str(tolerance["relative"]))
    if tolerance.get("decimal_places") is not None:
        return Fraction(1, 2 * 10 ** int(str(tolerance["decimal_places"])))
    figures = int(str(tolerance["significant_figures"]))
    size = floor(log10(abs(value))) if value else 0
    return Fraction(10) ** (size - figures + 1) / 2


def _rounding_limit(tolerance: Mapping[str, object]) -> tuple[str, ...]:
    rounded = tolerance.keys() & {"decimal_places", "significant_figures"}
    return ("Rounding is asked for there as a distance: half of the last place.",) if rounded else ()


def _decimal(value: Fraction) -> str:
    """A decimal with 12 significant digits."""
    exact = terminating_decimal(value, 12)
    return exact if exact is not None else f"{float(value):.12g}"


def _spellings(text: str) -> tuple[str, ...]:
    """A few ways to type the same text: with and without spaces and signs of multiplication."""
    tight = text.replace(" ", "")
    bare = "".join(
        sign
        for place, sign in enumerate(tight)
        if not (sign == "*" and place and tight[place - 1].isdigit() and tight[place + 1 : place + 2].isalpha())
    )
    return tuple(dict.fromkeys((text, tight, bare, text.replace("*", " ") if "*" in text else text)))
