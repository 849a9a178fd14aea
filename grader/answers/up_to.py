"""What a problem leaves open: an added constant, a factor, a sign, the names of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, Self

from grader.answers.base import Context, read_tree
from grader.checking.domain import Domain
from grader.checking.sampling import Interval, VariableDomain
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.text import Reading
from grader.reading.tree import Tree, names_in, rebuild

Way = Literal["constant", "factor", "positive-factor", "sign", "renaming"]
UpToSetting = Way | Mapping[Way, tuple[str, ...]]

MULTIPLES = ("factor", "positive-factor", "sign")
WAYS = ("constant", *MULTIPLES, "renaming")
WITH_NAMES = frozenset({"constant", "factor", "positive-factor", "renaming"})
MOST_RENAMED = 4

CONSTANT_LETTERS = ("C", "c", "K", "k", "C_1", "c_1")
"""What students call the constant of integration; such a letter is one only where it is not declared."""
_POSITIVE = VariableDomain((Interval(Fraction(0), None),))


@dataclass(frozen=True, slots=True)
class UpTo:
    """One way in which a response may depart from the key.

    `names` are the variables that the constant or factor must not depend on, None for all of them;
    for a renaming, the names of the key that may be others.
    """

    way: str
    names: tuple[str, ...] | None = None

    @classmethod
    def of(cls, given: object, allowed: Sequence[str] = WAYS) -> Self:
        """The way that a setting names; ValueError says what is wrong with it.

        >>> UpTo.of({"renaming": ["c"]})
        UpTo(way='renaming', names=('c',))
        """
        ways = [given] if isinstance(given, str) else list(given) if isinstance(given, Mapping) else []
        if len(ways) != 1 or ways[0] not in allowed:
            shown = f", not {str(given)[:40]!r}" if given else ""
            raise ValueError(f"`up_to` is one of {', '.join(allowed)}{shown}.")
        way = ways[0]
        if not isinstance(given, Mapping):
            if way == "renaming":
                raise ValueError("`up_to` renaming says which names may be others: {renaming: [c]}.")
            return cls(way)
        return cls(way, _names(way, given[way]))


def _names(way: str, given: object) -> tuple[str, ...]:
    """The names beside a way, in canonical form."""
    if way not in WITH_NAMES:
        raise ValueError(f"`up_to` {way} takes no names: write up_to: {way}.")
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(each, str) for each in given):
        raise ValueError(f"`up_to` {way} takes a list of names, such as {{{way}: [x]}}.")
    names = tuple(canonical(each) for each in given)
    if way == "renaming" and not 1 <= len(names) <= MOST_RENAMED:
        raise ValueError(f"`up_to` renaming takes 1 to {MOST_RENAMED} names.")
    return names


def read_up_to(text: str, up_to: UpTo, context: Context) -> Reading:
    """The text read with the names that the problem leaves open: a constant's letter, parameters renamed.

    Raises AnswerError as `read_tree` does.
    """
    declared = context.vocabulary.names
    if declared is None or up_to.way not in {"constant", "renaming"}:
        return read_tree(text, context)
    if up_to.way == "constant":
        names = declared.union(letter for letter in CONSTANT_LETTERS if letter[0] in text)
        return read_tree(text, replace(context, vocabulary=replace(context.vocabulary, names=names)))
    try:
        return read_tree(text, context)
    except AnswerError:
        anything = replace(context, vocabulary=replace(context.vocabulary, names=None))
        reading = read_tree(text, anything)
        if len(names_in(reading.tree) - declared) > len(up_to.names or ()):
            raise
        return reading


def constant_letters(response: Tree, key: Tree, domain: Domain) -> frozenset[str]:
    """The letters that stand for the constant of integration: not declared, and no parameter of the key."""
    if domain.declared:
        return frozenset(CONSTANT_LETTERS) - domain.variables.keys()
    parameters = names_in(_without_constant(key))
    return frozenset(CONSTANT_LETTERS) & (names_in(response) | names_in(key)) - parameters


def _without_constant(key: Tree) -> Tree:
    """The key without terms that are nothing but such a letter."""
    if key.kind != "sum":
        return key
    terms = [term for term in key.args if not _is_letter(term)]
    return key._replace(args=tuple(terms))


def _is_letter(term: Tree) -> bool:
    inner = term.args[0] if term.kind == "neg" else term
    return inner.kind == "name" and inner.value in CONSTANT_LETTERS


def with_letters(domain: Domain, letters: frozenset[str]) -> Domain:
    """The domain with these letters as positive parameters: enough to know what holds for each of them."""
    return replace(domain, variables={**domain.variables, **dict.fromkeys(letters, _POSITIVE)})


def renamed(tree: Tree, names: Mapping[str, str]) -> Tree:
    """The tree with names replaced by names, all at once."""
    return rebuild(
        tree, lambda node: node._replace(value=names.get(node.value, node.value)) if node.kind == "name" else node
    )
