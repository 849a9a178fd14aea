"""What equations divide by: where that is zero they have no solution, also where the divisor can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from grader.checking.balls import NoValue, Unclear
from grader.checking.curves import alternatives_of, difference_of
from grader.checking.domain import Domain
from grader.checking.identical import Node, Numbering
from grader.checking.kernel_ratios import KernelRatios, tree_of
from grader.checking.nodes import literal_exponent
from grader.checking.normal import constant_of
from grader.checking.polynomials import TooLarge
from grader.checking.programs import NotScalar, reachable
from grader.checking.signs import is_positive
from grader.reading.tree import Tree, neg, number, substitute

# Functions that are zero exactly where their argument is.
LIKE_THEIR_ARGUMENT = frozenset({"abs", "sinh", "tanh", "asinh", "atan", "asin", "atanh", "erf"})


def have_same_holes(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> bool:
    """Whether two equations visibly divide by zero at the same points, if anywhere."""
    mine, theirs = (_holes(each, names, domain) for each in (response, key))
    return mine == theirs


def divides_by_zero(tree: Tree, point: Mapping[str, Fraction]) -> bool:
    """Whether the tree divides by what is exactly zero at the point, as `1/(e^x - e^x)` does."""
    numbering = Numbering()
    root = numbering.of(substitute(tree, {each: number(value) for each, value in point.items()}))
    return any(constant_of(numbering.nodes, each) == 0 for each in list(_divisors(numbering, root)))


def _holes(equation: Tree, names: tuple[str, ...], domain: Domain) -> frozenset[str]:
    """The divisors of an equation that may be zero, as texts of their factors."""
    found: set[str] = set()
    for each in alternatives_of(equation):
        numbering = Numbering()
        root = numbering.of(difference_of(each))
        for divisor in list(_divisors(numbering, root)):
            for factor in _factors(numbering.nodes, divisor):
                found |= _texts(numbering.nodes, factor, names, domain)
    return frozenset(found)


def _divisors(numbering: Numbering, root: int) -> Iterator[int]:
    """Nodes that something is divided by; of a tangent, the cosine."""
    for each in sorted(reachable(numbering.nodes, root)):
        node = numbering.nodes[each]
        if node.kind == "tan":
            yield numbering.node("cos", node.args)
        elif node.kind == "power":
            by = literal_exponent(numbering.nodes, node)
            if by is not None and by < 0:
                yield node.args[0]


def _factors(nodes: Sequence[Node], divisor: int) -> Iterator[int]:
    """Nodes of which one is zero where the divisor is."""
    node = nodes[divisor]
    if node.kind == "product":
        for arg in node.args:
            yield from _factors(nodes, arg)
    elif node.kind in LIKE_THEIR_ARGUMENT or (node.kind == "power" and (literal_exponent(nodes, node) or 0) > 0):
        yield from _factors(nodes, node.args[0])
    elif node.kind != "number":
        yield divisor


def _texts(nodes: Sequence[Node], factor: int, names: tuple[str, ...], domain: Domain) -> set[str]:
    """The factors of a node that may be zero, as texts: irreducible ones where it is made of polynomials."""
    if is_positive(nodes, factor, domain):
        return set()
    tree = tree_of(list(nodes), factor)
    try:
        ratios = KernelRatios(names)
        top = ratios.of_tree(tree).top
        found = [] if top.is_zero() else top.factor()[1]
    except (Unclear, TooLarge, NoValue, NotScalar):
        return {str(tree)}
    if not found:
        return {str(tree)} if top.is_zero() else set()
    parts = [ratios.tree(each / each.leading_coefficient()) for each, _ in found]
    return {str(each) for each in parts if not _is_one_sided(each, domain)}


def _is_one_sided(tree: Tree, domain: Domain) -> bool:
    """Whether the tree is visibly positive, or negative, wherever it has a value."""
    for each in (tree, neg(tree)):
        numbering = Numbering()
        if is_positive(numbering.nodes, numbering.of(each), domain):
            return True
    return False
