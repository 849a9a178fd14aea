"""Vectors and matrices as rows of entries, whichever of the layouts they were typed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.reading.tree import Tree


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of entries. A flat vector, `[a, b]`, is kept as one column and is `flat`."""

    rows: tuple[tuple[Tree, ...], ...]
    flat: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    @property
    def is_vector(self) -> bool:
        """Whether it was typed flat, or is one row or one column."""
        return self.flat or 1 in self.shape

    @property
    def entries(self) -> tuple[Tree, ...]:
        """All entries, row by row."""
        return tuple(entry for row in self.rows for entry in row)

    @property
    def layout(self) -> str:
        """`flat`, `row`, `column` or `matrix`."""
        if self.flat:
            return "flat"
        rows, columns = self.shape
        if columns == 1:
            return "column"
        return "row" if rows == 1 else "matrix"

    def standing(self) -> Grid:
        """A vector as one flat column, whatever its layout."""
        return Grid(tuple((entry,) for entry in self.entries), flat=True)

    def transposed(self) -> Grid:
        """Rows for columns; never flat."""
        return Grid(tuple(zip(*self.rows, strict=True)))

    def indexed(self) -> Iterator[tuple[tuple[int, int], Tree]]:
        """Every entry with its row and column, from 1."""
        for i, row in enumerate(self.rows, start=1):
            for j, entry in enumerate(row, start=1):
                yield (i, j), entry

    def to_tree(self) -> Tree:
        """A vector tree where it is flat, else a matrix tree."""
        if self.flat:
            return Tree("vector", self.entries)
        return Tree("matrix", tuple(Tree("row", row) for row in self.rows))


def grid_of(tree: Tree) -> Grid | None:
    """The rows of a literal vector or matrix; None for all else.

    A flat vector under a transpose, `[1, 2]^T`, is a column: that is how columns are written in a line.
    """
    if tree.kind == "vector":
        if tree.value == "row":
            return Grid((tree.args,))
        return Grid(tuple((entry,) for entry in tree.args), flat=not tree.value)
    if tree.kind == "matrix":
        return Grid(tuple(row.args for row in tree.args))
    if tree.kind == "transpose" and tree.args[0].kind == "vector" and not tree.args[0].value:
        return Grid(tuple((entry,) for entry in tree.args[0].args))
    return None
