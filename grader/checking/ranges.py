"""How far indices run: the ends of sums that do not say them, and indices on axes of another size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.errors import AnswerError
from grader.reading.tree import ONE, Tree, literal_value, number

Size = int | str
KRONECKER = "delta"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The size over which each free index runs, and the sizes of the axes of each array.

    A size is a number or a letter; an index of unknown range and an array without a shape fit everywhere.
    `ends` are further letters that sums run up to; with `is_square` all letters are one size.
    """

    indices: Mapping[str, Size | None]
    shapes: Mapping[str, tuple[Size, ...]]
    ends: frozenset[str] = frozenset()
    is_square: bool = False

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that stand for sizes, sorted."""
        sizes = [*self.indices.values(), *(size for shape in self.shapes.values() for size in shape)]
        return tuple(sorted({*self.ends, *(size for size in sizes if isinstance(size, str))}))

    @property
    def sizes(self) -> frozenset[Size]:
        """All sizes there are."""
        known = {size for size in self.indices.values() if size is not None}
        return frozenset(known | {size for shape in self.shapes.values() for size in shape})

    def same(self, first: Size, second: Size) -> bool:
        """Whether two sizes are always the same number."""
        return first == second or (self.is_square and isinstance(first, str) and isinstance(second, str))

    def is_delta(self, tree: Tree) -> bool:
        """Whether this is the Kronecker delta of two indices."""
        if tree.kind == "call":
            return tree.value == KRONECKER
        declared = self.shapes.get(KRONECKER, ())
        return tree.kind == "entry" and tree.value == KRONECKER and len(tree.args) == 2 and len(declared) != 2


class Misfit(Exception):
    """An index runs over another size than the axis it stands on; `expected` and `found` say which."""

    def __init__(self, expected: str, found: str) -> None:
        """Keep both, in words."""
        super().__init__(f"Here {expected} is needed, not {found}.")
        self.expected = expected
        self.found = found


def bounded(tree: Tree, ranges: Ranges) -> Tree:
    """The tree with the ends of every sum written out, and indices of sums that no other index is called like.

    Raises Misfit for an index on an axis of another size, AnswerError for a sum of unknown length.
    """
    return _bounded(tree, ranges.indices, ranges, {})


def _bounded(
    tree: Tree, scope: Mapping[str, Size | None], ranges: Ranges, called: Mapping[str, str], depth: int = 1
) -> Tree:
    """`called` says what the indices of the sums around are called now."""
    if tree.kind == "sigma":
        ends, size = _ends(tree, scope, ranges)
        own = f"{tree.value}#{depth}"
        inner = {**scope, tree.value: size}
        body = _bounded(tree.args[0], inner, ranges, {**called, tree.value: own}, depth + 1)
        lower, upper = (_bounded(end, scope, ranges, called, depth) for end in ends)
        return Tree("sigma", (body, lower, upper), own, tree.start, tree.end)
    if tree.kind == "name":
        return tree._replace(value=called[tree.value]) if tree.value in called else tree
    if tree.kind == "entry" and not ranges.is_delta(tree):
        _expect_to_fit(tree, scope, ranges)
    if not tree.args:
        return tree
    return tree._replace(args=tuple(_bounded(arg, scope, ranges, called, depth) for arg in tree.args))


def _expect_to_fit(tree: Tree, scope: Mapping[str, Size | None], ranges: Ranges) -> None:
    """Raise Misfit where an index of this entry runs over another size than its axis has."""
    for place, (index, axis) in enumerate(zip(tree.args, ranges.shapes.get(tree.value, ()), strict=False), start=1):
        where = f"an index over {axis} (place {place} of {tree.value})"
        if index.kind == "number":
            if int(index.value) < 1 or (isinstance(axis, int) and int(index.value) > axis):
                raise Misfit(where, f"the index {index.value}")
            continue
        size = scope.get(index.value)
        if size is not None and not ranges.same(size, axis):
            raise Misfit(where, f"the index {index.value}, which runs over {size}")


def _ends(tree: Tree, scope: Mapping[str, Size | None], ranges: Ranges) -> tuple[tuple[Tree, Tree], Size | None]:
    """The two ends of a sum and, where it starts at 1, the size that it runs over."""
    lower = tree.args[1] if len(tree.args) > 1 else ONE
    if len(tree.args) > 2:
        upper = tree.args[2]
        size = _size_of(upper)
    else:
        size = _used_size(tree, scope, ranges)
        upper = number(size) if isinstance(size, int) else Tree("name", (), size)
    return (lower, upper), size if literal_value(lower) == 1 else None


def _size_of(upper: Tree) -> Size | None:
    """The size that an upper end names; None for arithmetic."""
    if upper.kind == "name":
        return upper.value
    value = literal_value(upper)
    return int(value) if value is not None and value.denominator == 1 else None


def _used_size(tree: Tree, scope: Mapping[str, Size | None], ranges: Ranges) -> Size:
    """The size of the axes on which the index of a sum stands."""
    found: list[Size] = []
    partners: list[Size] = []
    others: list[Size] = []
    for node in _within(tree.args[0], tree.value):
        names = [index.value for index in node.args]
        if ranges.is_delta(node):
            partners.extend(size for name in names if tree.value in names and (size := scope.get(name)) is not None)
        elif node.kind == "entry":
            axes = ranges.shapes.get(node.value, ())
            others.extend(axes)
            found.extend(axis for name, axis in zip(names, axes, strict=False) if name == tree.value)
    sizes = list(dict.fromkeys(found or partners))
    if not sizes:
        candidates = set(others) or ranges.sizes or set(ranges.letters)
        sizes = list(candidates) if len(candidates) == 1 else []
    if any(not ranges.same(sizes[0], size) for size in sizes[1:]):
        raise Misfit("one size", f"the index {tree.value} of a sum on axes of the sizes {sizes[0]} and {sizes[1]}")
    if not sizes:
        message = f"Nothing here says how far {tree.value} runs."
        raise AnswerError(message, tree.start, tree.end, f"Write sum_({tree.value}=1)^n.")
    return sizes[0]


def _within(tree: Tree, index: str) -> Iterator[Tree]:
    """The nodes in which the index means that of the sum around them."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if node.kind == "sigma" and node.value == index:
            stack.extend(node.args[1:])
        else:
            stack.extend(node.args)
