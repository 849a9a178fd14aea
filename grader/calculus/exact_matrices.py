"""Determinants, inverses and linear systems with exact entries."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from grader.calculus.simplifying import simplify
from grader.errors import GraderError
from grader.reading.tree import ONE, Tree, add, divide, literal_value, multiply, neg, number

Rows = tuple[tuple[Tree, ...], ...]
Numbers = tuple[tuple[Fraction, ...], ...]
# Entries with letters are expanded by minors, whose number grows with the factorial.
MOST_SYMBOLIC = 4
MOST_ROWS = 12


class SingularMatrix(GraderError):
    """The matrix has no inverse."""

    def __str__(self) -> str:
        """The sentence for the author."""
        return "The determinant of this matrix is zero, so it has no inverse."


class MatrixTooLarge(GraderError):
    """More rows than can be handled exactly."""


def numbers_of(rows: Rows) -> Numbers | None:
    """The entries as fractions, or None where one is no rational number."""
    values = tuple(tuple(literal_value(entry) for entry in row) for row in rows)
    exact = tuple(tuple(value for value in row if value is not None) for row in values)
    return exact if all(len(row) == len(full) for row, full in zip(exact, rows, strict=True)) else None


def determinant(rows: Rows) -> Tree:
    """The determinant of a square matrix in tidy form."""
    exact = numbers_of(rows)
    _refuse_large(rows, MOST_ROWS if exact is not None else MOST_SYMBOLIC)
    if exact is not None:
        return number(determinant_of_numbers(exact))
    return simplify(_by_minors(rows))


def _refuse_large(rows: Rows, most: int) -> None:
    """Raise where there are more rows than allowed."""
    if len(rows) > most:
        raise MatrixTooLarge(f"This matrix has {len(rows)} rows; at most {most} can be handled exactly here.")


def _by_minors(rows: Rows) -> Tree:
    """Expansion along the first row."""
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for place, entry in enumerate(rows[0]):
        term = multiply(entry, _by_minors(minor(rows, 0, place)))
        terms.append(neg(term) if place % 2 else term)
    return add(*terms)


def minor(rows: Rows, row: int, column: int) -> Rows:
    """The matrix without one row and one column."""
    return tuple(
        tuple(entry for place, entry in enumerate(entries) if place != column)
        for index, entries in enumerate(rows)
        if index != row
    )


def determinant_of_numbers(rows: Numbers) -> Fraction:
    """The determinant by elimination."""
    work = [list(row) for row in rows]
    result = Fraction(1)
    for column in range(len(work)):
        pivot = next((index for index in range(column, len(work)) if work[index][column]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            work[column], work[pivot] = work[pivot], work[column]
            result = -result
        result *= work[column][column]
        for index in range(column + 1, len(work)):
            factor = work[index][column] / work[column][column]
            work[index] = [value - factor * lead for value, lead in zip(work[index], work[column], strict=True)]
    return result


def principal_minors(rows: Numbers) -> dict[int, list[Fraction]]:
    """The determinants of all principal submatrices, by their size."""
    places = range(len(rows))
    return {
        size: [
            determinant_of_numbers(tuple(tuple(rows[i][j] for j in chosen) for i in chosen))
            for chosen in combinations(places, size)
        ]
        for size in range(1, len(rows) + 1)
    }


def solve_linear(rows: Rows, right: Sequence[Tree]) -> tuple[Tree, ...]:
    """The one solution x of A x = b."""
    exact = numbers_of(rows)
    values = [literal_value(entry) for entry in right]
    numbers = [value for value in values if value is not None]
    if exact is not None and len(numbers) == len(values):
        columns = _eliminate(tuple((*row, value) for row, value in zip(exact, numbers, strict=True)))
        return tuple(number(row[0]) for row in columns)
    solved = (add(*(multiply(a, b) for a, b in zip(row, right, strict=True))) for row in inverse(rows))
    return tuple(map(simplify, solved))


def inverse(rows: Rows) -> Rows:
    """The inverse of a square matrix in tidy form."""
    exact = numbers_of(rows)
    size = len(rows)
    _refuse_large(rows, MOST_ROWS if exact is not None else MOST_SYMBOLIC)
    if exact is not None:
        beside = tuple(
            (*row, *(Fraction(int(place == index)) for place in range(size))) for index, row in enumerate(exact)
        )
        return tuple(tuple(map(number, row)) for row in _eliminate(beside))
    whole = determinant(rows)
    if literal_value(whole) == 0:
        raise SingularMatrix
    return tuple(tuple(simplify(divide(_cofactor(rows, j, i), whole)) for j in range(size)) for i in range(size))


def _cofactor(rows: Rows, row: int, column: int) -> Tree:
    """The minor with its sign."""
    value = _by_minors(minor(rows, row, column)) if len(rows) > 1 else ONE
    return neg(value) if (row + column) % 2 else value


def _eliminate(beside: Numbers) -> list[list[Fraction]]:
    """What stands right of a square matrix after it has become the identity."""
    work = [list(row) for row in beside]
    size = len(work)
    for column in range(size):
        pivot = next((index for index in range(column, size) if work[index][column]), None)
        if pivot is None:
            raise SingularMatrix
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [value / work[column][column] for value in work[column]]
        for index in range(size):
            if index != column and work[index][column]:
                factor = work[index][column]
                work[index] = [value - factor * lead for value, lead in zip(work[index], work[column], strict=True)]
    return [row[size:] for row in work]
