"""Slopes from function values alone, at a precision at which they are as good as exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from grader.checking.bounding import Evaluator, NoValue, Unclear, program_of, value_at
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.reading.tree import Tree

Point = Mapping[str, Fraction]
DIGITS = 80
BITS = 270  # of so many digits
SPARE_BITS = 48
LARGEST_SCALE = 10_000
WIDTH = Fraction(1, 10**18)
# The error of a central difference is of the size of the square of its width.
TOLERANCE = Fraction(1, 10**20)
# Moves sample points off the kinks and poles that lie at simple numbers.
OFFSET = Fraction(1, 8191)


def value(tree: Tree, point: Mapping[str, Fraction | Tree]) -> Fraction | None:
    """The value to many digits, or None where there is none that can be computed."""
    exact: dict[str, Fraction] = {name: at for name, at in point.items() if not isinstance(at, Tree)}
    try:
        if len(exact) < len(point):
            return value_at(tree, point, DIGITS).middle
        prepared = _prepared(tree)
        found = prepared.at_once(exact) if exact else None
        return prepared.evaluator.value_at(exact, DIGITS).middle if found is None else found
    except (NoValue, Unclear):
        return None


class _Prepared:
    """A function that is evaluated at points around points."""

    def __init__(self, tree: Tree) -> None:
        self.evaluator = Evaluator(tree)
        numbering = Numbering()
        self._root = numbering.of(tree)
        self._program = program_of(numbering)

    def at_once(self, point: Point) -> Fraction | None:
        """The value where balls of one size give it to enough digits: sooner than exact fractions do."""
        try:
            found = self._program.at(point, BITS + SPARE_BITS).value(self._root)
        except Unclear:
            return None
        if found.rel_accuracy_bits() < BITS:
            return None
        mantissa, scale = map(int, found.mid().man_exp())
        if abs(scale) > LARGEST_SCALE:
            return None
        return Fraction(mantissa << scale) if scale >= 0 else Fraction(mantissa, 1 << -scale)


@lru_cache(maxsize=64)
def _prepared(tree: Tree) -> _Prepared:
    return _Prepared(tree)


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
