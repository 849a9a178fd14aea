"""Arithmetic on literal vectors and matrices, carried out until only entries are left.

Entries stay trees as typed; only numbers are folded, exactly. `[1,2] - [1,0]` becomes `[0, 2]`,
`2(x+y)*[1, x]` becomes `[2*(x+y)*1, 2*(x+y)*x]`, `[3,4]·[1,0]` becomes `3`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import islice

from grader.answers.grids import Grid, grid_of
from grader.errors import AnswerError
from grader.reading.tree import Tree, add, call, divide, literal_value, multiply, neg, number, power, rebuild, walk

_LARGEST_POWER = 8
_LARGEST_INVERSE = 3
_MOST_NODES = 4_000
_MOST_BITS = 6_000  # numbers longer than this are left as typed: they are not written out in digits


@dataclass
class ShapesDoNotFit(AnswerError):
    """Two sizes in one expression that cannot be combined."""

    expected: str = ""
    found: str = ""


def evaluate(tree: Tree) -> Tree:
    """The tree with the arithmetic on literal vectors and matrices carried out.

    Raises ShapesDoNotFit where sizes cannot be combined, AnswerError where the result would be too large.
    """
    if not any(node.kind in {"vector", "matrix"} for node in walk(tree)):
        return tree
    return rebuild(tree, _evaluate_node)


def _evaluate_node(node: Tree) -> Tree:
    rule = _RULES.get(node.kind)
    if rule is None or not any(_is_shaped(arg) for arg in node.args):
        return node
    result = rule(node)
    if next(islice(walk(result), _MOST_NODES, None), None) is not None:
        raise _too_large(node)
    return result._replace(start=node.start, end=node.end)


def _too_large(node: Tree) -> AnswerError:
    return AnswerError("This is too large to multiply out.", node.start, node.end, "Write the entries out.")


def _is_shaped(tree: Tree) -> bool:
    return grid_of(tree) is not None


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
        raise _mismatch("added to", left, right, node)
    rows = (zip(*pair, strict=True) for pair in zip(left.rows, right.rows, strict=True))
    return Grid(tuple(tuple(_plus(a, b) for a, b in row) for row in rows), left.flat and right.flat)


def _grid_or_mismatch(tree: Tree, node: Tree) -> Grid:
    grid = grid_of(tree)
    if grid is None:
        message = "A number cannot be added to a vector or matrix."
        raise ShapesDoNotFit(message, node.start, node.end, "", "a vector or matrix", "a number")
    return grid


def _negate(node: Tree) -> Tree:
    return _map(
        node.args[0], lambda entry: _times(number(-1), entry) if literal_value(entry) is not None else neg(entry)
    )


def _product(node: Tree) -> Tree:
    return reduce(lambda left, right: _multiply(left, right, node), node.args)


def _multiply(left: Tree, right: Tree, node: Tree) -> Tree:
    if not _is_shaped(left) and not _is_shaped(right):
        return _times(left, right)
    if not _is_shaped(left):
        return _map(right, lambda entry: _times(left, entry))
    if not _is_shaped(right):
        return _map(left, lambda entry: _times(entry, right))
    a, b = _left_factor(left, right), _right_factor(right)
    if a.shape[1] != b.shape[0]:
        raise _mismatch("multiplied by", a, b, node)
    if len(a.entries) * b.shape[1] > _MOST_NODES:
        raise _too_large(node)
    columns = tuple(zip(*b.rows, strict=True))
    rows = tuple(tuple(_dot(row, column) for column in columns) for row in a.rows)
    result = Grid(rows, flat=_is_flat(right) and len(rows) > 1)
    return rows[0][0] if result.shape == (1, 1) else result.to_tree()


def _left_factor(left: Tree, right: Tree) -> Grid:
    """A flat vector before a flat vector or a matrix is a row, before a row it is a column."""
    grid = _grid(left)
    if left.kind == "transpose" or (grid.flat and _right_factor(right).shape[0] == grid.shape[0]):
        return grid.transposed()
    return grid


def _right_factor(right: Tree) -> Grid:
    """A turned flat vector, `[1, 2]^T`, is a row here, as in `x y^T`."""
    return _grid(right).transposed() if right.kind == "transpose" else _grid(right)


def _is_flat(tree: Tree) -> bool:
    return tree.kind == "vector" and not tree.value


def _grid(tree: Tree) -> Grid:
    grid = grid_of(tree)
    if grid is None:
        raise AnswerError("A vector or matrix is needed here.", tree.start, tree.end)
    return grid


def _quotient(node: Tree) -> Tree:
    top, bottom = node.args
    if _is_shaped(bottom):
        message = "A vector or matrix cannot be a divisor."
        raise ShapesDoNotFit(message, bottom.start, bottom.end, "", "a number", "a vector or matrix")
    return _map(top, lambda entry: divide(entry, bottom))


def _power(node: Tree) -> Tree:
    base, exponent = node.args
    value = literal_value(exponent)
    grid = grid_of(base)
    if grid is None or value is None or grid.shape[0] != grid.shape[1] or value.denominator != 1:
        message = "Only a square matrix has a power, and only a whole one."
        raise ShapesDoNotFit(message, node.start, node.end, "", "a square matrix", "another shape")
    if value == -1:
        return _inverse(base)
    if not 1 <= value <= _LARGEST_POWER:
        raise AnswerError(f"Matrix powers go from 1 to {_LARGEST_POWER}, and -1.", node.start, node.end)
    return reduce(lambda left, right: _multiply(left, right, node), [base] * int(value))


def _transpose(node: Tree) -> Tree:
    inner = node.args[0]
    if _is_flat(inner):
        return node  # `grid_of` and products know what a turned flat vector is
    return _grid(inner).transposed().to_tree() if inner.kind != "transpose" else inner.args[0]


def _elementwise(node: Tree) -> Tree:
    left, right = (_grid(arg) for arg in node.args)
    if left.shape != right.shape:
        raise _mismatch("multiplied entry by entry with", left, right, node)
    pairs = (zip(a, b, strict=True) for a, b in zip(left.rows, right.rows, strict=True))
    return Grid(tuple(tuple(_times(a, b) for a, b in row) for row in pairs), left.flat and right.flat).to_tree()


def _map(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    if tree.kind == "transpose":
        return tree._replace(args=(_map(tree.args[0], change),))
    grid = _grid(tree)
    changed = tuple(tuple(change(entry) for entry in row) for row in grid.rows)
    if tree.kind == "vector":
        return Tree("vector", tuple(entry for row in changed for entry in row), tree.value)
    return Grid(changed).to_tree()


def _call(node: Tree) -> Tree:
    function = _CALLS.get(node.value)
    if function is None:
        message = f"{node.value} is not applied to a vector or matrix."
        raise ShapesDoNotFit(message, node.start, node.end, "Give the entries one by one.", "a number", "a vector")
    return function(node)


def _norm(node: Tree) -> Tree:
    entries = _grid(node.args[0]).entries
    return call("sqrt", reduce(_plus, (_square(entry) for entry in entries)))


def _length(node: Tree) -> Tree:
    """Bars around a vector mean its norm."""
    if not _grid(node.args[0]).is_vector:
        message = "Bars around a matrix can mean two things."
        raise AnswerError(message, node.start, node.end, "Write det(…) or norm(…).")
    return _norm(node)


def _square(entry: Tree) -> Tree:
    return power(entry, 2) if literal_value(entry) is None else _times(entry, entry)


def _determinant(node: Tree) -> Tree:
    return _expand(_square_rows(node.args[0], node))


def _square_rows(tree: Tree, node: Tree) -> tuple[tuple[Tree, ...], ...]:
    grid = _grid(tree)
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
    terms = [_signed(j, _times(entry, _expand(_minor(rows, 0, j)))) for j, entry in enumerate(rows[0])]
    return reduce(_plus, terms)


def _minor(rows: tuple[tuple[Tree, ...], ...], i: int, j: int) -> tuple[tuple[Tree, ...], ...]:
    return tuple(row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i)


def _signed(parity: int, term: Tree) -> Tree:
    return _times(number(-1), term) if parity % 2 else term


def _inverse(tree: Tree) -> Tree:
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
    grid = _grid(node.args[0])
    if grid.shape[0] != grid.shape[1]:
        raise _mismatch("traced like", grid, Grid(grid.rows[:1]), node)
    return reduce(_plus, (grid.rows[i][i] for i in range(len(grid.rows))))


def _diagonal(node: Tree) -> Tree:
    entries = _grid(node.args[0]).entries
    size = range(len(entries))
    return Grid(tuple(tuple(entries[i] if i == j else number(0) for j in size) for i in size)).to_tree()


def _inner(node: Tree) -> Tree:
    left, right = (_grid(arg) for arg in node.args)
    if not (left.is_vector and right.is_vector and len(left.entries) == len(right.entries)):
        raise _mismatch("multiplied by", left, right, node)
    return _dot(left.entries, right.entries)


def _spread(node: Tree) -> Tree:
    """`max([a, b])` is `max(a, b)`; so are min and logsumexp."""
    if len(node.args) > 1:
        message = f"{node.value} takes one vector, or numbers."
        raise ShapesDoNotFit(message, node.start, node.end, "", "numbers", "a vector among others")
    return node._replace(args=_grid(node.args[0]).entries)


def _softmax(node: Tree) -> Tree:
    grid = _grid(node.args[0])
    total = add(*(call("exp", entry) for entry in grid.entries))
    return _map(node.args[0], lambda entry: divide(call("exp", entry), total))


def _kronecker(node: Tree) -> Tree:
    left, right = (_grid(arg) for arg in node.args)
    if len(left.entries) * len(right.entries) > _MOST_NODES:
        raise _too_large(node)
    rows = tuple(tuple(_times(a, b) for a in top for b in bottom) for top in left.rows for bottom in right.rows)
    return Grid(rows, left.flat and right.flat).to_tree()


def _dot(left: tuple[Tree, ...], right: tuple[Tree, ...]) -> Tree:
    return reduce(_plus, (_times(a, b) for a, b in zip(left, right, strict=True)))


def _folded(left: Tree, right: Tree, operation: Callable[[Fraction, Fraction], Fraction]) -> Tree | None:
    a, b = literal_value(left), literal_value(right)
    if a is None or b is None:
        return None
    result = operation(a, b)
    return number(result) if max(result.numerator.bit_length(), result.denominator.bit_length()) < _MOST_BITS else None


def _plus(left: Tree, right: Tree) -> Tree:
    terms = left.args if left.kind == "sum" else (left,)
    return _folded(left, right, Fraction.__add__) or add(*terms, right)


def _times(left: Tree, right: Tree) -> Tree:
    factors = left.args if left.kind == "product" else (left,)
    return _folded(left, right, Fraction.__mul__) or multiply(*factors, right)


def _mismatch(verb: str, left: Grid, right: Grid, node: Tree) -> ShapesDoNotFit:
    a, b = (f"{grid.shape[0]} by {grid.shape[1]}" for grid in (left, right))
    message = f"Sizes that do not fit: {a} cannot be {verb} {b}."
    return ShapesDoNotFit(message, node.start, node.end, "", f"sizes that fit {a}", b)


_RULES: Mapping[str, Callable[[Tree], Tree]] = {
    "sum": _sum,
    "neg": _negate,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "transpose": _transpose,
    "elementwise": _elementwise,
    "call": _call,
}
_CALLS: Mapping[str, Callable[[Tree], Tree]] = {
    "norm": _norm,
    "abs": _length,
    "det": _determinant,
    "inv": lambda node: _inverse(node.args[0]),
    "transpose": _transpose,
    "tr": _trace,
    "diag": _diagonal,
    "dot": _inner,
    "max": _spread,
    "min": _spread,
    "logsumexp": _spread,
    "softmax": _softmax,
    "kron": _kronecker,
}
