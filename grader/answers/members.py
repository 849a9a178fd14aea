"""The members of lists and sets: numbers, expressions and points."""

from __future__ import annotations

from grader.answers.base import Context, Entry
from grader.answers.entries import join
from grader.answers.grids import grid_of
from grader.answers.scalars import compare
from grader.answers.tolerance import Tolerance
from grader.answers.wording import NOT_SCALAR, kind_words, size_words
from grader.checking.verdict import Outcome, TypeMismatch, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree


def members_of(tree: Tree, *, of_points: bool = False) -> tuple[Tree, ...] | None:
    """What the list, set or sequence of alternatives holds; None for what holds no members.

    `of_points` says that the members are points, so that a single vector is one member.
    """
    if tree.kind == "empty":
        return ()
    if tree.kind in {"set", "list", "or"} or _is_enumeration(tree):
        return tuple(_without_label(member) for each in tree.args for member in _enumerated(each))
    if tree.kind == "relation":
        bare = _without_label(tree)
        return None if bare is tree else (bare,)
    grid = grid_of(tree)
    if grid is None:
        return None if tree.kind in NOT_SCALAR else (tree,)
    if tree.kind == "matrix":
        return tuple(Tree("vector", row) for row in grid.rows)
    is_nested = any(entry.kind == "vector" for entry in grid.entries)
    return (tree,) if of_points and not is_nested else grid.entries


def is_member(tree: Tree) -> bool:
    """Whether a list or set may hold it: a scalar or a point."""
    return tree.kind not in NOT_SCALAR or tree.kind == "vector"


def compare_members(response: Tree, key: Tree, tolerance: Tolerance | None, context: Context) -> Verdict:
    """The verdict on one member: scalars by the ladder, points entry by entry."""
    mine, theirs = grid_of(response), grid_of(key)
    if mine is None and theirs is None:
        return compare(response, key, tolerance, context)
    if mine is None or theirs is None or len(mine.entries) != len(theirs.entries):
        found = kind_words(response) if mine is None else size_words(mine)
        return Verdict(Outcome.DIFFERENT, TypeMismatch(kind_words(key), found))
    pairs = zip(mine.entries, theirs.entries, strict=True)
    entries = tuple(Entry((i,), compare(a, b, tolerance, context)) for i, (a, b) in enumerate(pairs, start=1))
    return join(entries, partial=False).verdict


def best_matching(edges: list[list[int]], size: int) -> int:
    """How many on the left can each have a partner of their own on the right (Kuhn's method).

    >>> best_matching([[0, 1], [0]], 2)
    2
    """
    partner: list[int | None] = [None] * size

    def place(left: int, seen: set[int]) -> bool:
        for right in edges[left]:
            if right not in seen:
                seen.add(right)
                holder = partner[right]
                if holder is None or place(holder, seen):
                    partner[right] = left
                    return True
        return False

    return sum(place(left, set()) for left in range(len(edges)))


def typed(members: tuple[Tree, ...]) -> str:
    """Members as a student types them: separated by commas, points in round brackets."""
    return ", ".join(to_text(each) for each in members)


def _is_enumeration(tree: Tree) -> bool:
    """Whether `and` or `or` stands between values, as in `1 and -1`, and not between conditions."""
    return tree.kind in {"and", "or"} and not any(each.kind == "relation" for each in tree.args)


def _enumerated(tree: Tree) -> tuple[Tree, ...]:
    """The last two members of `1, 2 and 3`; everything else is one member."""
    return tree.args if _is_enumeration(tree) else (tree,)


def _without_label(tree: Tree) -> Tree:
    """The right side of `x = 1`; everything else as it is."""
    is_labelled = tree.kind == "relation" and tree.value == "=" and tree.args[0].kind == "name"
    return tree.args[1] if is_labelled else tree
