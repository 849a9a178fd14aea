"""Whether a number made of rationals, roots and cosines of rational angles is zero, proved by its size.

Every such number is a quotient of two algebraic integers, whose conjugates are bounded by how the
number is written. The product of all conjugates of an algebraic integer is a whole number, so one that
is not zero cannot be smaller than the inverse of the bounds of the others: Burnikel, Funke, Mehlhorn,
Schirra and Schmitt, "A separation bound for real algebraic expressions", 2001. A value smaller than
that is zero.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, gcd, lcm, log2, prod
from typing import NamedTuple

from grader.checking.balls import Ball, NoValue, Unclear
from grader.checking.nodes import Nodes
from grader.checking.normal import constant_of
from grader.checking.programs import MissingName, NotScalar, Program

MOST_BITS = 6_000
LARGEST_ORDER = 400
LARGEST_EXPONENT = 200
MOST_NODES = 400
# Added to every logarithm, so that rounding never makes a bound too small.
SLACK = 1e-6
FIRST = 64
SPARE = (64, 512)


class NotAlgebraic(Exception):
    """The number is not made of rationals, roots and rational angles, or its bound is out of reach."""


class Size(NamedTuple):
    """Binary logarithms of bounds of all conjugates of two integers whose quotient the number is."""

    above: float
    below: float


def is_zero(numbering: Nodes, number: int, program: Program) -> bool:
    """Whether the node, which has a value, is proved to be zero; NotAlgebraic where that cannot be told so."""
    value = _value(program, number, FIRST)
    if value is None or not value.contains(0):
        return False
    bits = Separation(numbering, program).bits(number)
    for spare in SPARE:
        value = _value(program, number, bits + spare)
        if value is None or not value.contains(0):
            return False
        if value.abs_upper() < Ball(2) ** -bits:
            return True
    return False


def _value(program: Program, number: int, precision: int) -> Ball | None:
    try:
        return program.at({}, precision).value(number)
    except (NoValue, Unclear, MissingName, NotScalar):
        return None


class Separation:
    """The bounds of nodes, and the degree of the field in which they lie."""

    def __init__(self, numbering: Nodes, program: Program) -> None:
        self._numbering = numbering
        self._program = program
        self._sizes: dict[int, Size] = {}
        self._roots: dict[int, int] = {}
        self._order = 1

    def bits(self, number: int) -> int:
        """The node is zero or not smaller than one half to this power."""
        size = self._of(number)
        angles = sum(1 for k in range(1, self._order + 1) if gcd(k, self._order) == 1)
        degree = max(angles // 2, 1) * prod(self._roots.values())
        if degree > MOST_BITS:
            raise NotAlgebraic
        bits = size.below + (degree - 1) * max(size.above, 0)
        if bits > MOST_BITS:
            raise NotAlgebraic
        return ceil(bits + 1)

    def _of(self, number: int) -> Size:
        found = self._sizes.get(number)
        if found is None:
            if len(self._sizes) > MOST_NODES:
                raise NotAlgebraic
            above, below = self._size(number)
            found = self._sizes[number] = Size(above + SLACK, below + SLACK)
        return found

    def _size(self, number: int) -> Size:
        kind, args, value = self._numbering.nodes[number]
        if kind in {"number", "sum", "product"} and isinstance(value, str):
            raise NotAlgebraic
        if kind == "number":
            return _of_rational(value)
        if kind == "sum":
            total = _of_rational(value)
            for arg in args:
                total = _plus(total, self._of(arg))
            return total
        if kind == "product":
            parts = [_of_rational(value), *[self._of(arg) for arg in args]]
            return Size(sum(part.above for part in parts), sum(part.below for part in parts))
        if kind == "power":
            return self._power(*args)
        if kind in {"sin", "cos", "tan"}:
            return self._angle(kind, args[0])
        if kind == "abs":
            return self._of(args[0])
        rational = constant_of(self._numbering.nodes, number)
        if rational is None:
            raise NotAlgebraic
        return _of_rational(rational)

    def _power(self, base: int, exponent: int) -> Size:
        kind, _, by = self._numbering.nodes[exponent]
        if kind != "number" or isinstance(by, str) or max(abs(by.numerator), by.denominator) > LARGEST_EXPONENT:
            raise NotAlgebraic
        above, below = self._of(base)
        degree = by.denominator
        if degree > 1:
            self._roots[base] = lcm(self._roots.get(base, 1), degree)
            # Either of the two may be made an integer by the other's power; one that is zero cannot.
            if above < below and self._is_nonzero(base):
                below = ((degree - 1) * above + below) / degree
            else:
                above = (above + (degree - 1) * below) / degree
        if by < 0:
            above, below = below, above
        return Size(above * abs(by.numerator), below * abs(by.numerator))

    def _is_nonzero(self, number: int) -> bool:
        value = _value(self._program, number, FIRST)
        return value is not None and not value.contains(0)

    def _angle(self, kind: str, arg: int) -> Size:
        """A cosine or sine is half an algebraic integer between -2 and 2, a tangent the quotient of two of them."""
        turns = turns_of(self._numbering, arg)
        if turns is None:
            raise NotAlgebraic
        halves = [turns / 2] if kind == "cos" else [(turns - Fraction(1, 2)) / 2]
        if kind == "tan":
            halves.append(turns / 2)
        self._order = lcm(self._order, *[half.denominator for half in halves])
        if self._order > LARGEST_ORDER:
            raise NotAlgebraic
        return Size(1, 1)


def turns_of(numbering: Nodes, number: int) -> Fraction | None:
    """The rational number that pi is multiplied by, if the node is one times pi."""
    over_pi = numbering.inverse(numbering.node("constant", (), "pi"))
    return constant_of(numbering.nodes, numbering.multiply((number, over_pi)))


def _of_rational(value: Fraction | int | str) -> Size:
    exact = Fraction(value)
    return Size(log2(max(abs(exact.numerator), 1)), log2(exact.denominator))


def _plus(first: Size, second: Size) -> Size:
    """a/b + c/d is (ad + cb)/(bd)."""
    one, other = first.above + second.below, second.above + first.below
    highest = max(one, other)
    return Size(highest + log2(1 + 2 ** (min(one, other) - highest)) + SLACK, first.below + second.below)
