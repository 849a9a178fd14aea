"""Conditions and piecewise values: decided where the balls tell, else the hull of what may apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from grader.checking.balls import Ball, NoValue, Unclear, hull
from grader.checking.exact import exact_node
from grader.checking.identical import Node
from grader.checking.programs import Evaluation, NotScalar


def piecewise(e: Evaluation, node: Node) -> Ball:
    """The value by cases."""
    found: Ball | None = None
    for arg in node.args:
        case = e.program.nodes[arg]
        holds = True if case.kind == "otherwise" else truth(e, case.args[1])
        if holds is False:
            continue
        try:
            value = e.compute(case.args[0])
        except NoValue:
            if holds and found is None:
                raise
            raise Unclear from None
        found = value if found is None else hull(found, value)
        if holds:
            return found
    if found is None:
        raise NoValue("no case applies")
    raise Unclear


def truth(e: Evaluation, number: int) -> bool | None:
    """Whether a condition holds; None where the balls do not tell."""
    node = e.program.nodes[number]
    if node.kind in {"and", "or"}:
        parts = [truth(e, arg) for arg in node.args]
        decisive = node.kind == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if node.kind == "relation":
        operators = str(node.value).split()
        pairs = zip(operators, node.args[:-1], node.args[1:], strict=True)
        parts = [_relation(e, operator, first, second) for operator, first, second in pairs]
        return False if False in parts else None if None in parts else True
    raise NotScalar(f"A {node.kind} is not a condition.", node.kind)


def _relation(e: Evaluation, operator: str, first: int, second: int) -> bool | None:
    if operator == "in":
        return _membership(e, first, second)
    left, right = e.compute(first), e.compute(second)
    if left.overlaps(right) and not (left.is_exact() and right.is_exact()):
        known: dict[int, Fraction | None] = {}
        exact = [exact_node(e.program.nodes, side, e.point, known) for side in (first, second)]
        if exact[0] is None or exact[1] is None:
            return None
        return COMPARISONS[operator](exact[0], exact[1])
    return COMPARISONS[operator](left, right)


def _membership(e: Evaluation, member: int, number: int) -> bool | None:
    """Whether a number lies in an interval, a set or a union."""
    node = e.program.nodes[number]
    if node.kind == "empty":
        return False
    if node.kind in {"union", "set"}:
        parts = [
            _membership(e, member, arg) if node.kind == "union" else _relation(e, "=", member, arg) for arg in node.args
        ]
        return True if True in parts else None if None in parts else False
    if node.kind == "interval":
        brackets = str(node.value)
        ends = (
            ("<=" if brackets[0] == "[" else "<", node.args[0], member),
            ("<=" if brackets[1] == "]" else "<", member, node.args[1]),
        )
        finite = [
            end for end in ends if not is_infinite(e.program.nodes, end[1]) and not is_infinite(e.program.nodes, end[2])
        ]
        parts = [_relation(e, *end) for end in finite]
        return False if False in parts else None if None in parts else True
    raise NotScalar(f"A {node.kind} is not a set of numbers.", node.kind)


def is_infinite(nodes: list[Node], number: int) -> bool:
    """Whether the node is plus or minus infinity, as written."""
    node = nodes[number]
    if node.kind == "product" and len(node.args) == 1 and node.value != 0:
        node = nodes[node.args[0]]
    return node.kind == "constant" and node.value == "oo"


COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
}
