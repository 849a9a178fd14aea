"""An array of rank 3 or 4 as nested brackets: entry by entry; permuted axes are recognised and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product

from grader.answers.base import Answer, AnswerType, Checked, Context, Entry, Examples, Settings
from grader.answers.entries import join, size_mismatch, wrong_kind
from grader.answers.scalars import compare
from grader.answers.tolerance import Tolerance
from grader.answers.wording import kind_words
from grader.checking.verdict import Outcome
from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number

RANKS = (3, 4)
_NESTED = frozenset({"vector", "matrix", "row"})

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TensorSettings(Settings):
    """`tolerance` holds for each entry."""

    tolerance: Tolerance | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """The entries by their places, which count from 1, the outermost brackets first."""

    shape: tuple[int, ...]
    entries: dict[Place, Tree]

    def permuted(self, order: Place) -> Array:
        """The axes in another order: the new first axis is the old one of number `order[0]`."""
        entries = {tuple(place[axis] for axis in order): entry for place, entry in self.entries.items()}
        return Array(tuple(self.shape[axis] for axis in order), entries)

    def in_order(self) -> list[Tree]:
        """The entries as they are written."""
        return [self.entries[place] for place in product(*(range(1, size + 1) for size in self.shape))]


class TensorType(AnswerType[TensorSettings]):
    """Arrays of rank 3 and 4; entry (i,j,k) stands in block i, row j, column k."""

    name = "tensor"
    meaning = "an array of rank 3 or 4 such as [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]"
    settings = TensorSettings

    def key_fault(self, key: Tree, settings: TensorSettings) -> str:  # noqa: ARG002 - any entries
        """Only an array of rank 3 or 4 can be the key; AnswerError where it is ragged."""
        array = array_of(key)
        if array is None:
            return f"The answer is {kind_words(key)}, not an array."
        return "" if len(array.shape) in RANKS else f"The answer is {_shape_words(array)}; its rank is not 3 or 4."

    def check(self, response: Answer, key: Tree, settings: TensorSettings, context: Context) -> Checked:
        """Each entry by the ladder of evidence; another shape is different, and both are named."""
        right, given = array_of(key), array_of(response.tree)
        if right is None or given is None:
            return wrong_kind(_shape_words(right) if right else "an array", response.tree)
        if given.shape != right.shape:
            checked = size_mismatch(_shape_words(right), _shape_words(given))
        else:
            entries = ((place, given.entries[place], right.entries[place]) for place in sorted(right.entries))
            verdicts = [Entry(place, compare(one, other, settings.tolerance, context)) for place, one, other in entries]
            checked = join(tuple(verdicts), partial=settings.partial)
        if checked.verdict.outcome is not Outcome.DIFFERENT:
            return checked
        for order in _orders(given, right):
            if _is_same(given, right.permuted(order), settings, context):
                axes = ", ".join(str(axis + 1) for axis in order)
                said = f"This is the answer with its axes in the order {axes}."
                return replace(checked, feedback=(*_sizes(checked, given, right), said), mistake="transposed")
        mine, theirs = (Array((len(each.entries),), _numbered(each.in_order())) for each in (given, right))
        if given.shape != right.shape and mine.shape == theirs.shape and _is_same(mine, theirs, settings, context):
            return replace(checked, feedback=(*checked.feedback, "The entries are right, in another shape."))
        return checked

    def show(self, tree: Tree, settings: TensorSettings) -> str:  # noqa: ARG002 - the same for all settings
        """In nested brackets."""
        return to_text(tree)

    def examples(self, key: Tree, settings: TensorSettings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key; its first entry raised by one, a block more; a bracket missing."""
        raised = Tree("vector", (_raised(key.args[0]), *key.args[1:])) if key.kind == "vector" else _raised(key)
        text, wrong = to_text(key), to_text(raised)
        return Examples((text,), (wrong, f"[{text[1:-1]}, {to_text(key.args[0])}]"), (text[:-1], f"{text} +"))


def array_of(tree: Tree) -> Array | None:
    """The array that nested brackets are; None for a scalar or a set; AnswerError where they are ragged."""
    if tree.kind not in _NESTED:
        return None
    shape: list[int] = []
    level: list[tuple[Place, Tree]] = [((), tree)]
    while level and any(node.kind in _NESTED for _, node in level):
        sizes = {len(node.args) if node.kind in _NESTED else 0 for _, node in level}
        if len(sizes) > 1:
            raise AnswerError("The blocks of this array are of different sizes.", tree.start, tree.end)
        shape.append(sizes.pop())
        level = [((*place, k), arg) for place, node in level for k, arg in enumerate(node.args, start=1)]
    return Array(tuple(shape), dict(level))


def _shape_words(array: Array) -> str:
    """The shape: "an array of shape 2 × 2 × 3"."""
    sizes = " × ".join(str(size) for size in array.shape)
    return f"a vector of {sizes} entries" if len(array.shape) == 1 else f"an array of shape {sizes}"


def _sizes(checked: Checked, given: Array, right: Array) -> tuple[str, ...]:
    """The sentence on the sizes, where they differ."""
    return checked.feedback if given.shape != right.shape else ()


def _orders(given: Array, right: Array) -> Iterator[Place]:
    """Orders of the axes other than the given one in which the shapes are the same."""
    rank = len(right.shape)
    if len(given.shape) != rank:
        return
    for order in permutations(range(rank)):
        if order != tuple(range(rank)) and tuple(right.shape[axis] for axis in order) == given.shape:
            yield order


def _is_same(given: Array, right: Array, settings: TensorSettings, context: Context) -> bool:
    """Whether all entries are equal; the first that is not ends it."""
    pairs = ((given.entries[place], entry) for place, entry in right.entries.items())
    return all(compare(one, other, settings.tolerance, context).outcome is Outcome.EQUAL for one, other in pairs)


def _numbered(entries: list[Tree]) -> dict[Place, Tree]:
    return {(place,): entry for place, entry in enumerate(entries, start=1)}


def _raised(tree: Tree) -> Tree:
    """The array with one added to its first entry."""
    if tree.kind not in _NESTED:
        return add(tree, number(1))
    return tree._replace(args=(_raised(tree.args[0]), *tree.args[1:]))
