"""The Hessian: the matrix of second partial derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from grader.calculus.gradients import gradient
from grader.calculus.jacobians import jacobian
from grader.calculus.steps import Derivation
from grader.reading.tree import Tree


def hessian(function: Tree, variables: Sequence[str]) -> Derivation:
    """The derivatives of the gradient; row i holds those of the partial derivative by variable i."""
    first = gradient(function, variables)
    second = jacobian(first.tree.args, variables)
    return Derivation(second.tree, first.steps + second.steps)
