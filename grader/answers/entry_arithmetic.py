"""Arithmetic on the entries of literal vectors and matrices: numbers are folded exactly, the rest kept as typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from grader.answers.grids import Grid, grid_of
from grader.errors import AnswerError
from grader.reading.tree import Tree, add, literal_value, multiply, number

MOST_NODES = 4_000
_MOST_BITS = 6_000  # numbers longer than this are left as typed: they are not written out in digits


_MISFITS = {
    "sum": "Sizes that do not fit: %(left)s cannot be added to %(right)s.",
    "product": "Sizes that do not fit: %(left)s cannot be multiplied by %(right)s.",
    "elementwise": "Sizes that do not fit: %(left)s cannot be multiplied entry by entry with %(right)s.",
    "trace": "Sizes that do not fit: %(left)s cannot be traced like %(right)s.",
}


@dataclass
class ShapesDoNotFit(AnswerError):
    """Two sizes in one expression that cannot be combined."""

    expected: str = ""
    found: str = ""


def too_large(node: Tree) -> AnswerError:
    """The error for a result with too many nodes."""
    return AnswerError("This is too large to multiply out.", node.start, node.end, "Write the entries out.")


def is_shaped(tree: Tree) -> bool:
    """Whether the tree is a literal vector or matrix."""
    return grid_of(tree) is not None


def is_flat(tree: Tree) -> bool:
    """Whether the tree is a vector typed without a layout."""
    return tree.kind == "vector" and not tree.value


def require_grid(tree: Tree) -> Grid:
    """The rows of a literal vector or matrix; AnswerError for all else."""
    grid = grid_of(tree)
    if grid is None:
        raise AnswerError("A vector or matrix is needed here.", tree.start, tree.end)
    return grid


def map_entries(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """The vector or matrix with every entry changed, in its own layout."""
    if tree.kind == "transpose":
        return tree._replace(args=(map_entries(tree.args[0], change),))
    grid = require_grid(tree)
    changed = tuple(tuple(change(entry) for entry in row) for row in grid.rows)
    if tree.kind == "vector":
        return Tree("vector", tuple(entry for row in changed for entry in row), tree.value)
    return Grid(changed).to_tree()


def folded(left: Tree, right: Tree, operation: Callable[[Fraction, Fraction], Fraction]) -> Tree | None:
    """The operation on two literal numbers; None for others, and for results too long to write out."""
    a, b = literal_value(left), literal_value(right)
    if a is None or b is None:
        return None
    result = operation(a, b)
    return number(result) if max(result.numerator.bit_length(), result.denominator.bit_length()) < _MOST_BITS else None


def plus(left: Tree, right: Tree) -> Tree:
    """The sum of two entries."""
    terms = left.args if left.kind == "sum" else (left,)
    return folded(left, right, Fraction.__add__) or add(*terms, right)


def times(left: Tree, right: Tree) -> Tree:
    """The product of two entries."""
    factors = left.args if left.kind == "product" else (left,)
    return folded(left, right, Fraction.__mul__) or multiply(*factors, right)


def dot(left: tuple[Tree, ...], right: tuple[Tree, ...]) -> Tree:
    """The sum of the products of entries."""
    return reduce(plus, (times(a, b) for a, b in zip(left, right, strict=True)))


def mismatch(operation: str, left: Grid, right: Grid, node: Tree) -> ShapesDoNotFit:
    """The error for two sizes that cannot be combined, both named."""
    a, b = (f"{grid.shape[0]} by {grid.shape[1]}" for grid in (left, right))
    message = _MISFITS[operation] % {"left": a, "right": b}
    return ShapesDoNotFit(message, node.start, node.end, "", f"sizes that fit {a}", b)
