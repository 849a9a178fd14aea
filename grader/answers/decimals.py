"""A key as the decimal that a student would give for it, to the digits that the tolerance asks for."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from grader.answers.tolerance import Tolerance, magnitude
from grader.checking.bounding import value_at
from grader.reading.printing import to_text
from grader.reading.tree import Tree, literal_value

_SPARE_DIGITS = 25
_SHORT = 12  # characters: a key that is written as shortly as this needs no rounding


def decimal_text(key: Tree, tolerance: Tolerance | None) -> str:
    """The key rounded to one digit finer than an amount, or to the figures or places asked for.

    Exact keys, and those that are short literals anyway, are printed as they are.
    """
    text = to_text(key)
    if tolerance is None or (literal_value(key) is not None and len(text) <= _SHORT):
        return text
    value = value_at(key, {}, _SPARE_DIGITS).middle
    unit = _unit(value, tolerance)
    rounded = round(value / unit) * unit
    places = max(0, -magnitude(unit))
    return f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):.{places}f}"


def _unit(value: Fraction, tolerance: Tolerance) -> Fraction:
    """One unit of the last digit to print."""
    ten = Fraction(10)
    if tolerance.decimal_places is not None:
        return ten**-tolerance.decimal_places
    size = magnitude(value) if value else 0
    if tolerance.significant_figures is not None:
        return ten ** (size - tolerance.significant_figures + 1)
    amount = tolerance.amount()
    finer = magnitude(amount) - 1 if amount else -_SPARE_DIGITS // 2
    return ten ** (finer + (size if tolerance.relative is not None else 0))
