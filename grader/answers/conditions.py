"""Conditions on named numbers, as an author writes them: read, and put to the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.answers.base import Context
from grader.answers.literals import evaluate
from grader.answers.scalars import compare, decimal_words, scalar_of
from grader.answers.tolerance import Bounds, Tolerance
from grader.checking.bounding import NotScalar, NoValue, Unclear, value_at
from grader.checking.identical import Numbering
from grader.checking.meeting import OPERATORS, Met, met
from grader.checking.normal import constant_of
from grader.checking.verdict import Undefined, Verdict
from grader.errors import AnswerError
from grader.reading import text as text_reader
from grader.reading.names import Vocabulary, canonical
from grader.reading.printing import to_text
from grader.reading.tree import Tree, names_in, substitute

MOST_NAMES = 20
_DIGITS = 20
_LONGEST_EXACT = 80  # bits of numerator and denominator
_FAILS = {
    "=": "%(left)s is %(value)s, not %(right)s",
    "!=": "%(left)s is %(value)s, which it must not be",
    "<": "%(left)s is %(value)s, not less than %(right)s",
    "<=": "%(left)s is %(value)s, not at most %(right)s",
    ">": "%(left)s is %(value)s, not greater than %(right)s",
    ">=": "%(left)s is %(value)s, not at least %(right)s",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One relation between two expressions in the names."""

    left: Tree
    operator: str
    right: Tree


@lru_cache(maxsize=256)
def conditions_of(texts: tuple[str, ...], names: tuple[str, ...]) -> tuple[Condition, ...]:
    """The conditions that the texts say; ValueError names the one that is none.

    >>> [each.operator for each in conditions_of(("0 < a <= 1",), ("a",))]
    ['<', '<=']
    """
    known = frozenset(canonical(name) for name in names)
    vocabulary = Vocabulary(known, keep_label=True)
    return tuple(condition for text in texts for condition in _read(text, vocabulary))


def _read(text: str, vocabulary: Vocabulary) -> list[Condition]:
    try:
        tree = text_reader.read(text, vocabulary).tree
    except AnswerError as error:
        raise ValueError(f"The condition {text[:60]!r} cannot be read: {error}") from None
    found: list[Condition] = []
    for relation in tree.args if tree.kind == "and" else (tree,):
        operators = relation.value.split() if relation.kind == "relation" else []
        if not operators or any(each not in OPERATORS for each in operators):
            message = (
                f"{text[:60]!r} is no condition; write a relation with one of {' '.join(OPERATORS)}, as in a + b = 1."
            )
            raise ValueError(message)
        pairs = zip(relation.args, operators, relation.args[1:], strict=False)
        found += [Condition(*pair) for pair in pairs]
    return found


def check_names(names: Sequence[str]) -> None:
    """Refuse what cannot be the names of some numbers; ValueError says why."""
    if not names or len(names) > MOST_NAMES:
        raise ValueError(f"`names` lists between 1 and {MOST_NAMES} names.")
    for name in names:
        if len(name) > 40 or not name.replace("_", "a").isalnum() or not name[0].isalpha():
            raise ValueError(f"{str(name)[:40]!r} cannot be the name of a number.")
    if len({canonical(name) for name in names}) < len(names):
        raise ValueError("Every name stands once in `names`.")


def tested(condition: Condition, values: Mapping[str, Tree], tolerance: Tolerance | None, context: Context) -> Met:
    """Whether the values meet the condition; with a tolerance equality is meant within it."""
    left, right = (scalar_of(evaluate(substitute(side, values))) for side in (condition.left, condition.right))

    def near(one: Tree, other: Tree) -> Verdict:
        return compare(one, other, tolerance, context)

    return met(left, condition.operator, right, context.budget, None if tolerance is None else near)


def why_not(condition: Condition, values: Mapping[str, Tree], found: Met, names: Sequence[str]) -> str:
    """In what the values fail, with what the sides come to: "4*d1 + d2 is 16/5, not 0"."""
    if isinstance(found.evidence, Undefined):
        said = f"{words_of(condition, names)} has a side without a real value there"
        return f"{said}: {found.evidence.reason}" if found.evidence.reason else said
    left, right = spelled(condition.left, names), spelled(condition.right, names)
    if names_in(condition.right):
        right = f"{right}, which is {value_words(condition.right, values)}"
    return _FAILS[condition.operator] % {"left": left, "value": value_words(condition.left, values), "right": right}


def words_of(condition: Condition, names: Sequence[str]) -> str:
    """The condition as the author wrote it."""
    return f"{spelled(condition.left, names)} {condition.operator} {spelled(condition.right, names)}"


def value_words(tree: Tree, values: Mapping[str, Tree]) -> str:
    """The value of an expression: exact where it is a short fraction, else a decimal."""
    value = scalar_of(evaluate(substitute(tree, values)))
    try:
        found = value_at(value, {}, _DIGITS)
    except (NoValue, NotScalar):
        return "without a value"
    except Unclear:
        return "too close to it to say by how much"
    numbering = Numbering()
    number = numbering.of(value)
    exact = constant_of(numbering.nodes, number) if found.exact is None else found.exact
    if exact is not None and exact.numerator.bit_length() + exact.denominator.bit_length() <= _LONGEST_EXACT:
        return str(exact)
    return decimal_words(Bounds(found.lower, found.upper))


def spelled(tree: Tree, names: Sequence[str]) -> str:
    """The tree with the names spelled as the author spells them: `d1` and not `d_1`."""
    return to_text(substitute(tree, {canonical(name): Tree("name", (), name) for name in names}))
