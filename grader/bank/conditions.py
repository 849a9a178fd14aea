"""Conditions on drawn values, decided exactly: never by comparing floats."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from grader.bank.drawing import Word
from grader.calculus.literal_matrices import reduce_literals
from grader.calculus.simplifying import condition_holds, simplify
from grader.calculus.steps import Step
from grader.checking.bounding import NotScalar, NoValue, Unclear, value_at
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.tree import Tree, add, literal_value, names_in, neg

_WORD_TEST = re.compile(r"\s*([^\W\d]\w*)\s*(==?|!=|≠)\s*([\"']?)([A-Za-z][\w -]*?)\3\s*")
SHAPED = frozenset({"vector", "matrix", "set", "list"})
CERTAIN_DIGITS = 40
_LOGIC = frozenset({"and", "or"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A relation between numbers, a comparison of a word-valued quantity with a word, or several of them.

    `parts` are joined by `logic`, which is `and` or `or`.
    """

    text: str
    tree: Tree | None = None
    name: str = ""
    word: str = ""
    equal: bool = True
    parts: tuple[Condition, ...] = ()
    logic: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The quantities that it speaks of."""
        if self.parts:
            return frozenset().union(*(part.names for part in self.parts))
        return frozenset({self.name}) if self.tree is None else names_in(self.tree)


class Lookup(Protocol):
    """Where a condition finds values."""

    def put_in(self, tree: Tree) -> Tree:
        """The tree with all quantities replaced by their values."""

    def value(self, name: str) -> Tree | Word:
        """The value of one quantity."""

    def is_tidy(self, name: str) -> bool:
        """Whether the value is in tidy form already."""

    def has_start(self, name: str) -> bool:
        """Whether the first row of a quantity is that of a start, before any step."""

    def steps(self, name: str) -> tuple[Step, ...]:
        """How the value of a derived quantity was found."""


def read_condition(text: str, read: Callable[[str], Tree], words: Collection[str]) -> Condition:
    """The condition in a text; raises AnswerError where it is none."""
    match = _WORD_TEST.fullmatch(text)
    if match and canonical(match[1]) in words:
        return Condition(text.strip(), None, canonical(match[1]), match[4].strip(), match[2].startswith("="))
    joined = _joined(text, read, words)
    if joined is not None:
        return joined
    tree = read(text)
    if not _is_condition(tree):
        repair = "Write a relation such as a != b or 0 < a <= 5."
        raise AnswerError("This is not a condition.", 0, len(text), repair)
    return Condition(text.strip(), tree)


def _joined(text: str, read: Callable[[str], Tree], words: Collection[str]) -> Condition | None:
    """Conditions joined by `or` and `and` of which one is about a word; None where there is none such."""
    tests = (_WORD_TEST.fullmatch(piece) for piece in re.split(r"\bor\b|\band\b", text))
    if not any(test and canonical(test[1]) in words for test in tests):
        return None
    logic = "or" if re.search(r"\bor\b", text) else "and"
    parts: list[Condition] = []
    at = 0
    for piece in re.split(rf"\b{logic}\b", text):
        try:
            parts.append(read_condition(piece, read, words))
        except AnswerError as error:
            raise AnswerError(error.message, error.start + at, error.end + at, error.repair) from None
        at += len(piece) + len(logic)
    return Condition(text.strip(), parts=tuple(parts), logic=logic)


def _is_condition(tree: Tree) -> bool:
    if tree.kind in _LOGIC:
        return all(_is_condition(arg) for arg in tree.args)
    return tree.kind == "relation"


def holds(condition: Condition, values: Lookup) -> bool:
    """Whether the condition holds; raises AnswerError where it cannot be decided."""
    if condition.parts:
        truths = (holds(part, values) for part in condition.parts)
        return all(truths) if condition.logic == "and" else any(truths)
    if condition.tree is None:
        value = values.value(condition.name)
        return (isinstance(value, Word) and value.text == condition.word) == condition.equal
    return _holds(condition.tree, values)


def _holds(tree: Tree, values: Lookup) -> bool:
    """`and` and `or` stop at the first part that decides, so that one can shield the next."""
    if tree.kind == "and":
        return all(_holds(arg, values) for arg in tree.args)
    if tree.kind == "or":
        return any(_holds(arg, values) for arg in tree.args)
    plain = reduce_literals(values.put_in(tree))
    truth = condition_holds(plain)
    if truth is None:
        truth = _by_enclosure(plain)
    if truth is None:
        raise AnswerError("This condition cannot be decided.", tree.start, tree.end, _why(plain))
    return truth


def _why(tree: Tree) -> str:
    left = sorted(names_in(tree))
    if left:
        return f"It still contains {', '.join(left)}; a condition speaks of numbers."
    return "A side of it has no value here; put a condition that excludes this before it."


def _by_enclosure(tree: Tree) -> bool | None:
    """The relation between numbers of which some are irrational, by certified bounds; None: not decided."""
    if tree.kind != "relation":
        return None
    operators = tree.value.split()
    truths = [
        _between(left, operator, right)
        for left, operator, right in zip(tree.args, operators, tree.args[1:], strict=False)
    ]
    return None if None in truths else all(truths)


def _between(left: Tree, operator: str, right: Tree) -> bool | None:
    if operator not in _SIGNS:
        return None
    if left.kind in SHAPED or right.kind in SHAPED:
        same = left == right
        return same if operator == "=" else not same if operator == "!=" else None
    sign = _sign(simplify(add(left, neg(right))))
    return None if sign is None else sign in _SIGNS[operator]


_SIGNS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "=": (0,), "!=": (-1, 1)}


def _sign(difference: Tree) -> int | None:
    """The sign of a number; None where it has no value or is too near zero to tell."""
    exact = literal_value(difference)
    if exact is not None:
        return (exact > 0) - (exact < 0)
    if names_in(difference):
        return None
    try:
        bounds = value_at(difference, {}, CERTAIN_DIGITS)
    except (NoValue, Unclear, NotScalar):
        return None
    return 1 if bounds.lower > 0 else -1 if bounds.upper < 0 else None
