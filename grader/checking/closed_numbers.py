"""Proof that two numbers without variables are equal: roots, angles, logarithms and multiples of pi.

A sum of multiples of inverse functions is zero where the rotation by that angle is 1, an algebraic
number, and a ball leaves no other multiple of pi; a sum of multiples of logarithms is zero where the
product of the powers is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from math import lcm

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import program_of
from grader.checking.nodes import HALF, Nodes
from grader.checking.programs import MissingName, NotScalar, Program, reachable
from grader.checking.separation import NotAlgebraic, is_zero

MOST_TERMS = 40
MOST_TURNS = 60
PRECISION = 128
ANGLES = frozenset({"atan", "asin", "acos"})
OPEN = frozenset({"name", "huge", "sigma", "piecewise"})
LOGARITHMS = frozenset({"ln", "asinh", "acosh", "atanh"})

Factors = tuple[int, ...]
Term = tuple[Fraction, Factors]
Rotation = tuple[int, int]


def is_same_number(numbering: Nodes, first: int, second: int) -> bool:
    """Whether two nodes without variables, which have values, are proved equal."""
    own = numbering.copy()
    return is_zero_number(own, own.difference(first, second))


def is_zero_number(numbering: Nodes, number: int) -> bool:
    """Whether a node is proved to be zero; not tried where there are variables in it. Adds nodes of its own."""
    if any(numbering.nodes[each].kind in OPEN for each in reachable(numbering.nodes, number)):
        return False
    try:
        return ClosedNumbers(numbering).is_zero(number)
    except NotAlgebraic:
        return False


class ClosedNumbers:
    """Sums of algebraic numbers, and of algebraic multiples of angles and logarithms."""

    def __init__(self, numbering: Nodes) -> None:
        self._numbering = numbering
        self._program: Program = program_of(numbering)

    def is_zero(self, number: int) -> bool:
        """Whether the node is proved to be zero."""
        plain: list[int] = []
        groups: dict[Factors, list[tuple[Fraction, int]]] = {}
        for times, factors in self._terms(number):
            special = [each for each in factors if self._is_special(each)]
            if special:
                others = list(factors)
                others.remove(special[0])
                groups.setdefault(tuple(sorted(others)), []).append((times, special[0]))
            else:
                plain.append(self._numbering.multiply(factors, times))
        if not is_zero(self._numbering, self._numbering.add(plain), self._program):
            return False
        return all(self._is_group_zero(group) for group in groups.values())

    def _is_special(self, number: int) -> bool:
        kind, _, value = self._numbering.nodes[number]
        return kind in ANGLES or kind in LOGARITHMS or (kind == "constant" and value == "pi")

    def _terms(self, number: int) -> list[Term]:
        """The node as a sum of products, those of sums with others multiplied out."""
        kind, args, value = self._numbering.nodes[number]
        if kind == "sum":
            terms = [(Fraction(value), ()), *(term for arg in args for term in self._terms(arg))]
        elif kind == "product":
            terms = [(Fraction(value), ())]
            for arg in args:
                parts = self._terms(arg) if self._holds_special(arg) else [(Fraction(1), (arg,))]
                if len(parts) * len(terms) > MOST_TERMS:
                    raise NotAlgebraic
                terms = [(a * b, (*one, *other)) for a, one in terms for b, other in parts]
        else:
            terms = [(Fraction(1), (number,))]
        if len(terms) > MOST_TERMS:
            raise NotAlgebraic
        return [term for term in terms if term[0]]

    def _holds_special(self, number: int) -> bool:
        node = self._numbering.nodes[number]
        return node.kind in {"sum", "product"} and any(
            self._is_special(arg) or self._holds_special(arg) for arg in node.args
        )

    def _is_group_zero(self, terms: list[tuple[Fraction, int]]) -> bool:
        nodes = self._numbering.nodes
        logarithms = [(times, each) for times, each in terms if nodes[each].kind in LOGARITHMS]
        angles = [(times, each) for times, each in terms if nodes[each].kind in ANGLES]
        turns = sum((times for times, each in terms if nodes[each].kind == "constant"), Fraction(0))
        return self._are_logarithms_zero(logarithms) and self._are_angles_zero(angles, turns)

    def _are_logarithms_zero(self, terms: list[tuple[Fraction, int]]) -> bool:
        """Whether the product of the powers of their arguments is one."""
        powers = [(times * share, of) for times, each in terms for share, of in self._logarithms(each)]
        common = lcm(*[times.denominator for times, _ in powers])
        whole = [(int(times * common), of) for times, of in powers]
        if sum(abs(times) for times, _ in whole) > MOST_TURNS:
            raise NotAlgebraic
        above, below = (
            self._numbering.multiply(
                [self._raised(of, sign * times) for times, of in whole if sign * times > 0],
            )
            for sign in (1, -1)
        )
        return is_zero(self._numbering, self._numbering.difference(above, below), self._program)

    def _logarithms(self, number: int) -> list[tuple[Fraction, int]]:
        """A logarithm or inverse hyperbolic function as multiples of logarithms of these."""
        kind, (of,), _ = self._numbering.nodes[number]
        add, one = self._numbering.add, Fraction(1)
        if kind == "ln":
            return [(one, of)]
        if kind == "atanh":
            minus = self._numbering.multiply((of,), -1)
            return [(HALF, add((of,), 1)), (-HALF, add((minus,), 1))]
        root = self._root(add((self._raised(of, 2),), 1 if kind == "asinh" else -1))
        return [(one, add((of, root)))]

    def _are_angles_zero(self, terms: list[tuple[Fraction, int]], turns: Fraction) -> bool:
        """Whether the rotation by their sum is a positive number, and the sum less than a half turn."""
        if not terms:
            return turns == 0
        common = lcm(*[times.denominator for times, _ in terms])
        if sum(abs(times * common) for times, _ in terms) > MOST_TURNS:
            raise NotAlgebraic
        start = self._rotation_by_pi(turns * common)
        parts = [self._turned(each, int(times * common)) for times, each in terms]
        _, sine = reduce(self._both, parts, start)
        pi = self._numbering.node("constant", (), "pi")
        total = [self._numbering.multiply((each,), times) for times, each in terms]
        angle = self._numbering.add([*total, self._numbering.multiply((pi,), turns)])
        return self._is_small(angle, common) and is_zero(self._numbering, sine, self._program)

    def _is_small(self, angle: int, common: int) -> bool:
        """Whether so many times the angle is less than pi in size, so that no other multiple of pi is left."""
        try:
            value = self._program.at({}, PRECISION).value(angle)
        except (NoValue, Unclear, MissingName, NotScalar):
            return False
        return bool(abs(value) * common < 3)

    def _rotation_by_pi(self, turns: Fraction) -> Rotation:
        of = self._numbering.multiply((self._numbering.node("constant", (), "pi"),), turns % 2)
        if turns % 1 == 0:
            return self._numbering.exact(1 if turns % 2 == 0 else -1), self._numbering.exact(0)
        return self._numbering.node("cos", (of,)), self._numbering.node("sin", (of,))

    def _turned(self, number: int, times: int) -> Rotation:
        """The rotation by a whole multiple of an inverse function, up to a positive factor."""
        kind, (of,), _ = self._numbering.nodes[number]
        cosine, sine = ROTATIONS[kind](self, of)
        if times < 0:
            sine = self._numbering.multiply((sine,), -1)
        return reduce(self._both, [(cosine, sine)] * abs(times))

    def _both(self, first: Rotation, second: Rotation) -> Rotation:
        """One rotation after the other."""
        (a, b), (c, d) = first, second
        multiply, difference = self._numbering.multiply, self._numbering.difference
        return difference(multiply((a, c)), multiply((b, d))), self._numbering.add((multiply((a, d)), multiply((b, c))))

    def of_atan(self, of: int) -> Rotation:
        """A point on the ray at the angle atan(u)."""
        return self._numbering.exact(1), of

    def of_asin(self, of: int) -> Rotation:
        """The point of the circle at the angle asin(u)."""
        square = self._numbering.multiply((self._raised(of, 2),), -1)
        return self._root(self._numbering.add((square,), 1)), of

    def of_acos(self, of: int) -> Rotation:
        """The point of the circle at the angle acos(u)."""
        cosine, sine = self.of_asin(of)
        return sine, cosine

    def _raised(self, of: int, exponent: int) -> int:
        return self._numbering.power(of, self._numbering.exact(exponent))

    def _root(self, of: int) -> int:
        return self._numbering.power(of, self._numbering.exact(HALF))


ROTATIONS: Mapping[str, Callable[[ClosedNumbers, int], Rotation]] = {
    "atan": ClosedNumbers.of_atan,
    "asin": ClosedNumbers.of_asin,
    "acos": ClosedNumbers.of_acos,
}
