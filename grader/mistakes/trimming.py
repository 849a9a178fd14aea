"""The least tidying there is: zeros and ones left out of a tree that was just put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from grader.reading.tree import ONE, ZERO, Tree, add, literal_value, multiply, neg, number

_NONE_KNOWN: Mapping[int, Tree] = MappingProxyType({})


def trimmed(tree: Tree, known: Mapping[int, Tree] = _NONE_KNOWN) -> Tree:
    """The tree without zero terms, unit factors, unit exponents and products with zero.

    `known` are trees, by their identity, that need not be looked into.

    >>> from grader.reading.text import read
    >>> from grader.reading.names import Vocabulary
    >>> from grader.reading.printing import to_text
    >>> to_text(trimmed(read("x + 0", Vocabulary()).tree))
    'x'
    """
    if id(tree) in known:
        return tree
    args = tuple([trimmed(arg, known) for arg in tree.args]) if tree.kind in _RULES else tree.args
    if args != tree.args:
        tree = tree._replace(args=args)
    rule = _RULES.get(tree.kind)
    return rule(tree) if rule is not None else tree


def _sum(tree: Tree) -> Tree:
    terms = [term for term in tree.args if term != ZERO]
    values = [literal_value(term) for term in terms]
    if len(terms) > 1 and all(value is not None for value in values):
        return number(sum(value for value in values if value is not None))
    return tree if len(terms) == len(tree.args) else add(*terms)


def _product(tree: Tree) -> Tree:
    if ZERO in tree.args:
        return ZERO
    factors = [factor for factor in tree.args if factor != ONE]
    return tree if len(factors) == len(tree.args) else multiply(*factors)


def _neg(tree: Tree) -> Tree:
    inner = tree.args[0]
    if inner == ZERO:
        return ZERO
    return inner.args[0] if inner.kind == "neg" else neg(inner)


def _quotient(tree: Tree) -> Tree:
    top, bottom = tree.args
    if top == ZERO and bottom != ZERO:
        return ZERO
    return top if bottom == ONE else tree


def _power(tree: Tree) -> Tree:
    base, exponent = tree.args
    if exponent == ONE:
        return base
    return ONE if exponent == ZERO else tree


_RULES: Mapping[str, Callable[[Tree], Tree]] = {
    "sum": _sum,
    "product": _product,
    "neg": _neg,
    "quotient": _quotient,
    "power": _power,
}
