"""A vector: entry by entry, as a row, a column or either."""

from __future__ import annotations

from dataclasses import dataclass

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Layout
from grader.answers.entries import check_grids, size_mismatch, wrong_kind
from grader.answers.equal_up_to import compare_multiples
from grader.answers.forms import FormSettings
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.tolerance import Tolerance
from grader.answers.up_to import MULTIPLES, UpTo, UpToSetting
from grader.answers.wording import NOT_SCALAR, kind_words, size_words
from grader.checking.verdict import Outcome, TypeMismatch, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number

_LAYOUTS = {"row": "a row", "column": "a column"}
NO_MULTIPLE = {
    "factor": "Your vector is no multiple of the right one.",
    "positive-factor": "Your vector does not point in the right direction.",
    "sign": "Your vector is neither the right one nor its opposite.",
}


@dataclass(frozen=True, slots=True)
class VectorSettings(FormSettings):
    """`layout` says whether a row, a column or either is asked for.

    Where it matters, `[a, b]` is a row, and `[a; b]`, `[[a], [b]]` and `[a, b]^T` are columns.
    `up_to` takes all multiples of the key, the positive ones, or the key and its opposite.
    """

    tolerance: Tolerance | None = None
    layout: Layout = "any"
    up_to: UpToSetting | None = None

    def __post_init__(self) -> None:
        """Refuse what is no way in which vectors may depart from the key."""
        if self.up_to is not None:
            UpTo.of(self.up_to, MULTIPLES)


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
        if settings.up_to is not None and len(given.entries) == len(right.entries):
            up_to = UpTo.of(settings.up_to, MULTIPLES)
            return _check_multiple(given, right, up_to, settings.tolerance, context)
        partial = settings.partial
        return check_grids(given.standing(), right, settings.tolerance, context, partial=partial, form=settings)

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


def _check_multiple(given: Grid, right: Grid, up_to: UpTo, tolerance: Tolerance | None, context: Context) -> Checked:
    """The verdict on a vector that may be the key times a factor: right or wrong as a whole."""
    verdict = compare_multiples(given.entries, right.entries, up_to, tolerance, context)
    feedback = (NO_MULTIPLE[up_to.way],) if verdict.outcome is Outcome.DIFFERENT else ()
    return Checked.whole(verdict, feedback)


def _other_layout(given: Grid, layout: Layout) -> Checked | None:
    """The verdict on a row where a column is asked for, and the other way round."""
    found = "row" if given.flat else given.layout
    if layout in {"any", found}:
        return None
    mine, right = _LAYOUTS[found], _LAYOUTS[layout]
    verdict = Verdict(Outcome.DIFFERENT, TypeMismatch(right, mine))
    return Checked.whole(verdict, (f"You gave {mine}; this problem asks for {right}.",))
