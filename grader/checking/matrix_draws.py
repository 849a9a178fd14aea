"""Draws of matrices: always the same, of several sizes, and true to what is known of each matrix.

Distinct letters get distinct sizes, so that swapped factors and lost transposes show. The first
draws hold small whole numbers, to be checked by hand; the later ones large ones, at which two
different rational expressions agree only by a negligible chance, and very small and very large
fractions, beyond the bounds at which functions such as min and floor change.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import fmpq, fmpq_mat

from grader.checking.matrix_values import Draw
from grader.checking.sampling import Interval, VariableDomain
from grader.checking.shapes import Shape, Size, known

SIZES = (2, 3, 4, 5, 6)
FEW_LETTERS = 3
TRIES = 20
STEPS = 16
GENERIC = 100


class Style(NamedTuple):
    """How entries without bounds are drawn: from -largest to largest in steps, of which signs."""

    largest: int
    denominator: int = 1
    signs: tuple[int, ...] = (-1, 1)
    is_wide: bool = False


SMALL = Style(4)
EXACT_STYLES = (SMALL, Style(1000), Style(9, signs=(1,)), Style(10**6))
BALL_STYLES = (Style(24, 8), Style(24, 8, (1,)), Style(24, 8, (-1,)), Style(12, 8))
# Denominators that are no powers of two: at multiples of 1/8 even sin(8 pi x) is zero.
FRACTIONS = Style(10**4, 97)
TINY = Style(63, 65537, is_wide=True)
FAR = Style(10**6, 1009, is_wide=True)
# What further draws look at at the second and the third assignment of sizes.
WIDE_STYLES = ((), (FAR, TINY), (FRACTIONS, TINY._replace(signs=(1,)), FAR._replace(signs=(1,))))
# Positive definite matrices are scaled, so that their determinants lie on both sides of one.
SCALES = (fmpq(1), fmpq(1, 97), fmpq(5, 2), fmpq(1, 7), fmpq(1), fmpq(1, 1009))


def sizes_of(letters: Sequence[str], taken: frozenset[int]) -> Iterator[dict[str, int]]:
    """Assignments of sizes to letters, in several orders; sizes that the problem states are avoided."""
    if not letters:
        yield {}
        return
    free = [size for size in SIZES if size not in taken] or list(SIZES)
    most = free if len(letters) > FEW_LETTERS else free[: max(len(letters) + 1, 3)]
    for turn, backwards in ((0, False), (0, True), (1, False), (1, True), (2, False)):
        order = [most[(turn + place) % len(most)] for place in range(len(letters))]
        yield dict(zip(letters, order[::-1] if backwards else order, strict=True))


class Drawer:
    """Draws values for the names of one problem."""

    def __init__(
        self, variables: Mapping[str, VariableDomain], shapes: Mapping[str, Shape], names: Sequence[str]
    ) -> None:
        self.variables = variables
        self.shapes = shapes
        self.names = names

    def draw(self, sizes: Mapping[str, int], style: Style, seed: int) -> Draw:
        """One draw; the same for the same arguments."""
        values = {}
        for name in self.names:
            source = random.Random(f"{seed}:{name}:{sorted(sizes.items())}")
            values[name] = self._value(name, sizes, style, source)
        is_generic = style.largest > GENERIC or style.denominator > 1
        return Draw(sizes, values, is_generic, style.is_wide)

    def _value(self, name: str, sizes: Mapping[str, int], style: Style, source: random.Random) -> fmpq_mat:
        variable = self.variables.get(name, VariableDomain())
        shape = known(self.shapes[name]) if name in self.shapes else None
        rows, columns = (size.value(sizes) for size in shape or (Size(), Size()))
        for _ in range(TRIES):
            entries = [_entry(variable, style, source) for _ in range(rows * columns)]
            value = _shaped(fmpq_mat(rows, columns, entries), variable.assumptions, source)
            if rows != columns or "invertible" not in variable.assumptions or value.det() != 0:
                return value
        return value


def _entry(variable: VariableDomain, style: Style, source: random.Random) -> fmpq:
    """One entry in the domain."""
    bounds = variable.intervals[source.randrange(len(variable.intervals))]
    if variable.integer:
        return fmpq(_whole(bounds, source))
    if bounds.lower is None and bounds.upper is None:
        size = Fraction(source.randint(1, style.largest), style.denominator) * source.choice(style.signs)
    else:
        size = _inside(bounds, style, source)
    return fmpq(size.numerator, size.denominator)


def _whole(bounds: Interval, source: random.Random) -> int:
    """A small whole number of the interval: such variables stand in exponents."""
    if bounds.lower is None and bounds.upper is None:
        return source.randint(-4, 5)
    return int(source.choice(list(bounds.integers(6))))


def _inside(bounds: Interval, style: Style, source: random.Random) -> Fraction:
    """A number inside an interval with at least one end."""
    part = Fraction(source.randint(1, STEPS * style.largest), STEPS * style.largest + 1)
    if bounds.lower is None:
        return (bounds.upper or Fraction(0)) - part * style.largest / style.denominator
    if bounds.upper is None:
        return bounds.lower + part * style.largest / style.denominator
    return bounds.lower + part * (bounds.upper - bounds.lower)


def _shaped(value: fmpq_mat, assumptions: frozenset[str], source: random.Random) -> fmpq_mat:
    """A matrix with what is assumed of it, made from a random one."""
    size = value.nrows()
    identity = _identity(size)
    if "diagonal" in assumptions:
        return _diagonal(value, assumptions)
    if "orthogonal" in assumptions:
        if "positive_definite" in assumptions:
            return identity
        return _orthogonal(value, source, is_symmetric="symmetric" in assumptions)
    if "positive_definite" in assumptions:
        return (value * value.transpose() + identity) * source.choice(SCALES)
    return _mirrored(value) if "symmetric" in assumptions else value


def _orthogonal(value: fmpq_mat, source: random.Random, *, is_symmetric: bool) -> fmpq_mat:
    """Cayley's rotation with some columns turned over; or, symmetric, reflections along some of them."""
    size = value.nrows()
    identity, skew = _identity(size), value - value.transpose()
    rotation = (identity + skew) * (identity - skew).inv()
    signs = [source.choice((-1, 1)) for _ in range(size)]
    if is_symmetric and size > 1 and len(set(signs)) == 1:
        signs[0] = -signs[0]  # the identity and its opposite are special
    turned = rotation * fmpq_mat(size, size, [signs[i] * int(i == j) for i in range(size) for j in range(size)])
    return turned * rotation.transpose() if is_symmetric else turned


def _mirrored(value: fmpq_mat) -> fmpq_mat:
    """The entries above the diagonal, also below it: so they stay in their domain."""
    size = value.nrows()
    return fmpq_mat(size, size, [value[min(i, j), max(i, j)] for i in range(size) for j in range(size)])


def _identity(size: int) -> fmpq_mat:
    return fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


def _diagonal(value: fmpq_mat, assumptions: frozenset[str]) -> fmpq_mat:
    size = value.nrows()
    entries = [value[i, i] for i in range(size)]
    if "orthogonal" in assumptions:
        entries = [fmpq(1 if entry > 0 else -1) for entry in entries]
    if "positive_definite" in assumptions:
        entries = [abs(entry) for entry in entries]
    return fmpq_mat(size, size, [entries[i] if i == j else 0 for i in range(size) for j in range(size)])
