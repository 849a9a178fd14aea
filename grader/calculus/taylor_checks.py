"""A Taylor polynomial checked by its definition: the error shrinks faster than the last power."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.calculus.finite_differences import Point, generic_points, value
from grader.calculus.polynomials import polynomial_in
from grader.calculus.second_routes import KeyCheckFailed
from grader.checking.bounding import NoValue, Unclear, value_at
from grader.checking.domain import Domain
from grader.checking.printed import figures
from grader.reading.tree import Tree, names_in

WIDTH = Fraction(1, 10**12)
# How much larger than the last power the error may be at this width; an honest one is WIDTH times a derivative.
SHARE = Fraction(1, 10**8)
DIGITS_A_POWER = 14


def check_taylor(function: Tree, around: Mapping[str, Tree], degree: int, key: Tree, domain: Domain) -> None:
    """Compare function and polynomial very near to the point, in several directions."""
    variables = tuple(around)
    found = polynomial_in(key, variables)
    if found is None or max(map(sum, found)) > degree:
        raise KeyCheckFailed("definition", f"The key is no polynomial of degree at most {degree}.")
    centre = {name: number for name, tree in around.items() if (number := value(tree, {})) is not None}
    free = (names_in(function) | names_in(key)) - set(variables)
    for others in list(generic_points(free, domain))[:3]:
        for direction in _directions(variables):
            _check_direction(function, {**others, **centre}, direction, degree, key)


def _directions(variables: tuple[str, ...]) -> list[Point]:
    """Enough directions to tell the mixed terms apart: to both sides, along the axes and across."""
    axes: list[Point] = [{variable: Fraction(sign)} for variable in variables for sign in (1, -1)]
    across: list[Point] = [
        {name: Fraction(1 + place * step) for place, name in enumerate(variables)} for step in (1, 2, -1, -3)
    ]
    return axes + across if len(variables) > 1 else axes


def _check_direction(function: Tree, centre: Point, direction: Point, degree: int, key: Tree) -> None:
    """The error at one point near the centre."""
    near = {name: at + WIDTH * direction.get(name, Fraction(0)) for name, at in centre.items()}
    digits = 40 + DIGITS_A_POWER * (degree + 1)
    try:
        wanted, found = (value_at(tree, near, digits).middle for tree in (function, key))
    except (NoValue, Unclear):
        return
    if abs(wanted - found) > SHARE * WIDTH**degree * (1 + abs(wanted)):
        at = tuple((name, figures(number, 6)) for name, number in centre.items())
        message = f"The error near this point does not shrink faster than the power {degree} of the distance."
        raise KeyCheckFailed("definition", message, at)
