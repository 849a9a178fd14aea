"""Gradient descent, step by step with exact numbers where they stay short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log10

from grader.calculus.evaluating import evaluate
from grader.calculus.exact_numbers import terminating_decimal
from grader.calculus.gradients import partials
from grader.calculus.literal_matrices import norm
from grader.calculus.simplifying import simplify
from grader.calculus.steps import Step
from grader.checking.bounding import Unclear, value_at
from grader.errors import GraderError
from grader.reading.tree import (
    LONGEST_LITERAL,
    ZERO,
    Tree,
    add,
    literal_value,
    matrix,
    multiply,
    neg,
    number,
    vector,
    walk,
)

MOST_STEPS = 1_000
# Numbers longer than this are carried on rounded to the digits below.
MOST_EXACT_DIGITS = 120
ROUNDED_DIGITS = 30
COLUMNS = ("x", "gradient", "norm", "value")


class DescentFailed(GraderError):
    """The descent cannot be carried out as asked."""


@dataclass(frozen=True, slots=True)
class Descent:
    """What is descended on, and how: x <- x - rate * v with v <- momentum * v + gradient."""

    function: Tree
    variables: tuple[str, ...]
    start: tuple[Tree, ...]
    rate: Tree
    steps: int
    momentum: Tree = ZERO


@dataclass(frozen=True, slots=True)
class Row:
    """One iterate with the gradient and the value there; `is_exact` unless something was rounded."""

    point: tuple[Tree, ...]
    gradient: tuple[Tree, ...]
    value: Tree
    is_exact: bool = True

    def cells(self, columns: Sequence[str]) -> tuple[Tree, ...]:
        """The cells of the row for the columns wanted."""
        length = norm(self.gradient) if "norm" in columns else ZERO
        parts = {"x": self.point, "gradient": self.gradient, "norm": (length,), "value": (self.value,)}
        return tuple(cell for column in columns for cell in parts[column])


def descend(descent: Descent) -> tuple[Row, ...]:
    """The start and every step after it."""
    _refuse_bad(descent)
    slopes = tuple(part.tree for part in partials(descent.function, descent.variables))
    point = tuple(simplify(entry) for entry in descent.start)
    velocity: tuple[Tree, ...] = (ZERO,) * len(point)
    rows: list[Row] = []
    is_exact = True
    for count in range(descent.steps + 1):
        row = _row(descent, slopes, point, is_exact)
        rows.append(row)
        is_exact = row.is_exact
        if count == descent.steps:
            break
        velocity = tuple(
            simplify(add(multiply(descent.momentum, old), new)) for old, new in zip(velocity, row.gradient, strict=True)
        )
        moved = [
            _short(simplify(add(old, neg(multiply(descent.rate, change)))), is_exact)
            for old, change in zip(point, velocity, strict=True)
        ]
        point = tuple(entry for entry, _ in moved)
        is_exact = is_exact and all(kept for _, kept in moved)
    return tuple(rows)


def _refuse_bad(descent: Descent) -> None:
    """Raise where sizes do not fit or there are too many steps."""
    if len(descent.start) != len(descent.variables):
        raise DescentFailed(f"The start has {len(descent.start)} coordinates for {len(descent.variables)} variables.")
    if not 0 <= descent.steps <= MOST_STEPS:
        raise DescentFailed(f"The number of steps lies between 0 and {MOST_STEPS}.")


def _row(descent: Descent, slopes: tuple[Tree, ...], point: tuple[Tree, ...], is_exact: bool) -> Row:
    """The gradient and the value at a point."""
    at = dict(zip(descent.variables, point, strict=True))
    slope = [_short(evaluate(part, at), is_exact) for part in slopes]
    value, kept = _short(evaluate(descent.function, at), is_exact)
    still_exact = is_exact and kept and all(exact for _, exact in slope)
    return Row(point, tuple(entry for entry, _ in slope), value, still_exact)


def _short(value: Tree, was_exact: bool) -> tuple[Tree, bool]:
    """The number as it is where it is short enough, else rounded; and whether it is as it was."""
    exact = literal_value(value)
    if exact is not None and _digits(exact) <= MOST_EXACT_DIGITS:
        return value, True
    if exact is None and was_exact and _is_short_constant(value):
        return value, True
    try:
        near = value_at(value, {}, ROUNDED_DIGITS)
    except Unclear as error:
        raise DescentFailed(f"The numbers of this descent can no longer be computed: {error}.") from None
    return _rounded(near.middle), False


def _digits(value: Fraction) -> int:
    """About how many digits it takes to write the fraction."""
    return (value.numerator.bit_length() + value.denominator.bit_length()) * 3 // 10


def _is_short_constant(value: Tree) -> bool:
    """Whether an irrational number is short enough to be carried on as it is written."""
    return sum(1 for _ in walk(value)) <= 12


def _rounded(value: Fraction) -> Tree:
    """The nearest decimal of so many significant digits."""
    if value == 0:
        return ZERO
    exponent = _length(abs(value.numerator)) - _length(value.denominator) - ROUNDED_DIGITS
    scale = Fraction(10) ** exponent
    near = round(value / scale) * scale
    decimal = terminating_decimal(abs(near), 2 * ROUNDED_DIGITS)
    tree = number(decimal) if decimal else number(abs(near))
    return neg(tree) if near < 0 else tree


def _length(value: int) -> int:
    """How many digits a whole number has; of one too long to be written out, about how many."""
    return len(str(value)) if value.bit_length() <= LONGEST_LITERAL else int(log10(value)) + 1


def table(rows: Sequence[Row], columns: Sequence[str]) -> Tree:
    """The rows as a matrix."""
    return matrix(tuple(row.cells(columns) for row in rows))


def steps_of(descent: Descent, rows: Sequence[Row]) -> tuple[Step, ...]:
    """One step a row: from the point before to the point after, with the gradient between."""
    return tuple(
        Step("descent-step", vector(*before.point), vector(*after.point), " ".join(descent.variables), (count,))
        for count, (before, after) in enumerate(pairwise(rows))
    )
