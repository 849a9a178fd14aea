"""Slopes from function values alone, at a precision at which they are as good as exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from grader.checking.bounding import NoValue, Unclear, value_at
from grader.checking.domain import Domain
from grader.reading.tree import Tree

Point = Mapping[str, Fraction]
DIGITS = 80
WIDTH = Fraction(1, 10**18)
# The error of a central difference is of the size of the square of its width.
TOLERANCE = Fraction(1, 10**20)
# Moves sample points off the kinks and poles that lie at simple numbers.
OFFSET = Fraction(1, 8191)


def value(tree: Tree, point: Mapping[str, Fraction | Tree]) -> Fraction | None:
    """The value to many digits, or None where there is none that can be computed."""
    try:
        return value_at(tree, point, DIGITS).middle
    except (NoValue, Unclear):
        return None


def slope(function: Tree, point: Point, direction: Point) -> Fraction | None:
    """The derivative along a direction by a central difference; None where there is none.

    At a kink the slopes to both sides differ and none is given.
    """
    ahead, here, behind = (value(function, moved(point, direction, count * WIDTH)) for count in (1, 0, -1))
    if ahead is None or here is None or behind is None:
        return None
    right, left = (ahead - here) / WIDTH, (here - behind) / WIDTH
    if abs(right - left) > Fraction(1, 10**6) * (1 + abs(right)):
        return None
    return (ahead - behind) / (2 * WIDTH)


def moved(point: Point, direction: Point, length: Fraction) -> dict[str, Fraction]:
    """The point some way along a direction."""
    return {name: at + length * direction.get(name, Fraction(0)) for name, at in point.items()}


def is_near(one: Fraction, other: Fraction, tolerance: Fraction = TOLERANCE) -> bool:
    """Whether two numbers agree, relative to their size where that is large."""
    return abs(one - other) <= tolerance * (1 + abs(one) + abs(other))


def generic_points(names: frozenset[str], domain: Domain) -> Iterator[dict[str, Fraction]]:
    """Sample points of the domain, a little off the simple numbers wherever the domain has room."""
    for point in domain.points(names):
        shifted = dict(point)
        for place, (name, at) in enumerate(point.items()):
            for offset in (OFFSET * (place + 1), -OFFSET * (place + 1)):
                if not domain.variable(name).integer and domain.variable(name).holds(at + offset):
                    shifted[name] = at + offset
                    break
        yield shifted
