"""Arithmetic on intervals with exact ends, rounded outwards: results hold every value there may be.

Ends are rationals, or none for infinite ones; whether an end belongs to the interval is kept, so that
`exp(x) + 1` is known to be above 1 and not only at least 1. An empty interval is None.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from itertools import product as pairs_of
from math import isqrt
from typing import NamedTuple

from grader.checking.sampling import Interval

EVERYTHING = Interval(None, None)
POSITIVE = Interval(Fraction(0), None)
NONNEGATIVE = Interval(Fraction(0), None, lower_closed=True)
# Longer ends are rounded outwards to this many bits, and given up beyond that size.
LONGEST_END = 400
KEPT_BITS = 200
LARGEST_END = 8_000


class End(NamedTuple):
    """One end; infinite where there is no value. `sign` says to which side."""

    value: Fraction | None
    closed: bool
    sign: int = 0


def exactly(value: Fraction | int) -> Interval:
    """The interval of one number."""
    exact = Fraction(value)
    return Interval(exact, exact, lower_closed=True, upper_closed=True)


def between(lower: Fraction | int, upper: Fraction | int, *, closed: bool = True) -> Interval:
    """The interval of two ends, both closed or both open."""
    return Interval(Fraction(lower), Fraction(upper), closed, closed)


def meet(first: Interval | None, second: Interval | None) -> Interval | None:
    """The part in both."""
    return None if first is None or second is None else first.meet(second)


def hull(parts: Iterable[Interval | None]) -> Interval | None:
    """The smallest interval around all parts that are not empty."""
    found = [part for part in parts if part is not None]
    return reduce(_around, found) if found else None


def _around(first: Interval, second: Interval) -> Interval:
    lowest = _outermost([_lower(first), _lower(second)], -1)
    highest = _outermost([_upper(first), _upper(second)], 1)
    return Interval(lowest.value, highest.value, lowest.closed, highest.closed)


def rounded(of: Interval) -> Interval:
    """The interval with ends that are not too long; it may only grow."""
    if not any(_is_long(end) for end in (of.lower, of.upper)):
        return of
    lower, upper = of.lower, of.upper
    lower_closed, upper_closed = of.lower_closed, of.upper_closed
    if lower is not None and _is_long(lower):
        lower, lower_closed = _shortened(lower, -1), False
    if upper is not None and _is_long(upper):
        upper, upper_closed = _shortened(upper, 1), False
    return Interval(lower, upper, lower_closed, upper_closed)


def _is_long(end: Fraction | None) -> bool:
    return end is not None and max(end.numerator.bit_length(), end.denominator.bit_length()) > LONGEST_END


def _shortened(end: Fraction, side: int) -> Fraction | None:
    """A number strictly beyond the end with few bits; None for infinity."""
    size = end.numerator.bit_length() - end.denominator.bit_length()
    if size > LARGEST_END:
        return None if (end > 0) == (side > 0) else Fraction(-side * 2**LARGEST_END)
    if size < -LARGEST_END:
        return Fraction(0) if (end > 0) != (side > 0) else Fraction(side, 1 << LARGEST_END)
    unit = Fraction(2) ** (size - KEPT_BITS)
    return (end // unit + (2 if side > 0 else -1)) * unit


def negative(of: Interval) -> Interval:
    """All values with their signs changed."""
    lower = None if of.upper is None else -of.upper
    upper = None if of.lower is None else -of.lower
    return Interval(lower, upper, of.upper_closed, of.lower_closed)


def add(first: Interval, second: Interval) -> Interval:
    """All sums."""
    lower = None if first.lower is None or second.lower is None else first.lower + second.lower
    upper = None if first.upper is None or second.upper is None else first.upper + second.upper
    lower_closed = first.lower_closed and second.lower_closed
    return Interval(lower, upper, lower_closed, first.upper_closed and second.upper_closed)


def multiply(first: Interval, second: Interval) -> Interval:
    """All products."""
    corners = [
        _corner(one, other) for one, other in pairs_of((_lower(first), _upper(first)), (_lower(second), _upper(second)))
    ]
    lowest, highest = _outermost(corners, -1), _outermost(corners, 1)
    return Interval(lowest.value, highest.value, lowest.closed, highest.closed)


def _lower(of: Interval) -> End:
    return End(of.lower, of.lower_closed, -1 if of.lower is None else 0)


def _upper(of: Interval) -> End:
    return End(of.upper, of.upper_closed, 1 if of.upper is None else 0)


def _corner(one: End, other: End) -> End:
    """The product of two ends; zero times infinity is the zero that it comes from."""
    zeros = [end for end in (one, other) if end.value == 0]
    if zeros:
        return End(Fraction(0), any(end.closed for end in zeros))
    if one.value is not None and other.value is not None:
        return End(one.value * other.value, one.closed and other.closed)
    signs = [end.sign if end.value is None else 1 if end.value > 0 else -1 for end in (one, other)]
    return End(None, False, signs[0] * signs[1])


def _outermost(ends: list[End], side: int) -> End:
    """The lowest or highest of the ends; of equal ones a closed one."""
    infinite = [end for end in ends if end.value is None and end.sign == side]
    if infinite:
        return infinite[0]
    finite = [end for end in ends if end.value is not None]
    return max(finite, key=lambda end: ((end.value or 0) * side, end.closed))


def inverse(of: Interval) -> Interval | None:
    """One over all values but zero."""
    if of.lower == of.upper == 0:
        return None
    is_positive = of.lower is not None and of.lower >= 0
    is_negative = of.upper is not None and of.upper <= 0
    if not (is_positive or is_negative):
        return EVERYTHING
    if is_negative:
        found = inverse(negative(of))
        return None if found is None else negative(found)
    lower = Fraction(0) if of.upper is None else 1 / of.upper
    upper = 1 / of.lower if of.lower else None
    return Interval(lower, upper, of.upper is not None and of.upper_closed, upper is not None and of.lower_closed)


def absolute(of: Interval) -> Interval:
    """All sizes."""
    if of.lower is not None and of.lower >= 0:
        return of
    if of.upper is not None and of.upper <= 0:
        return negative(of)
    highest = _outermost([_upper(of), _upper(negative(of))], 1)
    return Interval(Fraction(0), highest.value, True, highest.closed)


def whole_power(of: Interval, exponent: int) -> Interval | None:
    """All powers with a whole exponent; 0^0 is 1."""
    if exponent == 0:
        return exactly(1)
    if exponent < 0:
        found = whole_power(of, -exponent)
        return None if found is None else inverse(found)
    base = absolute(of) if exponent % 2 == 0 else of
    return Interval(
        _raised(base.lower, exponent, -1), _raised(base.upper, exponent, 1), base.lower_closed, base.upper_closed
    )


def _raised(end: Fraction | None, exponent: int, side: int) -> Fraction | None:
    """An end to a whole power; of one that would be too long a safe bound."""
    if end is None or end in {0, 1, -1}:
        return end if end is None or exponent % 2 else abs(end)
    bits = max(end.numerator.bit_length(), end.denominator.bit_length())
    if bits * exponent <= LARGEST_END:
        return end**exponent
    if (end > 0) == (side > 0):  # an upper end of a positive number may be too small to keep, never too low
        return Fraction(side) if abs(end) < 1 else None
    return Fraction(0) if abs(end) < 1 else Fraction(-side)


def root(of: Interval, degree: int) -> Interval | None:
    """All roots; of a negative number only those of odd degree."""
    base = of if degree % 2 else of.meet(NONNEGATIVE)
    if base is None:
        return None
    lower, is_exact = _rooted(base.lower, degree, -1)
    upper, is_exact_above = _rooted(base.upper, degree, 1)
    return Interval(lower, upper, base.lower_closed or not is_exact, base.upper_closed or not is_exact_above)


def _rooted(end: Fraction | None, degree: int, side: int) -> tuple[Fraction | None, bool]:
    """The root of an end, rounded outwards, and whether it is exact."""
    if end is None or end in {0, 1, -1}:
        return end, True
    if end < 0:
        found, is_exact = _rooted(-end, degree, -side)
        return (None if found is None else -found), is_exact
    scaled = (end.numerator << (KEPT_BITS * degree)) // end.denominator
    below = _whole_root(scaled, degree)
    found = Fraction(below, 1 << KEPT_BITS)
    if found**degree == end:
        return found, True
    simple = found.limit_denominator(10**6)
    if simple**degree == end:
        return simple, True
    return (found if side < 0 else Fraction(below + 1, 1 << KEPT_BITS)), False


def _whole_root(value: int, degree: int) -> int:
    """The largest whole number whose power is not above the value."""
    if degree == 2:
        return isqrt(value)
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low
