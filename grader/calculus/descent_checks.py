"""A descent checked by its recurrence with slopes from function values alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from grader.calculus.descent import Descent
from grader.calculus.finite_differences import slope, value
from grader.calculus.second_routes import KeyCheckFailed, refuse_far
from grader.reading.tree import Tree

SCALE = 10**60
# Rounded keys carry thirty digits.
TOLERANCE = Fraction(1, 10**15)


def check_descent(
    descent: Descent, cells: Sequence[tuple[Tree, ...]], columns: Sequence[str], *, start_row: bool, last: bool
) -> None:
    """Compare every cell of a table, or the last point, with the recurrence."""
    rows = _rows(descent, columns)
    wanted = rows[-1:] if last else rows if start_row else rows[1:]
    if [len(row) for row in wanted] != [len(row) for row in cells]:
        raise KeyCheckFailed("recurrence", "The key has not as many rows and columns as the descent.")
    for count, (row, keys) in enumerate(zip(wanted, cells, strict=True)):
        for number, key in zip(row, keys, strict=True):
            found = value(key, {})
            if found is None:
                raise KeyCheckFailed("recurrence", f"A cell in row {count + 1} has no value.")
            refuse_far(found, number, {"row": Fraction(count + 1)}, "recurrence", TOLERANCE)


def _rows(descent: Descent, columns: Sequence[str]) -> list[tuple[Fraction, ...]]:
    """All rows, the start first."""
    point = [_number(entry) for entry in descent.start]
    rate, momentum = _number(descent.rate), _number(descent.momentum)
    velocity = [Fraction(0)] * len(point)
    rows = []
    for _ in range(descent.steps + 1):
        slopes = _slopes(descent, point)
        rows.append(_cells(descent, point, slopes, columns))
        velocity = [momentum * old + new for old, new in zip(velocity, slopes, strict=True)]
        point = [_cut(at - rate * change) for at, change in zip(point, velocity, strict=True)]
    return rows


def _slopes(descent: Descent, point: Sequence[Fraction]) -> list[Fraction]:
    """The gradient by finite differences."""
    at = dict(zip(descent.variables, point, strict=True))
    found = [slope(descent.function, at, {variable: Fraction(1)}) for variable in descent.variables]
    known = [part for part in found if part is not None]
    if len(known) != len(found):
        raise KeyCheckFailed("recurrence", "The descent meets a point at which there is no gradient.")
    return known


def _cells(
    descent: Descent, point: Sequence[Fraction], slopes: Sequence[Fraction], columns: Sequence[str]
) -> tuple[Fraction, ...]:
    """The cells of one row."""
    length = _root(sum((part * part for part in slopes), Fraction(0)))
    height = value(descent.function, dict(zip(descent.variables, point, strict=True)))
    if height is None:
        raise KeyCheckFailed("recurrence", "The descent meets a point at which the function has no value.")
    parts = {"x": tuple(point), "gradient": tuple(slopes), "norm": (length,), "value": (height,)}
    return tuple(cell for column in columns for cell in parts[column])


def _root(square: Fraction) -> Fraction:
    """The square root to many digits."""
    return value(Tree("call", (Tree("name", (), "s"),), "sqrt"), {"s": square}) or Fraction(0)


def _number(tree: Tree) -> Fraction:
    """The value of a start or rate."""
    found = value(tree, {})
    if found is None:
        raise KeyCheckFailed("recurrence", "The start and the rate of a descent are numbers.")
    return found


def _cut(number: Fraction) -> Fraction:
    """The number to sixty decimals, so that it stays short."""
    return Fraction(round(number * SCALE), SCALE)
