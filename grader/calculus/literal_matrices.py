"""Arithmetic on vectors and matrices that are written out, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from grader.calculus.exact_matrices import Rows, determinant, inverse
from grader.calculus.simplifying import HOLDERS, KEPT, MATRIX_CALLS, MATRIX_KINDS, simplify
from grader.errors import GraderError
from grader.reading.tree import (
    ONE,
    ZERO,
    Tree,
    add,
    call,
    divide,
    literal_value,
    matrix,
    multiply,
    neg,
    power,
    vector,
    walk,
)

MOST_POWER = 64


class ShapeMismatch(GraderError):
    """The shapes of two things do not fit what is to be done with them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix, or a vector as one column or one row; `layout` is that of the vector, if it is one."""

    rows: Rows
    is_vector: bool = False
    layout: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    @property
    def entries(self) -> tuple[Tree, ...]:
        """All entries, row by row."""
        return tuple(entry for row in self.rows for entry in row)

    def __str__(self) -> str:
        if self.is_vector:
            return f"a vector of {len(self.entries)}"
        return "a {} x {} matrix".format(*self.shape)

    def map(self, change: Callable[[Tree], Tree]) -> Grid:
        """The same shape with every entry changed."""
        return Grid(tuple(tuple(map(change, row)) for row in self.rows), self.is_vector, self.layout)

    def transposed(self) -> Grid:
        """Rows as columns; a vector changes its layout."""
        layout = ("column" if self.layout == "row" else "row") if self.is_vector else ""
        return Grid(tuple(zip(*self.rows, strict=True)), self.is_vector, layout)

    def tree(self) -> Tree:
        """As a tree with tidy entries."""
        tidy = self.map(simplify)
        return vector(*tidy.entries, layout=self.layout) if self.is_vector else matrix(tidy.rows)


Value = Grid | Tree


def grid_of(tree: Tree) -> Grid | None:
    """The grid that a `vector` or `matrix` node writes out."""
    if tree.kind == "vector":
        rows = (tree.args,) if tree.value == "row" else tuple((entry,) for entry in tree.args)
        return Grid(rows, True, tree.value)
    if tree.kind == "matrix":
        return Grid(tuple(row.args for row in tree.args))
    return None


def scalarise(tree: Tree) -> Tree:
    """The tree as it is, or where vectors or matrices are written out in it, with them worked out."""
    has_literals = any(node.kind in {"vector", "matrix"} for node in walk(tree))
    return reduce_literals(tree) if has_literals else tree


@lru_cache(maxsize=KEPT)
def reduce_literals(tree: Tree) -> Tree:
    """All arithmetic on written-out vectors and matrices done; the result in tidy form."""
    value = _value(tree)
    return value.tree() if isinstance(value, Grid) else simplify(value)


def _value(tree: Tree) -> Value:
    """A grid, or a scalar as a tree."""
    if tree.kind in HOLDERS - {"vector", "matrix"}:
        return tree._replace(args=tuple(map(reduce_literals, tree.args)))
    grid = grid_of(tree)
    if grid is not None:
        return _with_scalar_entries(grid)
    if not any(
        node.kind in MATRIX_KINDS or (node.kind == "call" and node.value in MATRIX_CALLS) for node in walk(tree)
    ):
        return tree
    return _combined(tree, tuple(map(_value, tree.args)))


def _combined(tree: Tree, values: tuple[Value, ...]) -> Value:
    """The value of a node from the values of its arguments."""
    match tree.kind:
        case "sum":
            return _sum(values)
        case "neg":
            return _scaled(values[0], neg)
        case "product":
            return _product(values)
        case "quotient":
            return _quotient(*values)
        case "power":
            return _power(*values)
        case "transpose":
            return values[0].transposed() if isinstance(values[0], Grid) else values[0]
        case "elementwise":
            return _entrywise(*values, operation=multiply)
        case "call":
            return _call(tree, values)
    return tree._replace(args=tuple(value.tree() if isinstance(value, Grid) else value for value in values))


def _with_scalar_entries(grid: Grid) -> Grid:
    """The grid with its entries worked out, each of which must be a scalar."""

    def scalar(entry: Tree) -> Tree:
        value = _value(entry)
        if isinstance(value, Grid):
            raise ShapeMismatch(f"An entry of {grid} is itself {value}.")
        return value

    return grid.map(scalar)


def _sum(values: tuple[Value, ...]) -> Value:
    """The sum, entry by entry where the terms are grids."""
    total = values[0]
    for value in values[1:]:
        total = _entrywise(total, value, operation=add)
    return total


def _entrywise(one: Value, other: Value, *, operation: Callable[[Tree, Tree], Tree]) -> Value:
    """Two grids of one shape, or two scalars, combined."""
    if isinstance(one, Grid) and isinstance(other, Grid):
        if one.is_vector and other.is_vector and not (one.layout and other.layout):
            other = _laid_as(other, one.layout)
        if one.shape != other.shape:
            raise ShapeMismatch(f"These two cannot be combined entry by entry: {one} and {other}.")
        rows = tuple(tuple(map(operation, *pair)) for pair in zip(one.rows, other.rows, strict=True))
        return Grid(rows, one.is_vector and other.is_vector, one.layout or other.layout)
    if isinstance(one, Grid) or isinstance(other, Grid):
        grid = one if isinstance(one, Grid) else other
        raise ShapeMismatch(f"These two cannot be combined entry by entry: {grid} and a number.")
    return operation(one, other)


def _laid_as(grid: Grid, layout: str) -> Grid:
    """A vector, lying or standing."""
    rows = (grid.entries,) if layout == "row" else tuple((entry,) for entry in grid.entries)
    return Grid(rows, True, layout)


def _scaled(value: Value, change: Callable[[Tree], Tree]) -> Value:
    """Every entry of a grid changed, or the scalar."""
    return value.map(change) if isinstance(value, Grid) else change(value)


def _product(values: tuple[Value, ...]) -> Value:
    """The matrix product, from the left; numbers may stand anywhere."""
    total = values[0]
    for value in values[1:]:
        total = times(total, value)
    return total


def times(one: Value, other: Value) -> Value:
    """The product of two values; of two vectors of unsaid layout, the dot product."""
    if not isinstance(one, Grid):
        return _scaled(other, lambda entry: multiply(one, entry))
    if not isinstance(other, Grid):
        return one.map(lambda entry: multiply(other, entry))
    left, right = one, other
    if left.is_vector and not left.layout and (right.is_vector or right.shape[0] != 1):
        left = Grid((left.entries,), True, "row")
    if right.is_vector and not right.layout and left.shape[1] == len(right.entries):
        right = Grid(tuple((entry,) for entry in right.entries), True, "column")
    if left.shape[1] != right.shape[0]:
        raise ShapeMismatch(f"These two cannot be multiplied: {one} by {other}.")
    columns = tuple(zip(*right.rows, strict=True))
    rows = tuple(tuple(_dot(row, column) for column in columns) for row in left.rows)
    if len(rows) == 1 and len(columns) == 1:
        return rows[0][0]
    is_vector = (right.is_vector and len(columns) == 1) or (left.is_vector and len(rows) == 1)
    layout = other.layout if right.is_vector and len(columns) == 1 else "row"
    return Grid(rows, is_vector, layout if is_vector else "")


def _dot(one: tuple[Tree, ...], other: tuple[Tree, ...]) -> Tree:
    """The sum of the products of entries."""
    return simplify(add(*(multiply(a, b) for a, b in zip(one, other, strict=True))))


def _quotient(top: Value, bottom: Value) -> Value:
    """Division by a scalar."""
    if isinstance(bottom, Grid):
        raise ShapeMismatch(f"There is no division by {bottom}.")
    return _scaled(top, lambda entry: divide(entry, bottom))


def _power(base: Value, exponent: Value) -> Value:
    """A whole power of a square matrix, or a power of scalars."""
    if isinstance(exponent, Grid):
        raise ShapeMismatch(f"An exponent cannot be {exponent}.")
    if not isinstance(base, Grid):
        return power(base, exponent)
    count = literal_value(exponent)
    if base.is_vector or count is None or count.denominator != 1 or abs(count) > MOST_POWER:
        raise ShapeMismatch(f"There is no such power of {base}.")
    factor = _square(base)
    if count < 0:
        factor = Grid(inverse(factor.rows))
    result: Value = Grid(identity(len(factor.rows)))
    for _ in range(abs(int(count))):
        result = times(result, factor)
    return result if isinstance(result, Grid) or len(factor.rows) > 1 else Grid(((result,),))


def identity(size: int) -> Rows:
    """The rows of the identity matrix."""
    return tuple(tuple(ONE if i == j else ZERO for j in range(size)) for i in range(size))


def _square(value: Value) -> Grid:
    """The grid, which must be a square matrix."""
    if not isinstance(value, Grid) or value.is_vector or value.shape[0] != value.shape[1]:
        found = str(value) if isinstance(value, Grid) else "a number"
        raise ShapeMismatch(f"A square matrix is needed here, not {found}.")
    return value


def norm(entries: tuple[Tree, ...]) -> Tree:
    """The Euclidean length."""
    return simplify(call("sqrt", add(*(power(entry, 2) for entry in entries))))


def trace(rows: Rows) -> Tree:
    """The sum of the diagonal."""
    return simplify(add(*(row[place] for place, row in enumerate(rows))))


def _call(tree: Tree, values: tuple[Value, ...]) -> Value:
    """A function, of grids where it takes them."""
    first = values[0]
    if tree.value == "dot" and isinstance(values[1], Grid) and isinstance(first, Grid):
        if len(first.entries) != len(values[1].entries):
            raise ShapeMismatch(f"There is no dot product of {first} and {values[1]}.")
        return _dot(first.entries, values[1].entries)
    if isinstance(first, Grid) and tree.value in _OF_GRID and len(values) == 1:
        return _OF_GRID[tree.value](first)
    if tree.value == "diag" and not any(isinstance(value, Grid) for value in values):
        return _diagonal(tuple(value for value in values if isinstance(value, Tree)))
    return tree._replace(args=tuple(value.tree() if isinstance(value, Grid) else value for value in values))


def _diagonal(entries: tuple[Tree, ...]) -> Grid:
    """The square matrix with these entries on its diagonal."""
    return Grid(tuple(tuple(entry if i == j else ZERO for j in range(len(entries))) for i, entry in enumerate(entries)))


def _softmax(grid: Grid) -> Value:
    """Powers of e, each over the sum of them."""
    powers = grid.map(lambda entry: call("exp", entry))
    whole = add(*powers.entries)
    return powers.map(lambda entry: divide(entry, whole))


_OF_GRID: Mapping[str, Callable[[Grid], Value]] = {
    "norm": lambda grid: norm(grid.entries),
    "tr": lambda grid: trace(_square(grid).rows),
    "det": lambda grid: determinant(_square(grid).rows),
    "inv": lambda grid: Grid(inverse(_square(grid).rows)),
    "transpose": lambda grid: grid.transposed(),
    "diag": lambda grid: _diagonal(grid.entries),
    "softmax": _softmax,
}
