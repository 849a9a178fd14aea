"""An answer taken apart: the scalars in it, what holds them, and their values at a few fixed points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from grader.answers.grids import grid_of
from grader.answers.literals import evaluate
from grader.answers.scalars import scalar_of
from grader.answers.tolerance import decimal_unit
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, certified, program_of
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.errors import GraderError
from grader.reading.tree import Tree, literal_value, names_in

POINTS = 4
FIRST = 1
"""The very first point of a domain is so simple that many expressions share their values there."""
BITS = 64
CLOSE = 1e-9
LEAST_DIGITS = 3
HOLDERS = frozenset({"set", "list", "interval", "relation", "and", "or", "union"})
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of an answer; `slack` is how far a typed decimal may be off."""

    tree: Tree
    values: Values
    slack: float = 0.0

    @property
    def is_number(self) -> bool:
        """Whether it is the same everywhere."""
        return not names_in(self.tree)

    @property
    def value(self) -> float | None:
        """The value at the first point, which is the value of a number."""
        return self.values[0] if self.values else None

    def agrees(self, values: Values) -> bool:
        """Whether these may be the values of this leaf."""
        return len(values) == len(self.values) and all(
            (mine is None) == (theirs is None) and (mine is None or theirs is None or self._near(mine, theirs))
            for mine, theirs in zip(self.values, values, strict=True)
        )

    def _near(self, mine: float, theirs: float) -> bool:
        return abs(mine - theirs) <= max(self.slack, CLOSE * max(abs(mine), abs(theirs)))


@dataclass(frozen=True, slots=True)
class Leaves:
    """The scalars of an answer in their order, and the `frame` that holds them, the same for answers alike."""

    frame: tuple[object, ...]
    leaves: tuple[Leaf, ...]
    columns: int = 1


def points_of(domain: Domain, names: Sequence[str]) -> tuple[Mapping[str, Fraction], ...]:
    """The few points at which answers in these variables are compared."""
    if not names:
        return ({},)
    points = domain.points(names)
    return points[FIRST : FIRST + POINTS] or points


def leaves_of(tree: Tree, points: Sequence[Mapping[str, Fraction]]) -> Leaves:
    """The answer taken apart."""
    try:
        tree = scalar_of(evaluate(tree))
    except GraderError:
        return Leaves(("whole",), (Leaf(tree, ()),))
    grid = grid_of(tree)
    if grid is not None:
        rows, columns = grid.shape
        found = tuple(leaf_of(entry, points) for entry in grid.entries)
        frame = ("vector", len(found)) if grid.is_vector else ("matrix", rows, columns)
        return Leaves(frame, found, 1 if grid.is_vector else columns)
    frame_parts: list[object] = []
    scalars: list[Tree] = []
    _unfold(tree, frame_parts, scalars)
    found = tuple(leaf_of(scalar, points) for scalar in scalars)
    if tree.kind == "set" and all(leaf.is_number and leaf.value is not None for leaf in found):
        found = tuple(sorted(found, key=lambda leaf: leaf.value or 0.0))
    return Leaves(tuple(frame_parts), found)


def leaf_of(tree: Tree, points: Sequence[Mapping[str, Fraction]]) -> Leaf:
    """A scalar with its values."""
    unit, typed = decimal_unit(tree), literal_value(tree)
    is_rounded = unit is not None and typed is not None and abs(typed) >= unit * 10 ** (LEAST_DIGITS - 1)
    slack = float(unit) * 0.5000001 if is_rounded and unit is not None and unit < 1 else 0.0
    return Leaf(tree, values_at(tree, points), slack)


def values_at(tree: Tree, points: Sequence[Mapping[str, Fraction]]) -> Values:
    """The values of a scalar at the points; None where it has none, or none that is found quickly."""
    numbering = Numbering()
    try:
        root = numbering.of(tree)
    except GraderError:
        return tuple(None for _ in points)
    program = program_of(numbering)
    found: list[float | None] = []
    for point in points:
        try:
            value = float(certified(program.at(point, BITS).value(root)))
        except (NoValue, Unclear, NotScalar, MissingName):
            found.append(None)
        else:
            found.append(value if isfinite(value) else None)
    return tuple(found)


def _unfold(tree: Tree, frame: list[object], scalars: list[Tree]) -> None:
    """Note what holds what, and the scalars in their order."""
    if tree.kind not in HOLDERS:
        frame.append("scalar")
        scalars.append(tree)
        return
    frame.append((tree.kind, tree.value, len(tree.args)))
    for member in tree.args:
        _unfold(member, frame, scalars)
