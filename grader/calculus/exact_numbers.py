"""Exact powers and roots of rational numbers."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from grader.reading.tree import LONGEST_LITERAL

# A folded power longer than this many bits (about 1,200 digits) stays a power.
MOST_BITS = 4_000
# Prime factors above this are only found where the rest is itself a perfect power.
MOST_TRIAL = 10_000


class Radical(NamedTuple):
    """The number `outside * inside^(1/degree)`, with no root left to take from `inside`."""

    outside: Fraction
    inside: int
    degree: int


def integer_power(base: Fraction, exponent: int) -> Fraction | None:
    """The power, or None where it has no value or is too long to write out.

    >>> integer_power(Fraction(2, 3), -2)
    Fraction(9, 4)
    """
    if base == 0:
        return Fraction(0) if exponent > 0 else None
    length = max(abs(base.numerator).bit_length(), base.denominator.bit_length())
    if abs(base) != 1 and length * abs(exponent) > MOST_BITS:
        return None
    return base**exponent


def integer_root(number: int, index: int) -> int | None:
    """The exact root of a number that is not negative, or None where it is not a whole number.

    >>> integer_root(27, 3), integer_root(28, 3)
    (3, None)
    """
    if index == 2:
        root = isqrt(number)
    else:
        low, high = 0, 1 << (number.bit_length() // index + 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**index <= number else (low, middle - 1)
        root = low
    return root if root**index == number else None


def rational_power(base: Fraction, exponent: Fraction) -> Radical | None:
    """The real power in lowest terms with the root out of the denominator, or None without a value.

    A negative base has a real root where the exponent's denominator is odd.

    >>> rational_power(Fraction(3, 2), Fraction(1, 2))
    Radical(outside=Fraction(1, 2), inside=6, degree=2)
    """
    index = exponent.denominator
    sign = 1
    if base < 0:
        if index % 2 == 0:
            return None
        sign = -1 if exponent.numerator % 2 else 1
    whole, over = divmod(exponent.numerator, index)
    powered = integer_power(abs(base), whole) if base else Fraction(0) if exponent > 0 else None
    top, bottom = abs(base.numerator), base.denominator
    if powered is None or index * max(top.bit_length(), bottom.bit_length()) > MOST_BITS:
        return None
    if not over:
        return Radical(sign * powered, 1, 1)
    outside, inside = _extract(top**over * bottom ** (index - over), index)
    return _lowest(Radical(sign * powered * Fraction(outside, bottom), inside, index))


def _extract(number: int, index: int) -> tuple[int, int]:
    """Outside and inside with outside^index * inside equal to the number."""
    if number == 0:
        return 0, 1
    outside, inside, rest, prime = 1, 1, number, 2
    while prime <= MOST_TRIAL and prime**index <= rest:
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        outside *= prime ** (count // index)
        inside *= prime ** (count % index)
        prime += 1 if prime == 2 else 2
    root = integer_root(rest, index)
    return (outside * root, inside) if root is not None else (outside, inside * rest)


def _lowest(radical: Radical) -> Radical:
    """The same with the smallest index: the fourth root of 4 is the square root of 2."""
    if radical.inside == 1:
        return Radical(radical.outside, 1, 1)
    for divisor in range(radical.degree, 1, -1):
        if radical.degree % divisor == 0:
            root = integer_root(radical.inside, divisor)
            if root is not None:
                return Radical(radical.outside, root, radical.degree // divisor)
    return radical


def terminating_decimal(value: Fraction, most_places: int = 15) -> str | None:
    """The decimal that equals the value exactly, or None where it is longer than allowed.

    >>> terminating_decimal(Fraction(12, 5)), terminating_decimal(Fraction(1, 3))
    ('2.4', None)
    """
    places, scale = 0, 1
    while value.denominator % 2 == 0 or value.denominator % 5 == 0 or places == 0:
        if scale % value.denominator == 0:
            break
        places += 1
        scale *= 10
        if places > most_places:
            return None
    if scale % value.denominator:
        return None
    shifted = abs(value.numerator) * (scale // value.denominator)
    if shifted.bit_length() > LONGEST_LITERAL:
        return None
    digits = str(shifted).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text
