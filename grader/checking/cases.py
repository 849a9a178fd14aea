"""Which case of a piecewise applies at a point, as far as exact arithmetic tells."""

from __future__ import annotations

from grader.checking.conditions import COMPARISONS
from grader.checking.exact import exact_value
from grader.checking.sampling import Point
from grader.reading.tree import Tree


def chosen(tree: Tree, point: Point) -> Tree:
    """The tree with the case that applies at the point for every piecewise; as it is where that is not known."""
    if tree.kind == "piecewise":
        branch = _branch(tree, point)
        return tree if branch is None else chosen(branch, point)
    args = tuple(chosen(arg, point) for arg in tree.args)
    is_same = all(new is old for new, old in zip(args, tree.args, strict=True))
    return tree if is_same else tree._replace(args=args)


def _branch(tree: Tree, point: Point) -> Tree | None:
    for case in tree.args:
        holds = case.kind == "otherwise" or _holds(case.args[1], point)
        if holds is None:
            return None
        if holds:
            return case.args[0]
    return None


def _holds(condition: Tree, point: Point) -> bool | None:
    """Whether the condition holds; None where exact arithmetic does not tell."""
    if condition.kind in {"and", "or"}:
        parts = [_holds(part, point) for part in condition.args]
        decisive = condition.kind == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    operators = condition.value.split()
    sides = [exact_value(side, point) for side in condition.args]
    if condition.kind != "relation" or None in sides or not all(each in COMPARISONS for each in operators):
        return None
    pairs = zip(operators, sides[:-1], sides[1:], strict=True)
    return all(COMPARISONS[operator](first, second) for operator, first, second in pairs)
