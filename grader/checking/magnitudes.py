"""How many bits it takes to see the smallest part of a sum beside the largest."""

from __future__ import annotations

from fractions import Fraction

from grader.checking.balls import Ball, NoValue, Unclear
from grader.checking.identical import Exact, Node
from grader.checking.programs import Evaluation, MissingName, NotScalar, Program

# Literals beyond this many bits are never compared by agreement.
LARGEST_MAGNITUDE = 4000
# So far the precision follows the values met at a point; literals count three times.
LARGEST_AT_POINT = 1000
FOR_LITERALS = 3
# Literals this short need nothing beyond the usual precision.
ORDINARY = 16
LOWEST = 64
# Where there is nothing else, a value of any size is seen with all its digits.
MULTIPLYING = frozenset({"number", "name", "constant", "product", "power", "factorial"})


def of_constants(program: Program) -> int | None:
    """The largest number of bits between a constant of the program and one; None where it is out of reach."""
    evaluation = program.at({}, LOWEST)
    adds = any(node.kind not in MULTIPLYING for node in program.nodes)
    largest = 0
    for number, node in enumerate(program.nodes):
        largest = max(largest, _of_exact(node), _of_value(evaluation, number, node) if adds else 0)
        if largest > LARGEST_MAGNITUDE:
            return None
    return largest


def at_point(evaluation: Evaluation) -> int:
    """The same for the values that were met at a point, as far as precision follows them."""
    sizes = [_of_ball(value) for value in evaluation.registers if value is not None]
    return min(max(sizes, default=0), LARGEST_AT_POINT)


def _of_exact(node: Node) -> int:
    """The length of the exact number that a node carries."""
    if isinstance(node.value, str):
        return 0
    value: Exact = Fraction(node.value)
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _of_value(evaluation: Evaluation, number: int, node: Node) -> int:
    """The distance from one of a node without variables."""
    if node.kind not in {"power", "exp", "factorial"}:
        return 0
    try:
        return _of_ball(evaluation.value(number))
    except (NoValue, MissingName, NotScalar):
        return 0
    except Unclear:
        return _of_unclear(evaluation, node)


def _of_unclear(evaluation: Evaluation, node: Node) -> int:
    """Out of reach for an exponential too large to compute; nothing where the argument is what is unclear."""
    try:
        argument = evaluation.value(node.args[0])
    except (NoValue, Unclear, MissingName, NotScalar):
        return 0
    return LARGEST_MAGNITUDE + 1 if node.kind == "exp" and abs(argument) > LARGEST_MAGNITUDE else 0


def _of_ball(value: Ball) -> int:
    """The number of bits between a value that is not zero and one."""
    if not value.is_finite() or value.contains(0):
        return 0
    mantissa, scale = value.mid().man_exp()
    return abs(int(scale) + int(mantissa).bit_length())
