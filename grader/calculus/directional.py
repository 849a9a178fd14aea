"""Unit vectors and derivatives along a direction."""

from __future__ import annotations

from collections.abc import Sequence

from grader.calculus.gradients import gradient
from grader.calculus.literal_matrices import norm
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
    steps = slope.steps
    direction = tuple(along)
    if normalise:
        direction = unit(along)
        steps += (Step("unit-vector", vector(*along), vector(*direction)),)
    products = (multiply(part, entry) for part, entry in zip(slope.tree.args, direction, strict=True))
    result = simplify(add(*products), variables)
    dot = multiply(slope.tree, vector(*direction))
    return Derivation(result, (*steps, Step("dot-product", dot, result)))
