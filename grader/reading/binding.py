"""How tightly each kind of node binds, and so where a printed child needs brackets."""

from __future__ import annotations

from grader.reading.tree import Tree

RELATION, SUM, SIGN, PRODUCT, POWER, ATOM = range(6)

_STRENGTH: dict[str, int] = {
    "and": RELATION,
    "or": RELATION,
    "union": RELATION,
    "relation": RELATION,
    "list": RELATION,
    "sum": SUM,
    "neg": SIGN,
    "sigma": SIGN,  # it takes the factors that follow, so in a product it stands in brackets
    "product": PRODUCT,
    "elementwise": PRODUCT,
    "quotient": PRODUCT,
    "power": POWER,
    "transpose": POWER,
    "factorial": POWER,
    "percent": POWER,
}


def strength(tree: Tree) -> int:
    """How tightly the outermost operation of the tree binds."""
    return _STRENGTH.get(tree.kind, ATOM)


def in_sum(tree: Tree, place: int) -> bool:
    """Whether a term at this place of a sum needs brackets; a sign after the first is the minus."""
    return strength(tree) <= SUM and place >= 0


def in_product(tree: Tree, place: int) -> bool:
    """Whether a factor at this place of a product needs brackets."""
    if tree.kind == "quotient":
        return place > 0
    return strength(tree) <= PRODUCT


def as_numerator(tree: Tree) -> bool:
    """Whether a numerator written before a slash needs brackets."""
    return strength(tree) <= SIGN or tree.kind == "elementwise"


def as_denominator(tree: Tree) -> bool:
    """Whether a denominator written after a slash needs brackets."""
    return strength(tree) <= PRODUCT


def as_base(tree: Tree) -> bool:
    """Whether the base of a power, factorial or transpose needs brackets."""
    return strength(tree) < ATOM


def as_exponent(tree: Tree) -> bool:
    """Whether an exponent written after `^` needs brackets."""
    return tree.kind not in {"number", "name", "constant"}
