"""A vector: entry by entry, as a row, a column or either."""

from __future__ import annotations

from dataclasses import dataclass

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Layout, Settings
from grader.answers.entries import check_grids, size_mismatch, wrong_kind
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.tolerance import Tolerance
from grader.answers.wording import NOT_SCALAR, kind_words, size_words
from grader.checking.verdict import Outcome, TypeMismatch, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number


@dataclass(frozen=True, slots=True)
class VectorSettings(Settings):
    """`layout` says whether a row, a column or either is asked for.

    Where it matters, `[a, b]` is a row, and `[a; b]`, `[[a], [b]]` and `[a, b]^T` are columns.
    """

    tolerance: Tolerance | None = None
    layout: Layout = "any"


class VectorType(AnswerType[VectorSettings]):
    """Vectors of any length; arithmetic on literal vectors is carried out."""

    name = "vector"
    meaning = "a vector such as [2x, 3]"
    settings = VectorSettings

    def key_fault(self, key: Tree, settings: VectorSettings) -> str:  # noqa: ARG002 - any vector, any layout
        """Only a vector can be the key."""
        return "" if vector_of(evaluate(key)) else f"The answer is {kind_words(key)}, not a vector."

    def check(self, response: Answer, key: Tree, settings: VectorSettings, context: Context) -> Checked:
        """Each entry by the ladder of evidence; another number of entries is different, and named."""
        right = (vector_of(evaluate(key)) or Grid(((key,),))).standing()
        tree = evaluate(response.tree)
        given = vector_of(tree, len(right.entries))
        if given is None and grid_of(tree) is not None:
            return size_mismatch(size_words(right), kind_words(tree))
        if given is None:
            return wrong_kind(size_words(right), tree)
        if len(right.entries) > 1:
            other = _other_layout(given, settings.layout)
            if other is not None:
                return other
        return check_grids(given.standing(), right, settings.tolerance, context, partial=settings.partial)

    def show(self, tree: Tree, settings: VectorSettings) -> str:  # noqa: ARG002 - the same for all settings
        """In brackets."""
        return to_text(tree)

    def examples(self, key: Tree, settings: VectorSettings) -> Examples:
        """The key as asked for; one entry raised by one, one entry more, an equation; a bracket missing."""
        entries = (vector_of(evaluate(key)) or Grid(((key,),))).entries
        between = "; " if settings.layout == "column" else ", "

        def typed(*trees: Tree) -> str:
            return f"[{between.join(map(to_text, trees))}]"

        raised, longer = typed(add(entries[0], number(1)), *entries[1:]), typed(*entries, number(1))
        right = typed(*entries)
        return Examples((right,), (raised, longer), (right[:-1], f"{right} +"))


def vector_of(tree: Tree, length: int = 0) -> Grid | None:
    """The vector, or None for what is none.

    Entries without brackets are a vector too; where one entry is asked for, a scalar is that entry.
    """
    grid = grid_of(Tree("vector", tree.args) if tree.kind == "list" else tree)
    if grid is not None:
        return grid if grid.is_vector else None
    is_entry = length == 1 and tree.kind not in NOT_SCALAR
    return Grid(((tree,),), flat=True) if is_entry else None


def _other_layout(given: Grid, layout: Layout) -> Checked | None:
    """The verdict on a row where a column is asked for, and the other way round."""
    found = "row" if given.flat else given.layout
    if layout in {"any", found}:
        return None
    verdict = Verdict(Outcome.DIFFERENT, TypeMismatch(f"a {layout}", f"a {found}"))
    return Checked.whole(verdict, (f"You gave a {found}; this problem asks for a {layout}.",))
