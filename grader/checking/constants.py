"""Parts that are one rational number whatever the variables are, and parts that never have a value.

Balls alone cannot tell that `sin(pi)` is zero, only that it is very close; the exact normal form can.
"""

from __future__ import annotations

from fractions import Fraction

from grader.checking.balls import ANYWHERE, NoValue, Unclear
from grader.checking.closed_numbers import is_zero_number
from grader.checking.identical import Node, Numbering
from grader.checking.nodes import literal_exponent
from grader.checking.normal import constant_of
from grader.checking.programs import Evaluation, NotScalar, Program, reachable
from grader.checking.value_ranges import has_empty_range

PRECISION = 64
# Kinds that need to know on which side of a number their arguments are.
SWITCHING = frozenset({"ln", "sign", "step", "floor", "ceil", "asin", "acos", "acosh", "atanh", "atan2", "factorial"})


def pin_constants(program: Program, numbering: Numbering) -> bool:
    """Let the program compute exactly where that matters and the normal form can; whether it does anywhere."""
    nodes = list(enumerate(program.nodes))
    wanted = {arg for _, node in nodes for arg in _decisive(program, node)}
    found = {number: _constant(numbering, number) for number in sorted(wanted)}
    constants = {number: value for number, value in found.items() if value is not None}
    tangents = [number for number, node in nodes if node.kind == "tan"]
    poles = frozenset(number for number in tangents if _is_pole(numbering, program.nodes[number]))
    program.pin(constants, poles)
    return bool(constants or poles)


def _constant(numbering: Numbering, number: int) -> Fraction | None:
    """The rational number that a node is, if it is known to be one."""
    known = constant_of(numbering.nodes, number)
    return Fraction(0) if known is None and is_zero_number(numbering.copy(), number) else known


def _decisive(program: Program, node: Node) -> tuple[int, ...]:
    """The arguments of a node of which it matters exactly what they are."""
    if node.kind in SWITCHING:
        args = node.args
    elif node.kind == "power":
        by = literal_exponent(program.nodes, node)
        args = () if isinstance(by, int) and by > 0 else node.args
    else:
        args = ()
    return tuple([arg for arg in args if program.nodes[arg].kind not in {"number", "name", "constant"}])


def _is_pole(numbering: Numbering, node: Node) -> bool:
    return constant_of(numbering.nodes, numbering.node("cos", node.args)) == 0


def is_nowhere(program: Program, numbering: Numbering, root: int) -> bool:
    """Whether it is proved that the node has no real value for any values of its variables."""
    needed = sorted(reachable(program.nodes, root))
    if not program.poles.isdisjoint(needed) or has_empty_range(numbering.nodes, root):
        return True
    everywhere = Evaluation(program, {}, PRECISION, ANYWHERE)
    return any(_raises(everywhere, number) for number in needed)


def _raises(everywhere: Evaluation, number: int) -> bool:
    """Whether balls that hold every number are enough to see that the node has no value."""
    try:
        everywhere.value(number)
    except NoValue:
        return True
    except (Unclear, NotScalar):
        return False
    return False
