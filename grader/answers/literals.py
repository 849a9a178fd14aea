"""Arithmetic on literal vectors and matrices, carried out until only entries are left.

Entries stay trees as typed; only numbers are folded, exactly. `[1,2] - [1,0]` becomes `[0, 2]`,
`2(x+y)*[1, x]` becomes `[2*(x+y)*1, 2*(x+y)*x]`, `[3,4]·[1,0]` becomes `3`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING

from grader.answers.entry_arithmetic import (
    MOST_NODES,
    ShapesDoNotFit,
    dot,
    is_flat,
    is_shaped,
    map_entries,
    mismatch,
    plus,
    require_grid,
    times,
    too_large,
)
from grader.answers.grids import Grid, grid_of
from grader.errors import AnswerError
from grader.loading import later
from grader.reading.tree import Tree, divide, literal_value, neg, number, rebuild, walk

if TYPE_CHECKING:
    from grader.answers.literal_functions import call_function, inverse, transpose
else:
    call_function = later("grader.answers.literal_functions:call_function")
    inverse = later("grader.answers.literal_functions:inverse")
    transpose = later("grader.answers.literal_functions:transpose")

_LARGEST_POWER = 8
_LITERALS = frozenset({"vector", "matrix"})


def evaluate(tree: Tree) -> Tree:
    """The tree with the arithmetic on literal vectors and matrices carried out.

    Raises ShapesDoNotFit where sizes cannot be combined, AnswerError where the result would be too large.
    """
    return rebuild(tree, _evaluate_node) if _holds_literals(tree) else tree


def _holds_literals(tree: Tree) -> bool:
    """A plain loop that leaves out the leaves, because every check of a scalar comes through here."""
    stack = [tree] if tree[1] else []
    while stack:
        kind, args, value, _, _ = stack.pop()
        if kind in _LITERALS or (kind == "call" and value == "diag" and len(args) > 1):
            return True
        for arg in args:
            if arg[1]:
                stack.append(arg)  # noqa: PERF401 - faster than a comprehension for the two arguments there mostly are
    return False


def _is_diagonal(node: Tree) -> bool:
    """Whether this is `diag(2, 6)`, which is a matrix though nothing in it is a vector."""
    return node.kind == "call" and node.value == "diag" and len(node.args) > 1


def _evaluate_node(node: Tree) -> Tree:
    rule = _RULES.get(node.kind)
    if rule is None or not (_is_diagonal(node) or any(is_shaped(arg) for arg in node.args)):
        return node
    result = rule(node)
    if next(islice(walk(result), MOST_NODES, None), None) is not None:
        raise too_large(node)
    return result._replace(start=node.start, end=node.end)


def _sum(node: Tree) -> Tree:
    grids = [_grid_or_mismatch(arg, node) for arg in node.args]
    return reduce(lambda left, right: _add(left, right, node), grids).to_tree()


def _add(left: Grid, right: Grid, node: Tree) -> Grid:
    if left.flat != right.flat:  # a flat vector takes the layout of what it is added to
        shaped, flat = (right, left) if left.flat else (left, right)
        if shaped.layout == "row":
            turned = flat.transposed()
            left, right = (turned, right) if left.flat else (left, turned)
    if left.shape != right.shape:
        raise mismatch("sum", left, right, node)
    rows = (zip(*pair, strict=True) for pair in zip(left.rows, right.rows, strict=True))
    return Grid(tuple(tuple(plus(a, b) for a, b in row) for row in rows), left.flat and right.flat)


def _grid_or_mismatch(tree: Tree, node: Tree) -> Grid:
    grid = grid_of(tree)
    if grid is None:
        message = "A number cannot be added to a vector or matrix."
        raise ShapesDoNotFit(message, node.start, node.end, "", "a vector or matrix", "a number")
    return grid


def _negate(node: Tree) -> Tree:
    return map_entries(
        node.args[0], lambda entry: times(number(-1), entry) if literal_value(entry) is not None else neg(entry)
    )


def _product(node: Tree) -> Tree:
    return reduce(lambda left, right: _multiply(left, right, node), node.args)


def _multiply(left: Tree, right: Tree, node: Tree) -> Tree:
    if not is_shaped(left) and not is_shaped(right):
        return times(left, right)
    if not is_shaped(left):
        return map_entries(right, lambda entry: times(left, entry))
    if not is_shaped(right):
        return map_entries(left, lambda entry: times(entry, right))
    a, b = _left_factor(left, right), _right_factor(right)
    is_outer = is_flat(right) and not is_flat(left) and a.shape[1] == 1 and b.shape[0] > 1
    if is_outer:  # a flat vector after a column is a row
        b = b.transposed()
    if a.shape[1] != b.shape[0]:
        raise mismatch("product", a, b, node)
    if len(a.entries) * b.shape[1] > MOST_NODES:
        raise too_large(node)
    columns = tuple(zip(*b.rows, strict=True))
    rows = tuple(tuple(dot(row, column) for column in columns) for row in a.rows)
    result = Grid(rows, flat=is_flat(right) and not is_outer and len(rows) > 1)
    return rows[0][0] if result.shape == (1, 1) else result.to_tree()


def _left_factor(left: Tree, right: Tree) -> Grid:
    """A flat vector before a flat vector or a matrix is a row, before a row it is a column."""
    grid = require_grid(left)
    if left.kind == "transpose" or (grid.flat and _right_factor(right).shape[0] == grid.shape[0]):
        return grid.transposed()
    return grid


def _right_factor(right: Tree) -> Grid:
    """A turned flat vector, `[1, 2]^T`, is a row here, as in `x y^T`."""
    return require_grid(right).transposed() if right.kind == "transpose" else require_grid(right)


def _quotient(node: Tree) -> Tree:
    top, bottom = node.args
    if is_shaped(bottom):
        message = "A vector or matrix cannot be a divisor."
        raise ShapesDoNotFit(message, bottom.start, bottom.end, "", "a number", "a vector or matrix")
    return map_entries(top, lambda entry: divide(entry, bottom))


def _power(node: Tree) -> Tree:
    base, exponent = node.args
    value = literal_value(exponent)
    grid = grid_of(base)
    if grid is None or value is None or grid.shape[0] != grid.shape[1] or value.denominator != 1:
        message = "Only a square matrix has a power, and only a whole one."
        raise ShapesDoNotFit(message, node.start, node.end, "", "a square matrix", "another shape")
    if value == -1:
        return inverse(base)
    if not 1 <= value <= _LARGEST_POWER:
        raise AnswerError(f"Matrix powers go from 1 to {_LARGEST_POWER}, and -1.", node.start, node.end)
    return reduce(lambda left, right: _multiply(left, right, node), [base] * int(value))


def _elementwise(node: Tree) -> Tree:
    left, right = (require_grid(arg) for arg in node.args)
    if left.shape != right.shape:
        raise mismatch("elementwise", left, right, node)
    pairs = (zip(a, b, strict=True) for a, b in zip(left.rows, right.rows, strict=True))
    return Grid(tuple(tuple(times(a, b) for a, b in row) for row in pairs), left.flat and right.flat).to_tree()


_RULES: Mapping[str, Callable[[Tree], Tree]] = {
    "sum": _sum,
    "neg": _negate,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "transpose": transpose,
    "elementwise": _elementwise,
    "call": call_function,
}
