"""Nodes whose sign can be seen from how they are built."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from grader.checking.domain import Domain
from grader.checking.identical import Node
from grader.checking.nodes import literal_exponent

POSITIVE = frozenset({"exp", "cosh"})


def is_positive(nodes: Sequence[Node], number: int, domain: Domain) -> bool:
    """Whether the node is visibly above zero wherever it has a value, as 1 + exp(x) is."""
    node = nodes[number]
    if node.kind == "sum":
        if not _all_nonnegative(nodes, node, domain) or not _at_least(node, 0):
            return False
        return _at_least(node, 1) or any(is_positive(nodes, arg, domain) for arg in node.args) or node.value != 0
    if node.kind == "product":
        return node.value != 0 and _at_least(node, 0) and all(is_positive(nodes, arg, domain) for arg in node.args)
    if node.kind == "power":
        return is_positive(nodes, node.args[0], domain)
    if node.kind == "name":
        return all(
            one.lower is not None and (one.lower > 0 or (one.lower == 0 and not one.lower_closed))
            for one in domain.variable(str(node.value)).intervals
        )
    if node.kind == "number":
        return node.value != 0 and _at_least(node, 0)
    return node.kind in POSITIVE or (node.kind == "constant" and node.value in {"pi", "e"})


def is_nonnegative(nodes: Sequence[Node], number: int, domain: Domain) -> bool:
    """Whether the node is visibly never below zero wherever it has a value, as x^2 is."""
    node = nodes[number]
    if node.kind == "abs" or is_positive(nodes, number, domain):
        return True
    if node.kind in {"sum", "product"}:
        return _at_least(node, 0) and _all_nonnegative(nodes, node, domain)
    if node.kind == "power":
        exponent = literal_exponent(nodes, node)
        is_even = isinstance(exponent, int) and exponent % 2 == 0
        is_even_root = isinstance(exponent, Fraction) and exponent.denominator % 2 == 0
        return is_even or is_even_root or is_nonnegative(nodes, node.args[0], domain)
    if node.kind == "name":
        return all(one.lower is not None and one.lower >= 0 for one in domain.variable(str(node.value)).intervals)
    return node.kind == "number" and _at_least(node, 0)


def _all_nonnegative(nodes: Sequence[Node], node: Node, domain: Domain) -> bool:
    return all(is_nonnegative(nodes, arg, domain) for arg in node.args)


def _at_least(node: Node, bound: int) -> bool:
    return not isinstance(node.value, str) and node.value >= bound
