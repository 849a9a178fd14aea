"""A table of cells in rows, such as the points of a gradient descent, one row a step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings, read_tree
from grader.answers.entries import check_grids, size_mismatch, wrong_kind
from grader.answers.forms import FormSettings
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.tolerance import Tolerance
from grader.answers.wording import NOT_SCALAR, count_words, kind_words
from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.text import Reading
from grader.reading.tree import Tree, add, matrix, number

_MOST_CELLS = 400


@dataclass(frozen=True, slots=True)
class TableSettings(Settings):
    """`tolerance` holds for every cell; with `start_row: optional` the key's first row may be left out."""

    tolerance: Tolerance | None = None
    start_row: Literal["required", "optional"] = "required"


class TableType(AnswerType[TableSettings]):
    """Tables in matrix notation or as a JSON list of lists; one column may be written `[a, b, c]`."""

    name = "table"
    meaning = "a table, row by row, such as [[1, 2], [0.8, 1.6]]"
    settings = TableSettings

    def read(self, text: str, settings: TableSettings, context: Context) -> Answer:
        """Matrix notation, or JSON where the cells are in quotation marks."""
        if '"' not in text:
            return super().read(text, settings, context)
        rows = _json_rows(text)
        cells = [
            [_read_cell(cell, (i, j), text, context) for j, cell in enumerate(row, 1)] for i, row in enumerate(rows, 1)
        ]
        tree = matrix(tuple(tuple(cell.tree for cell in row) for row in cells))
        flat = [cell for row in cells for cell in row]
        second = matrix(tuple(tuple(cell.second or cell.tree for cell in row) for row in cells))
        notices = tuple(notice for cell in flat for notice in cell.notices)
        return Answer(tree, notices, second if any(cell.second for cell in flat) else None)

    def key_fault(self, key: Tree, settings: TableSettings) -> str:
        """Only rows of one length can be the key."""
        rows = _key_rows(key)
        if rows is None:
            return f"The answer is {kind_words(key)}, not a table."
        if settings.start_row == "optional" and len(rows.rows) < 2:
            return "A table with an optional start row needs at least two rows."
        return ""

    def check(self, response: Answer, key: Tree, settings: TableSettings, context: Context) -> Checked:
        """Cell by cell; a table of another size is different, and both sizes are named."""
        right = _key_rows(key) or Grid(((key,),))
        tree = evaluate(response.tree)
        given = _rows(tree, right.shape[1])
        if given is None:
            return wrong_kind(_size(right), tree, "Write row by row: [[a, b], [c, d]].")
        if settings.start_row == "optional" and given.shape[0] == right.shape[0] - 1:
            right = Grid(right.rows[1:])
        if given.shape != right.shape:
            return size_mismatch(_size(right), _size(given))
        form = FormSettings(disclose=settings.disclose)
        return check_grids(given, right, settings.tolerance, context, partial=settings.partial, form=form)

    def show(self, tree: Tree, settings: TableSettings) -> str:  # noqa: ARG002 - the same for all settings
        """Row by row, in brackets."""
        return to_text(tree)

    def examples(self, key: Tree, settings: TableSettings) -> Examples:
        """The key in both notations; one cell far off, one row more; a bracket missing."""
        rows = (_key_rows(key) or Grid(((key,),))).rows
        text = to_text(Grid(rows).to_tree())
        quoted = json.dumps([[to_text(cell) for cell in row] for row in rows])
        far = to_text(Grid(((add(rows[0][0], number(10**6)), *rows[0][1:]), *rows[1:])).to_tree())
        right = (
            (text, quoted) if settings.start_row == "required" else (text, quoted, to_text(Grid(rows[1:]).to_tree()))
        )
        return Examples(right, (far, to_text(Grid((*rows, rows[-1])).to_tree())), (text[:-1], quoted[:-1]))


def _json_rows(text: str) -> list[list[str]]:
    """Rows of texts; numbers are kept as they are written."""
    whole = (0, len(text))
    try:
        data: Any = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise AnswerError("This is not a list of lists.", error.pos, error.pos + 1, 'Write [["1", "2"]].') from None
    except RecursionError:
        raise AnswerError("This is nested too deeply.", *whole, "Write a list of rows.") from None
    if not isinstance(data, list) or not data:
        raise AnswerError("A table is a list of rows.", *whole, 'Write [["1", "2"], ["3", "4"]].')
    rows = [row if isinstance(row, list) else [row] for row in data]
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        lengths = ", ".join(str(len(row)) for row in rows[:8])
        raise AnswerError(f"The rows have {lengths} cells.", *whole, "Give every row the same number.")
    if len(rows) * len(rows[0]) > _MOST_CELLS:
        raise AnswerError(f"A table has at most {_MOST_CELLS} cells.", *whole)
    return rows


def _read_cell(cell: object, place: tuple[int, int], text: str, context: Context) -> Reading:
    row, column = place
    if not isinstance(cell, str) or not cell.strip():
        fault = f"Row {row}, cell {column} is not a text or number."
        if isinstance(cell, str) or cell is None:
            fault = f"Row {row}, cell {column} is empty."
        raise AnswerError(fault, 0, len(text), "Fill it in.")
    try:
        return read_tree(cell, context)
    except AnswerError as error:
        start = max(text.find(cell), 0)
        message = f"Row {row}, cell {column}: {error.message}"
        raise AnswerError(message, start + error.start, start + error.end, error.repair) from None


def _key_rows(key: Tree) -> Grid | None:
    """The key's rows as they are written; a flat key is one column."""
    tree = evaluate(key)
    return _rows(tree, 0 if tree.kind == "matrix" else 1)


def _rows(tree: Tree, columns: int) -> Grid | None:
    """The rows; `[a, b, c]` is one column where one is asked for, else one row."""
    if tree.kind == "list":
        tree = Tree("vector", tree.args)
    grid = grid_of(tree)
    if grid is None:
        return None if tree.kind in NOT_SCALAR else Grid(((tree,),))
    if tree.kind == "vector" and all(entry.kind == "vector" for entry in grid.entries):
        rows = tuple(entry.args for entry in grid.entries)
        return Grid(rows) if len({len(row) for row in rows}) == 1 else None
    if grid.flat:
        return Grid(grid.rows) if columns == 1 else grid.transposed()
    return grid.transposed() if columns == 1 and grid.layout == "row" else grid


def _size(grid: Grid) -> str:
    rows, columns = grid.shape
    return f"a table of {count_words(rows, 'row', 'rows')} and {count_words(columns, 'column', 'columns')}"
