"""Numbers that are carried on through many steps, exact as long as they stay short."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

MOST_BITS = 480
ROUNDED = 10**45


@dataclass(frozen=True, slots=True)
class Number:
    """A value, and whether it is exactly that."""

    value: Fraction
    is_exact: bool = True


def shortened(value: Fraction, *, is_exact: bool) -> Number:
    """The number, rounded where it is too long to be carried on."""
    if value.numerator.bit_length() + value.denominator.bit_length() <= MOST_BITS:
        return Number(value, is_exact)
    return Number(Fraction(round(value * ROUNDED), ROUNDED), is_exact=False)
