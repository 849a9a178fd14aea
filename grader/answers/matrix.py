"""A matrix: entry by entry; the transpose of the answer is recognised and named."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Layout
from grader.answers.entries import check_grids, wrong_kind
from grader.answers.forms import FormSettings
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.tolerance import Amount, Tolerance, exact_amount
from grader.answers.wording import NOT_SCALAR, kind_words, size_words
from grader.checking.verdict import Outcome
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number

_ROWS = frozenset({"vector", "matrix", "transpose", "list"})


@dataclass(frozen=True, slots=True)
class MatrixSettings(FormSettings):
    """`layout: row` lets a flat `[a, b]` stand for one row, `layout: column` for one column.

    `transpose_share` is the share of the points that the transpose of the answer earns.
    """

    tolerance: Tolerance | None = None
    layout: Layout = "any"
    transpose_share: Amount = 0

    def __post_init__(self) -> None:
        """A share is between 0 and 1; ValueError says so."""
        FormSettings.__post_init__(self)
        if not 0 <= exact_amount(self.transpose_share) <= 1:
            raise ValueError("transpose_share must be between 0 and 1.")


class MatrixType(AnswerType[MatrixSettings]):
    """Matrices of any size; arithmetic on literal matrices is carried out; a 1 by 1 matrix is its entry."""

    name = "matrix"
    meaning = "a matrix such as [[1, 2], [3, 4]]"
    settings = MatrixSettings

    def key_fault(self, key: Tree, settings: MatrixSettings) -> str:  # noqa: ARG002 - any matrix, any layout
        """Only a matrix, a vector or a single entry can be the key."""
        return "" if _matrix_of(evaluate(key)) else f"The answer is {kind_words(key)}, not a matrix."

    def check(self, response: Answer, key: Tree, settings: MatrixSettings, context: Context) -> Checked:
        """Each entry by the ladder of evidence; another size is different, and named."""
        right = _key_grid(key, settings.layout)
        tree = evaluate(response.tree)
        given = _matrix_of(tree)
        if given is None or (tree.kind not in _ROWS and right.shape != (1, 1)):
            return wrong_kind(size_words(right), tree)
        given = _laid_out(given, right, settings.layout)
        if given.flat:
            return wrong_kind(size_words(right), tree, "Write every row in its own brackets: [[a, b], [c, d]].")
        partial = settings.partial
        checked = check_grids(given, right, settings.tolerance, context, partial=partial, form=settings)
        if checked.verdict.outcome is Outcome.DIFFERENT and self._is_transpose(given, right, settings, context):
            share = exact_amount(settings.transpose_share)
            return replace(
                checked, share=share, feedback=("This is the transpose of the answer.",), mistake="transposed"
            )
        return checked

    def show(self, tree: Tree, settings: MatrixSettings) -> str:  # noqa: ARG002 - the same for all settings
        """Row by row, in brackets."""
        return to_text(tree)

    def examples(self, key: Tree, settings: MatrixSettings) -> Examples:
        """The key; one entry raised by one, one row more; a bracket missing."""
        rows = _key_grid(key, settings.layout).rows
        raised = ((add(rows[0][0], number(1)), *rows[0][1:]), *rows[1:])
        right, wrong, longer = (to_text(Grid(each).to_tree()) for each in (rows, raised, (*rows, rows[0])))
        return Examples((right,), (wrong, longer), (right[:-1], f"{right} +"))

    def _is_transpose(self, given: Grid, right: Grid, settings: MatrixSettings, context: Context) -> bool:
        turned = right.transposed()
        if given.shape != turned.shape:
            return False
        checked = check_grids(given, turned, settings.tolerance, context, partial=False)
        return checked.verdict.outcome is Outcome.EQUAL


def _matrix_of(tree: Tree) -> Grid | None:
    """The matrix or vector; rows need no outer brackets; a scalar is 1 by 1; None for what is none of these."""
    rows = tuple(arg.args for arg in tree.args if arg.kind == "vector")
    if tree.kind == "list" and len(rows) == len(tree.args) and len({len(row) for row in rows}) == 1:
        return Grid(rows)
    grid = grid_of(tree)
    if grid is None and tree.kind not in NOT_SCALAR:
        return Grid(((tree,),))
    return grid


def _key_grid(key: Tree, layout: Layout) -> Grid:
    """The key's rows; a flat key is a row where the problem says row, else a column."""
    grid = _matrix_of(evaluate(key)) or Grid(((key,),))
    if grid.flat and layout == "row":
        return grid.transposed()
    return replace(grid, flat=False)


def _laid_out(given: Grid, right: Grid, layout: Layout) -> Grid:
    """A flat vector as the row or column that the problem asks for; it stays flat where it says neither."""
    if not given.flat:
        return given
    if given.shape == (1, 1):
        return replace(given, flat=False)
    if layout == "row" and right.shape[0] == 1:
        return given.transposed()
    return replace(given, flat=False) if layout == "column" and right.shape[1] == 1 else given
