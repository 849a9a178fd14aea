"""Functions of literal vectors and matrices: norms, determinants, inverses and their like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from grader.answers.entry_arithmetic import (
    MOST_NODES,
    ShapesDoNotFit,
    dot,
    is_flat,
    map_entries,
    mismatch,
    plus,
    require_grid,
    times,
    too_large,
)
from grader.answers.grids import Grid
from grader.errors import AnswerError
from grader.reading.tree import Tree, add, call, divide, literal_value, number, power

_LARGEST_INVERSE = 3


def call_function(node: Tree) -> Tree:
    """The value of a function of literal vectors and matrices."""
    function = CALLS.get(node.value)
    if function is None:
        message = f"{node.value} is not applied to a vector or matrix."
        raise ShapesDoNotFit(message, node.start, node.end, "Give the entries one by one.", "a number", "a vector")
    return function(node)


def _norm(node: Tree) -> Tree:
    entries = require_grid(node.args[0]).entries
    return call("sqrt", reduce(plus, (_square(entry) for entry in entries)))


def _length(node: Tree) -> Tree:
    """Bars around a vector mean its norm."""
    if not require_grid(node.args[0]).is_vector:
        message = "Bars around a matrix can mean two things."
        raise AnswerError(message, node.start, node.end, "Write det(…) or norm(…).")
    return _norm(node)


def _square(entry: Tree) -> Tree:
    return power(entry, 2) if literal_value(entry) is None else times(entry, entry)


def _determinant(node: Tree) -> Tree:
    return _expand(_square_rows(node.args[0], node))


def _square_rows(tree: Tree, node: Tree) -> tuple[tuple[Tree, ...], ...]:
    grid = require_grid(tree)
    rows, columns = grid.shape
    if rows != columns:
        message = f"This needs a square matrix, not a {rows} by {columns} one."
        raise ShapesDoNotFit(message, node.start, node.end, "", "a square matrix", f"a {rows} by {columns} matrix")
    if rows > _LARGEST_INVERSE:
        message = f"Determinants and inverses are worked out up to {_LARGEST_INVERSE} rows."
        raise AnswerError(message, node.start, node.end, "Give the result.")
    return grid.rows


def _expand(rows: tuple[tuple[Tree, ...], ...]) -> Tree:
    """The determinant along the first row."""
    if len(rows) == 1:
        return rows[0][0]
    terms = [_signed(j, times(entry, _expand(_minor(rows, 0, j)))) for j, entry in enumerate(rows[0])]
    return reduce(plus, terms)


def _minor(rows: tuple[tuple[Tree, ...], ...], i: int, j: int) -> tuple[tuple[Tree, ...], ...]:
    return tuple(row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i)


def _signed(parity: int, term: Tree) -> Tree:
    return times(number(-1), term) if parity % 2 else term


def inverse(tree: Tree) -> Tree:
    """The inverse by cofactors, up to three rows."""
    rows = _square_rows(tree, tree)
    determinant = _expand(rows)
    if literal_value(determinant) == 0:
        raise AnswerError("This matrix has no inverse: its determinant is 0.", tree.start, tree.end)
    size = range(len(rows))
    if len(rows) == 1:
        return Grid(((divide(number(1), rows[0][0]),),)).to_tree()
    cofactors = [[_signed(i + j, _expand(_minor(rows, j, i))) for j in size] for i in size]
    return Grid(tuple(tuple(divide(entry, determinant) for entry in row) for row in cofactors)).to_tree()


def _trace(node: Tree) -> Tree:
    grid = require_grid(node.args[0])
    if grid.shape[0] != grid.shape[1]:
        raise mismatch("trace", grid, Grid(grid.rows[:1]), node)
    return reduce(plus, (grid.rows[i][i] for i in range(len(grid.rows))))


def _diagonal(node: Tree) -> Tree:
    entries = node.args if len(node.args) > 1 else require_grid(node.args[0]).entries
    size = range(len(entries))
    return Grid(tuple(tuple(entries[i] if i == j else number(0) for j in size) for i in size)).to_tree()


def _inner(node: Tree) -> Tree:
    left, right = (require_grid(arg) for arg in node.args)
    if not (left.is_vector and right.is_vector and len(left.entries) == len(right.entries)):
        raise mismatch("product", left, right, node)
    return dot(left.entries, right.entries)


def _spread(node: Tree) -> Tree:
    """`max([a, b])` is `max(a, b)`; so are min and logsumexp."""
    if len(node.args) > 1:
        message = f"{node.value} takes one vector, or numbers."
        raise ShapesDoNotFit(message, node.start, node.end, "", "numbers", "a vector among others")
    return node._replace(args=require_grid(node.args[0]).entries)


def _softmax(node: Tree) -> Tree:
    grid = require_grid(node.args[0])
    total = add(*(call("exp", entry) for entry in grid.entries))
    return map_entries(node.args[0], lambda entry: divide(call("exp", entry), total))


def _kronecker(node: Tree) -> Tree:
    left, right = (require_grid(arg) for arg in node.args)
    if len(left.entries) * len(right.entries) > MOST_NODES:
        raise too_large(node)
    rows = tuple(tuple(times(a, b) for a in top for b in bottom) for top in left.rows for bottom in right.rows)
    return Grid(rows, left.flat and right.flat).to_tree()


def transpose(node: Tree) -> Tree:
    """The transpose carried out; a flat vector under it stays as typed."""
    inner = node.args[0]
    if is_flat(inner):
        return node  # `grid_of` and products know what a turned flat vector is
    return require_grid(inner).transposed().to_tree() if inner.kind != "transpose" else inner.args[0]


CALLS: Mapping[str, Callable[[Tree], Tree]] = {
    "norm": _norm,
    "abs": _length,
    "det": _determinant,
    "inv": lambda node: inverse(node.args[0]),
    "transpose": transpose,
    "tr": _trace,
    "diag": _diagonal,
    "dot": _inner,
    "max": _spread,
    "min": _spread,
    "logsumexp": _spread,
    "softmax": _softmax,
    "kron": _kronecker,
}
