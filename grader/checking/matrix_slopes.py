"""Derivatives of expressions over matrices by central differences, so narrow that they are as good as exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from flint import arb, fmpq, fmpq_mat

from grader.checking.balls import NoValue, Unclear, set_precision
from grader.checking.matrix_equality import Comparer, point_words
from grader.checking.matrix_terms import Term
from grader.checking.matrix_values import BALLS, EXACT, PRECISION, Draw, Field, NotExact, Value, value_of

WIDTH = Fraction(1, 10**18)
# The error of a central difference is of the size of the square of its width.
TOLERANCE = fmpq(1, 10**20)
DRAWS = 6
STRIDE = 3  # so that few draws have several sizes


class WrongShape(Exception):
    """The key has not the shape of the derivative; `wanted` and `found` are rows and columns."""

    def __init__(self, wanted: tuple[int, int], found: tuple[int, int], draw: Draw) -> None:
        """Keep both shapes and the sizes at which they were seen."""
        super().__init__(f"{found[0]} x {found[1]} where {wanted[0]} x {wanted[1]} is due")
        self.wanted, self.found, self.draw = wanted, found, draw


@dataclass(frozen=True, slots=True)
class Slip:
    """An entry in which the key is not the derivative, at one draw."""

    point: tuple[tuple[str, str], ...]
    place: tuple[int, int]
    found: str
    wanted: str


def first_slip(function: Term, by: str, key: Term, comparer: Comparer) -> tuple[Slip | None, int]:
    """The first entry that is wrong, and at how many draws the two were compared; raises WrongShape."""
    try:
        return _first_slip(function, by, key, comparer, EXACT)
    except NotExact:
        set_precision(PRECISION)
        return _first_slip(function, by, key, comparer, BALLS)


def _first_slip(function: Term, by: str, key: Term, comparer: Comparer, taken: Field) -> tuple[Slip | None, int]:
    compared = 0
    for draw in islice(comparer.draws((function, key), taken), 0, DRAWS * STRIDE, STRIDE):
        try:
            wanted, found = derivative(function, by, draw, taken), value_of(key, draw, taken)
        except (NoValue, Unclear):
            continue
        slip = _compared(wanted, _turned(found, wanted, draw, by), draw)
        if slip is not None:
            return slip, compared
        compared += 1
    return None, compared


def derivative(function: Term, by: str, draw: Draw, taken: Field) -> Value:
    """For a number the derivative by each entry, in their places; for a column its Jacobian."""
    at = draw.values[by]
    columns = [_slope(function, by, place, draw, taken) for place in range(at.nrows() * at.ncols())]
    if columns[0].nrows() == columns[0].ncols() == 1:
        return taken.matrix(at.nrows(), at.ncols(), [column[0, 0] for column in columns])
    if columns[0].ncols() != 1 or at.ncols() != 1:
        raise WrongShape((columns[0].nrows(), 1), (columns[0].nrows(), columns[0].ncols()), draw)
    rows = columns[0].nrows()
    return taken.matrix(rows, len(columns), [column[row, 0] for row in range(rows) for column in columns])


def _slope(function: Term, by: str, place: int, draw: Draw, taken: Field) -> Value:
    ahead, behind = (value_of(function, _moved(draw, by, place, step), taken) for step in (WIDTH, -WIDTH))
    return (ahead - behind) * taken.number(1 / (2 * WIDTH))


def _moved(draw: Draw, by: str, place: int, step: Fraction) -> Draw:
    value = draw.values[by]
    entries = value.entries()
    entries[place] += fmpq(step.numerator, step.denominator)
    return replace(draw, values={**draw.values, by: fmpq_mat(value.nrows(), value.ncols(), entries)})


def _turned(found: Value, wanted: Value, draw: Draw, by: str) -> Value:
    """The key in the places of the derivative: the gradient by a column may be written as a row."""
    shapes = (wanted.nrows(), wanted.ncols()), (found.nrows(), found.ncols())
    if shapes[0] == shapes[1]:
        return found
    if shapes[0] == shapes[1][::-1] and draw.values[by].ncols() == 1 and 1 in shapes[0]:
        return found.transpose()
    raise WrongShape(*shapes, draw)


def _compared(wanted: Value, found: Value, draw: Draw) -> Slip | None:
    for place, (theirs, mine) in enumerate(_pairs(wanted, found)):
        if abs(mine - theirs) > TOLERANCE * (1 + abs(mine) + abs(theirs)):
            row, column = divmod(place, wanted.ncols())
            return Slip(point_words(draw), (row + 1, column + 1), _text(mine), _text(theirs))
    return None


def _pairs(wanted: Value, found: Value) -> Iterator[tuple[Value, Value]]:
    return zip(wanted.entries(), found.entries(), strict=True)


def _text(value: Value) -> str:
    return f"{float(value.mid() if isinstance(value, arb) else Fraction(int(value.p), int(value.q))):.12g}"
