"""When a number is near enough: absolute, relative, to significant figures, to decimal places.

All arithmetic is on exact rational bounds of the two values, never on floats, so "near enough" and
"not near enough" are certain; where the bounds are too wide to say, the caller narrows them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import floor, log10
from typing import Any, ClassVar

from grader.answers.wording import count_words
from grader.reading.tree import Tree

Amount = int | float | Decimal | str
_LARGEST_EXPONENT = 400
_MOST_PLACES = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """A value lies between these, ends included; equal ends say it exactly."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Tolerance:
    """One of four ways to be near enough; amounts are read as the decimals that they are written as."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    absolute: Amount | None = None
    relative: Amount | None = None
    significant_figures: int | None = None
    decimal_places: int | None = None

    def __post_init__(self) -> None:
        """Exactly one way, with an amount that makes sense; ValueError says what is wrong."""
        given = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        if len(given) != 1:
            ways = ", ".join(field.name for field in fields(self))
            raise ValueError(f"A tolerance is exactly one of {ways}; {len(given)} are given.")
        way, amount = given[0], getattr(self, given[0])
        if way in {"absolute", "relative"}:
            if exact_amount(amount) < 0:
                raise ValueError(f"The {way} tolerance must not be negative.")
        elif isinstance(amount, bool) or not isinstance(amount, int):
            raise ValueError(f"{way} must be a whole number.")
        elif not (way == "significant_figures") <= amount <= _MOST_PLACES:
            raise ValueError(f"{way} must be between {int(way == 'significant_figures')} and {_MOST_PLACES}.")

    def agrees(self, response: Bounds, key: Bounds) -> bool | None:
        """Whether the response is near enough to the key; None where the bounds are too wide to say.

        >>> third = Fraction(1, 3)
        >>> Tolerance(absolute=0.01).agrees(Bounds(Fraction("0.34"), Fraction("0.34")), Bounds(third, third))
        True
        """
        if self.absolute is not None or self.relative is not None:
            return self._near(response, key)
        mine, theirs = self._rounded(response), self._rounded(key)
        if not mine & theirs:
            return False
        is_certain = all(len(ways) == 1 or value.low == value.high for ways, value in ((mine, response), (theirs, key)))
        return True if is_certain else None

    def _near(self, response: Bounds, key: Bounds) -> bool | None:
        nearest = max(response.low - key.high, key.low - response.high, Fraction(0))
        farthest = max(response.high - key.low, key.high - response.low)
        if self.absolute is not None:
            least = most = exact_amount(self.absolute)
        else:
            factor = exact_amount(self.relative or 0)
            least = factor * max(key.low, -key.high, Fraction(0))
            most = factor * max(key.high, -key.low)
        if farthest <= least:
            return True
        return False if nearest > most else None

    def _rounded(self, value: Bounds) -> set[Fraction]:
        """All that the value can be after rounding; an exact half goes both ways."""
        return self._round(value.low) | self._round(value.high)

    def _round(self, value: Fraction) -> set[Fraction]:
        if self.decimal_places is not None:
            return _nearest(value, Fraction(10) ** -self.decimal_places)
        figures = self.significant_figures or 1
        return _nearest(value, Fraction(10) ** (magnitude(value) - figures + 1)) if value else {value}

    def amount(self) -> Fraction:
        """The exact amount of an absolute or relative tolerance."""
        return exact_amount(self.absolute if self.absolute is not None else self.relative or 0)

    def words(self) -> str:
        """What the student is asked for: "3 significant figures", "within 0.01"."""
        if self.significant_figures is not None:
            return count_words(self.significant_figures, "significant figure", "significant figures")
        if self.decimal_places is not None:
            return count_words(self.decimal_places, "decimal place", "decimal places")
        return f"within {self.absolute}" if self.absolute is not None else f"within {self.relative} of the value"


def magnitude(value: Fraction) -> int:
    """The exponent of the leading digit: 3 for 1234, -2 for 0.0156.

    >>> magnitude(Fraction(1234)), magnitude(Fraction(-156, 10000)), magnitude(Fraction(1000))
    (3, -2, 3)
    """
    size = abs(value)
    guess = floor((size.numerator.bit_length() - size.denominator.bit_length()) * log10(2))
    while Fraction(10) ** guess > size:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= size:
        guess += 1
    return guess


def decimal_unit(tree: Tree) -> Fraction | None:
    """One unit in the last place of a literal with a decimal point; None for all else.

    >>> decimal_unit(Tree("number", (), "0.0156"))
    Fraction(1, 10000)
    """
    if tree.kind == "neg":
        return decimal_unit(tree.args[0])
    if tree.kind != "number" or "." not in tree.value:
        return None
    digits, _, exponent = tree.value.lower().partition("e")
    return Fraction(10) ** (int(exponent or 0) - len(digits.partition(".")[2]))


def _nearest(value: Fraction, unit: Fraction) -> set[Fraction]:
    """The multiples of the unit that are nearest: one, or two where the value is half way."""
    steps = value / unit
    down = floor(steps)
    rest = steps - down
    half = Fraction(1, 2)
    return ({down * unit} if rest <= half else set()) | ({(down + 1) * unit} if rest >= half else set())


def exact_amount(amount: Amount) -> Fraction:
    """The decimal as it is written: 0.1 is one tenth."""
    written = float.__repr__(amount) if isinstance(amount, float) else str(amount)
    try:
        decimal = Decimal(written)
    except InvalidOperation:
        raise ValueError(f"{written!r} is not a decimal number.") from None
    if not decimal.is_finite() or (decimal and abs(decimal.adjusted()) > _LARGEST_EXPONENT):
        raise ValueError(f"{written!r} is out of range for a tolerance.")
    return Fraction(decimal)
