"""Which case of a piecewise applies, where that is the same everywhere but at single points."""

from __future__ import annotations

from grader.checking.identical import Node
from grader.checking.normal_forms import Normal
from grader.checking.polynomials import Ratio, TooLarge, used_generators

# Whether a relation holds, by the sign of its left side minus its right side.
HOLDS = {"<": -1, "<=": -1, ">": 1, ">=": 1}


def branch_of(normal: Normal, node: Node) -> Ratio:
    """The normal form of the case that applies; the piecewise itself where the conditions do not tell."""
    for arg in node.args:
        case = normal.nodes[arg]
        holds = True if case.kind == "otherwise" else truth(normal, case.args[1])
        if holds is None:
            return normal.kernels.kernel(("node", node))
        if holds:
            return normal.of(case.args[0])
    raise TooLarge  # no case applies anywhere, so there is no value that could be equal to anything


def truth(normal: Normal, number: int) -> bool | None:
    """Whether a condition holds everywhere, or nowhere, but at single points; None where that is not known."""
    node = normal.nodes[number]
    if node.kind in {"and", "or"}:
        parts = [truth(normal, arg) for arg in node.args]
        decisive = node.kind == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if node.kind != "relation" or normal.has_whole_numbers:
        return None
    pairs = zip(str(node.value).split(), node.args[:-1], node.args[1:], strict=True)
    parts = [_holds(normal, operator, first, second) for operator, first, second in pairs]
    return False if False in parts else None if None in parts else True


def _holds(normal: Normal, operator: str, first: int, second: int) -> bool | None:
    if operator == "in":
        return None
    apart = normal.field.reduced(normal.minus(normal.of(first), normal.of(second)))
    if normal.field.is_zero(apart):
        return operator in {"<=", ">=", "="}
    if operator in {"=", "!="}:
        return (operator == "!=") if _is_polynomial_in_names(normal, apart) else None
    sign = normal.sign_of(apart)
    return None if sign == 0 else sign == HOLDS[operator]


def _is_polynomial_in_names(normal: Normal, ratio: Ratio) -> bool:
    """Whether it is zero at single points only because nothing but variables is in it."""
    return all(normal.kernels.is_name(index) for part in ratio for index in used_generators(part))
