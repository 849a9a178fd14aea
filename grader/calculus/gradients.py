"""The gradient of a function of several variables."""

from __future__ import annotations

from collections.abc import Sequence

from grader.calculus.derivatives import differentiate
from grader.calculus.steps import Derivation, Step
from grader.reading.tree import Tree, vector


def partials(function: Tree, variables: Sequence[str]) -> tuple[Derivation, ...]:
    """The partial derivatives, in the order of the variables."""
    return tuple(differentiate(function, variable, order=variables) for variable in variables)


def gradient(function: Tree, variables: Sequence[str], layout: str = "") -> Derivation:
    """The vector of the partial derivatives."""
    parts = partials(function, variables)
    return Derivation(vector(*(part.tree for part in parts), layout=layout), all_steps(parts))


def all_steps(derivations: Sequence[Derivation]) -> tuple[Step, ...]:
    """The steps of several derivations one after the other."""
    return tuple(step for derivation in derivations for step in derivation.steps)
