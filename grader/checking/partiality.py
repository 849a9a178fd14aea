"""Parts of the response that may lack a value in a whole region where the answer has one."""

from __future__ import annotations

from grader.checking.agreeing import JUMPING, RATIONAL, Comparison, everything_below
from grader.checking.identical import Node
from grader.checking.nodes import literal_exponent
from grader.checking.programs import reachable
from grader.checking.signs import is_nonnegative, is_positive

# Functions without a value in whole regions, and those that may be zero in whole regions.
PARTIAL = frozenset({"ln", "asin", "acos", "acosh", "atanh", "factorial", "piecewise", "sigma", "huge"})
KINKED = frozenset({"abs", "min", "max", *JUMPING} - {"tan"})
PLAIN = RATIONAL | {"constant", "power"}
INVERSE = frozenset({"ln", "asin", "acos", "atan", "asinh", "acosh", "atanh"})


def partial_nodes(comparison: Comparison) -> frozenset[int]:
    """Parts of the response that may lack a value in a whole region and are no part of the answer."""
    mine = everything_below(comparison.nodes, comparison.response) - reachable(comparison.nodes, comparison.answer)
    return frozenset(number for number in mine if _is_partial(comparison, number))


def _is_partial(comparison: Comparison, number: int) -> bool:
    node = comparison.nodes[number]
    if node.kind == "ln":
        return not is_positive(comparison.nodes, node.args[0], comparison.domain)
    if node.kind != "power":
        return node.kind in PARTIAL or (node.kind == "constant" and node.value in {"oo", "i"})
    exponent = comparison.nodes[node.args[1]]
    if exponent.kind != "number" or isinstance(exponent.value, str):
        return True
    if is_positive(comparison.nodes, node.args[0], comparison.domain):
        return False
    if exponent.value < 0:
        below = everything_below(comparison.nodes, node.args[0])
        if any(_is_kinked(comparison, comparison.nodes[arg]) for arg in below) or _hides_kinks(comparison, below):
            return True
    return exponent.value.denominator % 2 == 0 and not is_nonnegative(comparison.nodes, node.args[0], comparison.domain)


def _is_kinked(comparison: Comparison, node: Node) -> bool:
    """Whether what is built on the node may be zero in a whole region, or at a point that counts."""
    if node.kind == "name":
        return comparison.domain.variable(str(node.value)).integer
    if node.kind == "power":
        return not isinstance(literal_exponent(comparison.nodes, node), int)
    return node.kind in KINKED


def _hides_kinks(comparison: Comparison, below: set[int]) -> bool:
    """Whether functions of inverse functions may be zero in a region and not beside it, as e^(ln(x^2)/2) - x is."""
    inverses = {number for number in below if comparison.nodes[number].kind in INVERSE}
    if not inverses:
        return False
    outer = [number for number in below if comparison.nodes[number].kind not in PLAIN and number not in inverses]
    is_nested = any(everything_below(comparison.nodes, number) & inverses for number in outer)
    return is_nested or any(comparison.nodes[number].kind != "ln" for number in inverses)
