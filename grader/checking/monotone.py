"""Comparisons without the increasing functions around their sides: `e^x >= e^2` holds where `x >= 2` does."""

from __future__ import annotations

from grader.reading.tree import Tree, call, constant, literal_value, number

# Functions of all reals that take no value twice, and those of them that are 0 at 0.
INCREASING = frozenset({"exp", "cbrt", "sinh", "tanh", "atan", "asinh", "sigmoid"})
THROUGH_ZERO = INCREASING - {"exp", "sigmoid"}


def without_increasing(comparison: Tree) -> Tree:
    """A comparison of two sides, met by the same values, with functions that keep every order taken off."""
    left, right = map(with_exp, comparison.args)
    if left.kind == right.kind == "call" and left.value == right.value and len(left.args) == len(right.args) == 1:
        inner = Tree("relation", (left.args[0], right.args[0]), comparison.value)
        if left.value in INCREASING:
            return without_increasing(inner)
        if left.value == "ln":
            above = [Tree("relation", (each, number(0)), ">") for each in inner.args]
            return Tree("and", (inner, *above))
    for first, second in ((left, right), (right, left)):
        if first.kind == "call" and first.value in THROUGH_ZERO and literal_value(second) == 0:
            sides = tuple(each.args[0] if each is first else each for each in (left, right))
            return without_increasing(Tree("relation", sides, comparison.value))
    return comparison


def with_exp(tree: Tree) -> Tree:
    """`e^u` as exp(u)."""
    return call("exp", tree.args[1]) if tree.kind == "power" and tree.args[0] == constant("e") else tree
