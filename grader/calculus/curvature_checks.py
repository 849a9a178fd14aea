"""Eigenvalues by their definition, definiteness by NumPy, convexity by second differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice
from math import isfinite

from grader.calculus.convexity import natural_domain
from grader.calculus.exact_matrices import Rows, determinant_of_numbers, numbers_of
from grader.calculus.finite_differences import OFFSET, Point, generic_points, moved, value
from grader.calculus.second_routes import KeyCheckFailed
from grader.checking import matrices
from grader.checking.domain import Domain
from grader.checking.printed import figures
from grader.reading.tree import Tree, names_in

SMALL = 1e-9
NOTHING = Fraction(1, 10**40)
WIDTHS: tuple[Fraction, ...] = (Fraction(1, 1000), Fraction(1, 4))
NARROW: tuple[Fraction, ...] = (Fraction(1, 10**8),)  # for the little region in which a function may bend the other way
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
            raise KeyCheckFailed("definition", f"{figures(key, 6)} is no root of the characteristic polynomial.")
    numeric = sorted(found.real for found in matrices.eigenvalues(exact))
    for key, other in zip(sorted(known), numeric, strict=True):
        if not isfinite(other) or abs(key - Fraction(other)) * 10**5 > scale:
            raise KeyCheckFailed("NumPy", "Another one has this place.", (), figures(key, 9), f"{other:.9g}")


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
    """No second difference contradicts the word, and where it says neither there are some of both signs."""
    region = natural_domain(function, variables, domain)
    seen: set[int] = set()
    names = names_in(function) | set(variables)
    tried = [(point, WIDTHS) for point in islice(generic_points(names, region), MOST_POINTS)]
    near_zero = {name: OFFSET * (place + 1) for place, name in enumerate(sorted(names))}
    if verdict == "neither" and all(region.variable(name).holds(at) for name, at in near_zero.items()):
        tried.append((near_zero, NARROW))
    for point, widths in tried:
        for direction in _directions(variables, widths):
            sign = _second_difference(function, point, direction)
            seen.add(sign)
            if (verdict == "convex" and sign < 0) or (verdict == "concave" and sign > 0):
                at = tuple((name, str(number)) for name, number in point.items())
                message = f"The function is not {verdict} there along {_spelled(direction)}."
                raise KeyCheckFailed("second differences", message, at)
        if verdict == "neither" and (seen >= {-1, 1} or _is_saddle(function, variables, point)):
            return
    if verdict == "neither":
        raise KeyCheckFailed("second differences", "None were found that bend up and others that bend down.")


def _is_saddle(function: Tree, variables: Sequence[str], point: Point) -> bool:
    """Whether second differences make an indefinite matrix: two variables of which a pair bends both ways."""
    width = WIDTHS[0]
    bends = {name: _second(function, point, {name: width}) for name in variables}
    for one, other in combinations(variables, 2):
        ends = [_second(function, point, {one: width, other: sign * width}) for sign in (1, -1)]
        first, second = bends[one], bends[other]
        if first is None or second is None or ends[0] is None or ends[1] is None:
            continue
        mixed = (ends[0] - ends[1]) / 4
        size = abs(first) + abs(second) + abs(mixed)
        if first * second - mixed * mixed < -NOTHING * size * size:
            return True
    return False


def _directions(variables: Sequence[str], widths: Sequence[Fraction]) -> Iterator[Point]:
    """Along the axes and across each pair of them, at each width."""
    for width in widths:
        for place, variable in enumerate(variables):
            yield {variable: width}
            for other in variables[:place]:
                yield {variable: width, other: width}
                yield {variable: width, other: -width}


def _second(function: Tree, point: Point, direction: Point) -> Fraction | None:
    """The second difference, None where it cannot be had."""
    ahead, here, behind = (value(function, moved(point, direction, Fraction(count))) for count in (1, 0, -1))
    return None if ahead is None or here is None or behind is None else ahead - 2 * here + behind


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
