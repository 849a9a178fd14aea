"""The Jacobian of a map: one row for each component, one column for each variable."""

from __future__ import annotations

from collections.abc import Sequence

from grader.calculus.gradients import all_steps, partials
from grader.calculus.steps import Derivation
from grader.reading.tree import Tree, matrix


def jacobian(components: Sequence[Tree], variables: Sequence[str]) -> Derivation:
    """The m x n matrix of the derivatives of m components by n variables."""
    rows = [partials(component, variables) for component in components]
    tree = matrix(tuple(tuple(entry.tree for entry in row) for row in rows))
    return Derivation(tree, tuple(step for row in rows for step in all_steps(row)))
