"""An expression in entries of arrays, such as `A_ip B_qj` or `sum_k A_ik B_kj`, equal for all values of its indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings, read_tree
from grader.answers.entries import wrong_kind
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.checking.indexed import MOST_INDICES, decide_indexed, is_exchanged
from grader.checking.ranges import Ranges, Size
from grader.checking.verdict import Outcome, TypeMismatch
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.printing import to_text
from grader.reading.summing import MAX_SUMS
from grader.reading.tree import Tree, add, number, walk

LARGEST_SIZE = 100
ANY_SIZE = "n"  # of sums where nothing was declared


@dataclass(frozen=True, slots=True)
class IndexedExpressionSettings(Settings):
    """`indices` gives each free index the letter or number of the size that it runs over.

    Without it the free indices are those of the answer.
    """

    indices: Mapping[str, int | str] | None = None

    def __post_init__(self) -> None:
        """Indices have short names and ranges; ValueError says which has not."""
        if self.indices is None:
            return
        if not isinstance(self.indices, Mapping):
            raise ValueError('indices is a mapping such as {"i": "m", "j": "n"}.')  # noqa: TRY004 - settings raise ValueError
        if len(self.indices) > MOST_INDICES:
            raise ValueError(f"There are {len(self.indices)} indices; at most {MOST_INDICES} are judged.")
        for name, size in self.indices.items():
            if not canonical(str(name)).isalpha():
                raise ValueError(f"{str(name)[:40]!r} cannot be the name of an index.")
            is_letter = isinstance(size, str) and size.isidentifier()
            is_number = isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= LARGEST_SIZE
            if not is_letter and not is_number:
                raise ValueError(f"The index {name} runs over a letter or a number up to {LARGEST_SIZE}.")


class IndexedExpressionType(AnswerType[IndexedExpressionSettings]):
    """Expressions with indices; a repeated index is summed only by a sum that is written."""

    name = "indexed-expression"
    meaning = "an expression with indices such as A_ip B_qj or sum_k A_ik B_kj"
    settings = IndexedExpressionSettings

    def read(self, text: str, settings: IndexedExpressionSettings, context: Context) -> Answer:
        """The response, in which every index is declared or that of a sum around it."""
        domain = context.domain
        own = frozenset(canonical(name) for name in settings.indices or ())
        vocabulary = replace(context.vocabulary, indices=own)
        if vocabulary.names is not None:
            sizes = frozenset(size for size in ranges_of(settings, context).letters)
            vocabulary = replace(vocabulary, names=vocabulary.names | own | sizes)
        reading = read_tree(text, replace(context, vocabulary=vocabulary))
        plain = frozenset(domain.variables) | _ranges_names(settings, context) if domain.declared else None
        known = own if settings.indices is not None else None
        for fault in _expect_known(reading.tree, known, plain, frozenset(), 0):
            raise fault
        second = reading.second
        if second is not None and any(_expect_known(second, known, plain, frozenset(), 0)):
            second = None
        return Answer(reading.tree, reading.notices, second)

    def key_fault(self, key: Tree, settings: IndexedExpressionSettings) -> str:  # noqa: ARG002 - any indices
        """Only a scalar can be the key."""
        return f"The answer is {kind_words(key)}, not an expression." if key.kind in NOT_SCALAR else ""

    def check(self, response: Answer, key: Tree, settings: IndexedExpressionSettings, context: Context) -> Checked:
        """Equal for all values of the indices, at all sizes."""
        if response.tree.kind in NOT_SCALAR:
            return wrong_kind("an expression", response.tree)
        ranges = replace(ranges_of(settings, context), ends=_ends(key) | _ends(response.tree))
        if not ranges.letters and not ranges.sizes:
            ranges = replace(ranges, ends=frozenset({ANY_SIZE}))
        if settings.indices is None:
            ranges = replace(ranges, indices=dict.fromkeys(_free(key)))
            for node in _strangers(response.tree, frozenset(ranges.indices)):
                raise _not_declared(node, frozenset(ranges.indices))
        verdict = decide_indexed(response.tree, key, ranges, context.domain)
        if verdict.outcome is not Outcome.DIFFERENT:
            return Checked.whole(verdict)
        feedback = []
        if isinstance(verdict.evidence, TypeMismatch):
            feedback.append(f"Here {verdict.evidence.expected} is needed, not {verdict.evidence.found}.")
        free = _free(key)
        feedback += [f"The answer does not depend on {name}." for name in _free(response.tree) if name not in free]
        known = sorted(name for name in free if name in ranges.indices)
        for pair in combinations(known, 2):
            if is_exchanged(response.tree, key, ranges, context.domain, pair):
                feedback.append(f"With {pair[0]} and {pair[1]} exchanged this is the answer.")
                return replace(Checked.whole(verdict, tuple(feedback)), mistake="transposed")
        return Checked.whole(verdict, tuple(feedback))

    def show(self, tree: Tree, settings: IndexedExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: IndexedExpressionSettings) -> Examples:  # noqa: ARG002 - the same for all
        """The key, itself with nothing added; raised by one, a vector; a sign too many."""
        text = to_text(key)
        return Examples(
            (text, to_text(add(key, number(0)))),
            (to_text(add(key, number(1))), f"[{text}, 1]"),
            (f"{text} +", f"({text}"),
        )


def ranges_of(settings: IndexedExpressionSettings, context: Context) -> Ranges:
    """The sizes of indices and arrays."""
    indices: dict[str, Size | None] = {canonical(name): size for name, size in (settings.indices or {}).items()}
    return Ranges(indices, context.domain.shapes)


def _ranges_names(settings: IndexedExpressionSettings, context: Context) -> frozenset[str]:
    """The letters that stand for sizes, which are numbers in an expression."""
    return frozenset(ranges_of(settings, context).letters)


def _expect_known(
    tree: Tree, own: frozenset[str] | None, plain: frozenset[str] | None, bound: frozenset[str], depth: int
) -> Iterator[AnswerError]:
    """The errors for names that mean nothing here; `own` None allows any index, `plain` None any name."""
    if tree.kind in NOT_SCALAR and depth:
        yield AnswerError(f"Inside an expression there cannot be {kind_words(tree)}.", tree.start, tree.end)
    if tree.kind == "sigma":
        if len(bound) >= MAX_SUMS:
            message = f"Sums are nested more than {MAX_SUMS} deep."
            yield AnswerError(message, tree.start, tree.end, "Write it in simpler steps.")
        for end in tree.args[1:]:
            yield from _expect_known(end, own, plain, bound, depth + 1)
        yield from _expect_known(tree.args[0], own, plain, bound | {tree.value}, depth + 1)
        return
    if tree.kind == "case":
        yield from _expect_known(tree.args[0], own, plain, bound, depth)
        yield from _expect_known(tree.args[1], own, plain, bound, 0)
        return
    is_index = tree.kind == "entry" or (tree.kind == "call" and tree.value == "delta")
    for arg in tree.args:
        known = arg.value in bound or own is None or arg.value in own
        if is_index and arg.kind == "name" and not known:
            yield _not_declared(arg, own or frozenset())
        elif not is_index or arg.kind != "name":
            yield from _expect_known(arg, own, plain, bound, depth + (tree.kind not in NOT_SCALAR))
    if tree.kind == "name" and tree.value not in bound and plain is not None:
        known_names = plain | (own or frozenset())
        if tree.value not in known_names and (own is not None or len(tree.value) > 1):
            names = f"The names here are {', '.join(sorted(known_names))}."
            yield AnswerError(f"The name {tree.value} is not used in this problem.", tree.start, tree.end, names)


def _not_declared(index: Tree, own: frozenset[str]) -> AnswerError:
    """The error for an index that is neither declared nor that of a sum."""
    listed = f"The indices here are {', '.join(sorted(own))}" if own else "There are no indices here"
    message = f"The index {index.value} is not used in this problem."
    repair = f"{listed}; a sum over {index.value} is written sum_{index.value}."
    return AnswerError(message, index.start, index.end, repair)


def _strangers(tree: Tree, own: frozenset[str]) -> Iterator[Tree]:
    """The indices that are neither among these nor those of a sum."""
    if tree.kind == "sigma":
        yield from _strangers(tree.args[0], own | {tree.value})
        return
    is_index = tree.kind == "entry" or (tree.kind == "call" and tree.value == "delta")
    for arg in tree.args:
        if is_index and arg.kind == "name":
            if arg.value not in own:
                yield arg
        else:
            yield from _strangers(arg, own)


def _free(tree: Tree) -> tuple[str, ...]:
    """The indices that no sum runs over, in their order."""
    return tuple(dict.fromkeys(index.value for index in _strangers(tree, frozenset())))


def _ends(tree: Tree) -> frozenset[str]:
    """The letters that sums run up to."""
    ends = (node.args[2] for node in walk(tree) if node.kind == "sigma" and len(node.args) > 2)
    return frozenset(end.value for end in ends if end.kind == "name")
