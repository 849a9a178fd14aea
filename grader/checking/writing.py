"""How an expression is written: its terms, its factors, and the words in which a form speaks of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from grader.reading.printing import to_text
from grader.reading.tree import Tree, divide, literal_value, power, walk

LONGEST_SHOWN = 60


class Factors(NamedTuple):
    """The factors above and below the fraction lines of a product, its signs taken out."""

    negative: bool
    above: tuple[Tree, ...]
    below: tuple[Tree, ...]


def terms_of(tree: Tree) -> tuple[Tree, ...]:
    """The terms of a sum, brackets without a factor or a minus in front of them left out."""
    if tree.kind != "sum":
        return (tree,)
    return tuple(term for arg in tree.args for term in terms_of(arg))


def factors_of(tree: Tree) -> Factors:
    """The factors of a product or fraction; a negative whole power stands below.

    >>> from grader.reading.text import read
    >>> [to_text(each) for each in factors_of(read("-2*x/(x+1)").tree).above]
    ['2', 'x']
    """
    if tree.kind == "neg":
        inner = factors_of(tree.args[0])
        return inner._replace(negative=not inner.negative)
    if tree.kind == "product":
        parts = [factors_of(arg) for arg in tree.args]
        above = tuple(each for part in parts for each in part.above)
        below = tuple(each for part in parts for each in part.below)
        return Factors(sum(part.negative for part in parts) % 2 == 1, above, below)
    if tree.kind == "quotient":
        top, bottom = (factors_of(arg) for arg in tree.args)
        return Factors(top.negative != bottom.negative, top.above + bottom.below, top.below + bottom.above)
    exponent = whole_exponent(tree)
    if exponent is not None and exponent < 0:
        base = tree.args[0]
        return Factors(False, (), (base if exponent == -1 else power(base, -exponent),))
    return Factors(False, (tree,), ())


def whole_exponent(tree: Tree) -> int | None:
    """The exponent of a power where it is a whole number that is written out; None for all else."""
    value = literal_value(tree.args[1]) if tree.kind == "power" else None
    return int(value) if value is not None and value.denominator == 1 else None


def inner(tree: Tree) -> Tree:
    """The tree without the minus signs in front of it."""
    while tree.kind == "neg":
        tree = tree.args[0]
    return tree


def fractions_in(tree: Tree) -> Iterator[Tree]:
    """Every fraction in the tree, as one: a quotient, or a negative whole power."""
    for node in walk(tree):
        exponent = whole_exponent(node)
        if node.kind == "quotient":
            yield node
        elif exponent is not None and exponent < 0:
            base = node.args[0]
            yield divide(Tree("number", (), "1"), base if exponent == -1 else power(base, -exponent))


def is_decimal(tree: Tree) -> bool:
    """Whether this is a number with a decimal point or a power of ten."""
    return tree.kind == "number" and not tree.value.isdigit()


def shown(tree: Tree) -> str:
    """The tree in a sentence: as text, cut where it is long."""
    text = to_text(tree)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
