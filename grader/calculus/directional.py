"""Unit vectors and derivatives along a direction."""

from __future__ import annotations

from collections.abc import Sequence

from grader.calculus.gradients import gradient
from grader.calculus.literal_matrices import norm
from grader.calculus.polynomials import expand
from grader.calculus.simplifying import simplify
from grader.calculus.steps import Derivation, Step
from grader.errors import GraderError
from grader.reading.tree import ZERO, Tree, add, divide, multiply, vector


class NoDirection(GraderError):
    """The zero vector points nowhere."""

    def __str__(self) -> str:
        """The sentence for the author."""
        return "The zero vector has no direction."


def unit(entries: Sequence[Tree]) -> tuple[Tree, ...]:
    """The vector of length one in the same direction."""
    length = norm(tuple(entries))
    if length == ZERO:
        raise NoDirection
    return tuple(simplify(divide(entry, length)) for entry in entries)


def directional(
    function: Tree, variables: Sequence[str], along: Sequence[Tree], *, normalise: bool = True
) -> Derivation:
    """The gradient times the direction, which is first made a unit vector unless it is not wanted."""
    slope = gradient(function, variables)
    products = add(*(multiply(part, entry) for part, entry in zip(slope.tree.args, along, strict=True)))
    rate, direction, steps = expand(products, variables), tuple(along), slope.steps
    if normalise:
        direction = unit(along)
        rate = simplify(divide(rate, norm(tuple(along))), variables)
        steps += (Step("unit-vector", vector(*along), vector(*direction)),)
    dot = multiply(slope.tree, vector(*direction))
    return Derivation(rate, (*steps, Step("dot-product", dot, rate)))
