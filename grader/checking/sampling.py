"""Sample points: exact, always the same, and from every part of a domain.

Simple points come first, so that a counterexample can be checked by hand; then points of moderate
size in all sign patterns, near zero and near the ends, and large ones. Most are binary fractions
where the domain allows it, because ball arithmetic is exact on those.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import ceil, floor, prod
from typing import NamedTuple

Point = Mapping[str, Fraction]

SIMPLE: tuple[Fraction, ...] = tuple(
    Fraction(text) for text in ("2", "-1", "1/2", "3", "-2", "3/2", "5", "-1/2", "-3", "7", "1/4", "4", "-5/2")
)
# Two variables of one point take simple values this far apart, so that no two are equal.
STRIDE = 3
PARTS: tuple[Fraction, ...] = tuple(
    Fraction(text) for text in ("1/2", "1/4", "3/4", "1/8", "5/8", "3/8", "7/8", "1/16", "15/16", "5/16", "11/16")
)
MODERATE, SMALL, TINY, LARGE, MIXED = 16, 6, 2, 6, 6
# Denominators of points of moderate size; with powers of two alone, sin(2^20 pi x) would look like zero.
SCALES = (64, 97, 64, 1009, 10007)
LARGEST_INTEGERS = (12, 60)
MOST_GRID_POINTS = 144


class Interval(NamedTuple):
    """An interval with exact ends; None is an infinite end."""

    lower: Fraction | None
    upper: Fraction | None
    lower_closed: bool = False
    upper_closed: bool = False

    def holds(self, value: Fraction) -> bool:
        """Whether the value lies in the interval."""
        above = self.lower is None or value > self.lower or (self.lower_closed and value == self.lower)
        below = self.upper is None or value < self.upper or (self.upper_closed and value == self.upper)
        return above and below

    def meet(self, other: Interval) -> Interval | None:
        """The part in both, or None if there is none."""
        lower, lower_closed = self.lower, self.lower_closed
        if other.lower is not None and (lower is None or other.lower >= lower):
            lower_closed = other.lower_closed and (lower != other.lower or lower_closed)
            lower = other.lower
        upper, upper_closed = self.upper, self.upper_closed
        if other.upper is not None and (upper is None or other.upper <= upper):
            upper_closed = other.upper_closed and (upper != other.upper or upper_closed)
            upper = other.upper
        found = Interval(lower, upper, lower_closed, upper_closed)
        return None if found.is_empty() else found

    def is_empty(self) -> bool:
        """Whether no number lies in the interval."""
        if self.lower is None or self.upper is None:
            return False
        is_closed = self.lower_closed and self.upper_closed
        return self.lower > self.upper or (self.lower == self.upper and not is_closed)

    def inside(self, part: Fraction) -> Fraction:
        """A point inside, `part` of the way from one end to the other, or beyond the one end there is."""
        if self.lower is not None and self.upper is not None:
            return self.lower + (self.upper - self.lower) * part
        beyond = 1 / part - 1
        if self.lower is not None:
            return self.lower + beyond
        if self.upper is not None:
            return self.upper - beyond
        return beyond

    def integers(self, count: int) -> Iterator[Fraction]:
        """The first few whole numbers of the interval, outwards from the end nearest to zero."""
        if self.lower is None and self.upper is None:
            start, step = 0, 1
        elif self.lower is not None:
            start, step = ceil(self.lower), 1
            start += self.lower == start and not self.lower_closed
        else:
            start, step = floor(self.upper or 0), -1
            start -= self.upper == start and not self.upper_closed
        for index in range(count):
            value = Fraction(start + step * index)
            if not self.holds(value):
                return
            yield value


@dataclass(frozen=True, slots=True)
class VariableDomain:
    """Where one variable lies: a union of intervals, or their whole numbers, or a matrix of a shape."""

    intervals: tuple[Interval, ...] = (Interval(None, None),)
    integer: bool = False
    shape: tuple[int | str, ...] | None = None
    assumptions: frozenset[str] = frozenset()

    def holds(self, value: Fraction) -> bool:
        """Whether the variable may have this value."""
        if self.integer and value.denominator != 1:
            return False
        return any(interval.holds(value) for interval in self.intervals)

    def short_range(self) -> tuple[Fraction, ...]:
        """All values of a whole number from a short range; none where there are many or infinitely many."""
        is_finite = self.integer and all(one.lower is not None and one.upper is not None for one in self.intervals)
        if not is_finite:
            return ()
        values = [value for one in self.intervals for value in one.integers(MOST_GRID_POINTS + 1)]
        return tuple(values) if len(values) <= MOST_GRID_POINTS else ()


@lru_cache(maxsize=1024)
def simple_points(names: tuple[str, ...], variables: tuple[VariableDomain, ...]) -> tuple[Point, ...]:
    """The first of the sample points, those that are easy to compute with."""
    simple = [_simple_values(variable) for variable in variables]
    return _distinct(
        {
            name: values[(index + STRIDE * place) % len(values)]
            for place, (name, values) in enumerate(zip(names, simple, strict=True))
        }
        for index in range(max((len(values) for values in simple), default=1))
    )


@lru_cache(maxsize=1024)
def sample(names: tuple[str, ...], variables: tuple[VariableDomain, ...]) -> tuple[Point, ...]:
    """The sample points of these variables; one empty point where there is no variable."""
    points = list(simple_points(names, variables))
    if not names:
        return tuple(points)
    draw = random.Random(zlib.crc32(" ".join(names).encode()))
    sizes = ["moderate"] * MODERATE + ["small"] * SMALL + ["tiny"] * TINY + ["large"] * LARGE + ["mixed"] * MIXED
    for index, size in enumerate(sizes):
        point = {}
        for place, (name, variable) in enumerate(zip(names, variables, strict=True)):
            sign = -1 if index >> (place % 4) & 1 else 1
            own = draw.choice(("moderate", "small", "large")) if size == "mixed" else size
            point[name] = _drawn(variable, sign, own, draw)
        points.append(point)
    points += _whole_grid(names, variables)
    return _distinct(points)


def _distinct(points: Iterable[Point]) -> tuple[Point, ...]:
    """Every point once, in order."""
    return tuple({tuple(point.values()): point for point in points}.values())


def _whole_grid(names: tuple[str, ...], variables: tuple[VariableDomain, ...]) -> list[dict[str, Fraction]]:
    """Every point there is, where all variables are whole numbers from short ranges."""
    ranges = [variable.short_range() for variable in variables]
    if prod(len(values) for values in ranges) > MOST_GRID_POINTS:
        return []
    return [dict(zip(names, values, strict=True)) for values in product(*ranges)]


@lru_cache(maxsize=256)
def _simple_values(variable: VariableDomain) -> tuple[Fraction, ...]:
    """Values that are easy to compute with, as many as `SIMPLE` has unless there are fewer."""
    values = [value for value in SIMPLE if variable.holds(value)]
    if variable.integer:
        values += [value for interval in variable.intervals for value in interval.integers(len(SIMPLE))]
    elif len(values) < len(SIMPLE):
        values += [interval.inside(part) for part in PARTS for interval in variable.intervals]
    return tuple(dict.fromkeys(value for value in values if variable.holds(value)))[: len(SIMPLE)]


def _drawn(variable: VariableDomain, sign: int, size: str, draw: random.Random) -> Fraction:
    """A value of about this size with this sign, or as near to that as the domain allows."""
    if variable.integer:
        return _drawn_integer(variable, sign, size, draw)
    if size == "moderate":
        scale = draw.choice(SCALES)
        value = Fraction(draw.randint(scale // 9, 6 * scale), scale)
    elif size == "tiny":
        value = Fraction(draw.randint(65, 127), 2 ** draw.randint(40, 60))
    elif size == "small":
        value = Fraction(draw.randint(65, 127), 2 ** draw.randint(16, 27))
    else:
        value = Fraction(draw.randint(65, 127) * 2 ** draw.randint(4, 13))
    for candidate in (sign * value, -sign * value):
        if variable.holds(candidate):
            return candidate
    interval = draw.choice(variable.intervals)
    part = Fraction(draw.randint(1, 255), 256)
    if size in {"small", "tiny"}:
        part /= 2**10 if size == "small" else 2**40
    elif size == "large":
        part = 1 - part / 2**10
    return interval.inside(part)


def _drawn_integer(variable: VariableDomain, sign: int, size: str, draw: random.Random) -> Fraction:
    """A whole number of the domain."""
    bound = LARGEST_INTEGERS[size == "large"]
    value = Fraction(sign * draw.randint(0, bound))
    for candidate in (value, -value):
        if variable.holds(candidate):
            return candidate
    choices = [value for interval in variable.intervals for value in interval.integers(bound)]
    return draw.choice(choices)
