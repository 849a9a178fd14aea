"""Points where what a tree switches on, or must not fall below, is largest and smallest.

A window such as `relu(sin(x) - 0.99999)` lies between all sample points and has no breakpoint that can
be written down; but it lies where sin(x) is largest, and that is found by looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from grader.checking.agreeing import Comparison
from grader.checking.balls import NoValue, Unclear
from grader.checking.breakpoints import names_below, switches_of
from grader.checking.sampling import Point

MOST_POINTS = 40
MOST_SWITCHES = 8
MOST_TURNS = 6
STEPS = 60
# A range of ordinary size, walked in steps that fit no period.
RANGE = [Fraction(index * 37, 197) for index in range(-44, 45)]
GOLDEN = 0.6180339887498949
LARGEST_DENOMINATOR = 1000
LARGEST_PLACE = 10**300


def at_extremes(comparison: Comparison) -> list[Point]:
    """Sample points at the extremes of every switch, radicand and exponent, along one variable at a time."""
    return list(islice(_points(comparison), MOST_POINTS))


def _points(comparison: Comparison) -> Iterator[Point]:
    nodes = comparison.nodes
    exponents = [node.args[0] for node in nodes if node.kind == "exp"]
    wanted = list(dict.fromkeys([*switches_of(comparison), *exponents]))[:MOST_SWITCHES]
    bases = comparison.domain.points(comparison.names)[:1]
    for switch in wanted:
        for name in names_below(comparison, switch)[:2]:
            if not comparison.domain.variable(name).integer:
                for base in bases:
                    yield from _along(comparison, switch, name, base)


def _along(comparison: Comparison, switch: int, name: str, base: Point) -> Iterator[Point]:
    variable = comparison.domain.variable(name)
    places = sorted({*RANGE, *(point[name] for point in comparison.domain.points(comparison.names))})
    # A place beyond the range of floats is not walked to.
    walked = [(float(place), place) for place in places if abs(place) < LARGEST_PLACE and variable.holds(place)]
    heights = [_height(comparison, switch, {**base, name: place}) for _, place in walked]
    turns = 0
    for index in range(1, len(walked) - 1):
        low, middle, high = heights[index - 1 : index + 2]
        if low is None or middle is None or high is None or turns >= MOST_TURNS:
            continue
        sign = 1 if middle >= low and middle > high else -1 if middle <= low and middle < high else 0
        if sign:
            turns += 1
            found = _climb(comparison, switch, name, base, (walked[index - 1][0], walked[index + 1][0], sign))
            for value in (Fraction(found), Fraction(found).limit_denominator(LARGEST_DENOMINATOR)):
                if variable.holds(value):
                    yield {**base, name: value}


def _climb(comparison: Comparison, switch: int, name: str, base: Point, walk: tuple[float, float, int]) -> float:
    """Golden-section search for the extreme between two places."""
    low, high, sign = walk

    def height(place: float) -> float:
        found = _height(comparison, switch, {**base, name: Fraction(place)})
        return float("-inf") if found is None else sign * found

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = height(left), height(right)
    for _ in range(STEPS):
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = height(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = height(right)
    return left if at_left >= at_right else right


def _height(comparison: Comparison, switch: int, point: Point) -> float | None:
    try:
        return float(comparison.program.at(point).value(switch).mid())
    except (NoValue, Unclear, OverflowError):
        return None
