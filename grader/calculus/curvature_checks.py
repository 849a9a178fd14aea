"""Eigenvalues by their definition, definiteness by NumPy, convexity by second differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from grader.calculus.convexity import natural_domain
from grader.calculus.exact_matrices import Rows, determinant_of_numbers, numbers_of
from grader.calculus.finite_differences import Point, generic_points, moved, value
from grader.calculus.second_routes import KeyCheckFailed
from grader.checking import matrices
from grader.checking.domain import Domain
from grader.reading.tree import Tree, names_in

SMALL = 1e-9
NOTHING = Fraction(1, 10**40)
WIDTHS = (Fraction(1, 1000), Fraction(1, 4))
MOST_POINTS = 12


def check_eigenvalues(rows: Rows, keys: Sequence[Tree]) -> None:
    """det(A - key I) is zero for each key, and NumPy finds the same ones as often."""
    exact = numbers_of(rows)
    values = [value(key, {}) for key in keys]
    known = [found for found in values if found is not None]
    if exact is None or len(known) != len(rows):
        raise KeyCheckFailed("definition", f"There are {len(known)} eigenvalues for {len(rows)} rows.")
    scale = (1 + max(abs(entry) for row in exact for entry in row)) ** len(rows)
    for key in known:
        shifted = tuple(tuple(entry - key * (i == j) for j, entry in enumerate(row)) for i, row in enumerate(exact))
        if abs(determinant_of_numbers(shifted)) > NOTHING * scale:
            raise KeyCheckFailed("definition", f"{float(key):.6g} is no root of the characteristic polynomial.")
    numeric = sorted(found.real for found in matrices.eigenvalues(exact))
    for key, other in zip(sorted(known), numeric, strict=True):
        if abs(float(key) - other) > 1e-5 * float(scale):
            raise KeyCheckFailed("NumPy", "Another one has this place.", (), f"{float(key):.9g}", f"{other:.9g}")


def check_definiteness(rows: Rows, verdict: str) -> None:
    """The word agrees with the signs of the eigenvalues that NumPy finds."""
    exact = numbers_of(rows)
    if exact is None:
        raise KeyCheckFailed("NumPy", "The matrix has entries that are no numbers.")
    found = [eigenvalue.real for eigenvalue in matrices.eigenvalues(exact)]
    limit = SMALL * (1 + max(abs(part) for part in found))
    signs = {(part > limit) - (part < -limit) for part in found}
    expected = {
        frozenset({1}): "PD",
        frozenset({0, 1}): "PSD",
        frozenset({-1}): "ND",
        frozenset({-1, 0}): "NSD",
    }.get(frozenset(signs), "indefinite")
    if verdict != expected:
        raise KeyCheckFailed("NumPy", "The signs of the eigenvalues say something else.", (), verdict, expected)


def check_convexity(function: Tree, variables: Sequence[str], verdict: str, domain: Domain) -> None:
    """No second difference contradicts the word."""
    region = natural_domain(function, variables, domain)
    for place, point in enumerate(generic_points(names_in(function) | set(variables), region)):
        if place == MOST_POINTS:
            break
        for direction in _directions(variables):
            sign = _second_difference(function, point, direction)
            if (verdict == "convex" and sign < 0) or (verdict == "concave" and sign > 0):
                at = tuple((name, str(number)) for name, number in point.items())
                message = f"The function is not {verdict} there along {_spelled(direction)}."
                raise KeyCheckFailed("second differences", message, at)


def _directions(variables: Sequence[str]) -> Iterator[Point]:
    """Along the axes and across each pair of them, at both widths."""
    for width in WIDTHS:
        for place, variable in enumerate(variables):
            yield {variable: width}
            for other in variables[:place]:
                yield {variable: width, other: width}
                yield {variable: width, other: -width}


def _second_difference(function: Tree, point: Point, direction: Point) -> int:
    """The sign of the second difference; 0 also where it cannot be had."""
    values = [value(function, moved(point, direction, Fraction(count))) for count in (1, 0, -1)]
    known = [found for found in values if found is not None]
    if len(known) < 3:
        return 0
    difference = known[0] - 2 * known[1] + known[2]
    limit = NOTHING * (1 + max(map(abs, known)))
    return (difference > limit) - (difference < -limit)


def _spelled(direction: Point) -> str:
    """The direction in words."""
    return ", ".join(f"{name} by {length}" for name, length in direction.items())
