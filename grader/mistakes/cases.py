"""What clustering speaks of: wrong answers, patterns that they follow, groups of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.mistakes.leaves import Leaves
from grader.reading.tree import Tree

Where = tuple[tuple[int, ...], ...]
"""The entries that are wrong, by their indices."""


@dataclass(frozen=True, slots=True)
class Case:
    """One distinct wrong answer; `variant` is the place of its situation, `where` tells the entries that are wrong."""

    variant: int
    tree: Tree
    leaves: Leaves
    mistake: str | None = None
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a wrong answer is in terms of the problem.

    `entries` are formulas in the quantities of the problem, in `key_1`, … for the entries of the key and in
    `above` for the entry above. With `changed` it is what would be right if these quantities had these values.
    """

    frame: tuple[object, ...] = ()
    entries: tuple[Tree, ...] = ()
    changed: tuple[tuple[str, Tree], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that are the same mistake; by a catalogued one, by a pattern, or the same answer in one variant."""

    members: tuple[int, ...]
    mistake: str | None = None
    where: Where = ()
    pattern: Pattern | None = None


Change = tuple[tuple[str, Tree], ...]
Changed = Callable[[int, Change], Leaves | None]
"""The key of a variant, had some of its quantities other values."""


def look_equal(first: Leaves, second: Leaves) -> bool:
    """Whether two answers have the same values wherever they are compared."""
    if len(first.leaves) != len(second.leaves):
        return False
    return all(one.agrees(other.values) for one, other in zip(first.leaves, second.leaves, strict=True))
