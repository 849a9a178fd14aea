"""Proof by an exact normal form: quotients of polynomials over kernels such as exp(x), ln|x| or sqrt(x).

Every rewriting holds wherever both sides have values, so that a difference of zero proves equality
there. Where the response has values at all is the business of `equality`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any, TypeVar

from grader.checking.domain import ANYTHING, Domain
from grader.checking.identical import Node
from grader.checking.kernels import Kernels, Restart
from grader.checking.polynomials import Ratio, TooLarge, as_fraction

# How often kernels may be refined (exp(x) to exp(x/2)) before the proof is given up.
MOST_RESTARTS = 10
KERNEL_ROOM = (6, 16, 32)
HALF = Fraction(1, 2)

T = TypeVar("T")


def is_proved(nodes: Sequence[Node], first: int, second: int, domain: Domain) -> bool:
    """Whether two nodes are proved equal wherever both have values."""
    return bool(_asked(nodes, domain, lambda normal: normal.agree(first, second)))


def constant_of(nodes: Sequence[Node], number: int) -> Fraction | None:
    """The rational number that the node is wherever it has a value, whatever its variables are."""
    return _asked(nodes, ANYTHING, lambda normal: normal.constant(number))


def _asked(nodes: Sequence[Node], domain: Domain, question: Callable[[Normal], T]) -> T | None:
    """What the normal forms say, with as many and as fine kernels as it takes; None where that is too many."""
    units: dict[Hashable, int] = {}
    room = 0
    for _ in range(MOST_RESTARTS):
        normal = Normal(nodes, domain, KERNEL_ROOM[room], units)
        try:
            return question(normal)
        except Restart as restart:
            if restart.unit is not None:
                key, degree = restart.unit
                units[key] = lcm(units.get(key, 1), degree)
            elif room + 1 < len(KERNEL_ROOM):
                room += 1
            else:
                return None
        except TooLarge:
            return None
    return None


class Normal:
    """The normal forms of the nodes of one numbering."""

    def __init__(self, nodes: Sequence[Node], domain: Domain, room: int, units: dict[Hashable, int]) -> None:
        self.nodes = nodes
        self._domain = domain
        self.has_whole_numbers = any(node.kind == "name" and domain.variable(str(node.value)).integer for node in nodes)
        self._forms: dict[int, Ratio] = {}
        self.kernels = Kernels(room, units)
        self.field = self.kernels.field

    def agree(self, first: int, second: int) -> bool:
        """Whether the difference of two nodes is zero."""
        field = self.field
        below, above = self.of(second), self.of(first)
        return field.is_zero(field.add(above, field.multiply(below, field.constant(-1))))

    def constant(self, number: int) -> Fraction | None:
        """The rational number that the node is, if it is one."""
        form = self.field.reduced(self.of(number))
        if self.field.is_zero(form):
            return Fraction(0)
        if not (form.top.is_constant() and form.bottom.is_constant()):
            return None
        return as_fraction(form.top.leading_coefficient()) / as_fraction(form.bottom.leading_coefficient())

    def of(self, number: int) -> Ratio:
        """The normal form of a node."""
        found = self._forms.get(number)
        if found is None:
            node = self.nodes[number]
            rule = RULES.get(node.kind, _opaque)
            found = self._forms[number] = rule(self, node)
        return found

    def args(self, node: Node) -> list[Ratio]:
        """The normal forms of the arguments, their powers reduced."""
        return [self.field.reduced(self.of(arg)) for arg in node.args]

    def is_nonnegative(self, name: str) -> bool:
        """Whether the domain holds no negative value of the name."""
        intervals = self._domain.variable(name).intervals
        return all(one.lower is not None and one.lower >= 0 for one in intervals)


Rule = Callable[[Normal, Node], Ratio]


def _number(normal: Normal, node: Node) -> Ratio:
    return normal.field.constant(_exact(node.value))


def _exact(value: Any) -> Fraction | int:
    if isinstance(value, str) or value.numerator.bit_length() + value.denominator.bit_length() > 2000:
        raise TooLarge
    exact: Fraction | int = value
    return exact


def _name(normal: Normal, node: Node) -> Ratio:
    return normal.kernels.kernel(("name", node.value), nonnegative=normal.is_nonnegative(str(node.value)))


def _constant(normal: Normal, node: Node) -> Ratio:
    if node.value == "e":
        return normal.kernels.exponential(normal.field.constant(1))
    if node.value == "pi":
        return normal.kernels.pi()
    raise TooLarge


def _sum(normal: Normal, node: Node) -> Ratio:
    return reduce(normal.field.add, [normal.of(arg) for arg in node.args], normal.field.constant(_exact(node.value)))


def _product(normal: Normal, node: Node) -> Ratio:
    start = normal.field.constant(_exact(node.value))
    return reduce(normal.field.multiply, [normal.of(arg) for arg in node.args], start)


def _power(normal: Normal, node: Node) -> Ratio:
    by = normal.nodes[node.args[1]]
    base = normal.of(node.args[0])
    if by.kind != "number" or isinstance(by.value, str):
        reduced, exponent = normal.args(node)
        return normal.kernels.general_power(reduced, exponent)
    if isinstance(by.value, int):
        if by.value < 0:
            base = normal.field.reduced(base)
        return normal.field.power(base, by.value)
    root = normal.kernels.root(normal.field.reduced(base), by.value.denominator)
    return normal.field.power(root, by.value.numerator)


def _of_one(function: Callable[[Kernels, Ratio], Ratio]) -> Rule:
    return lambda normal, node: function(normal.kernels, normal.args(node)[0])


def _odd(name: str) -> Rule:
    return _of_one(lambda kernels, of: kernels.odd_function(name, of))


def _greatest(sign: int) -> Rule:
    """The maximum as (a + b + |a - b|)/2, and min with the other sign."""

    def rule(normal: Normal, node: Node) -> Ratio:
        field = normal.field

        def of_two(first: Ratio, second: Ratio) -> Ratio:
            apart = field.add(first, field.multiply(second, field.constant(-1)))
            size = field.multiply(normal.kernels.absolute(field.reduced(apart)), field.constant(sign))
            return field.multiply(field.add(field.add(first, second), size), field.constant(HALF))

        return reduce(of_two, normal.args(node))

    return rule


def _sign(normal: Normal, node: Node) -> Ratio:
    """The sign; a whole number may be zero at a point that counts, so there it is left alone."""
    of = normal.args(node)[0]
    return normal.kernels.odd_function("sign", of) if normal.has_whole_numbers else normal.kernels.sign(of)


def _step(normal: Normal, node: Node) -> Ratio:
    sign = _sign(normal, node)
    return normal.field.multiply(normal.field.add(sign, normal.field.constant(1)), normal.field.constant(HALF))


def _acos(normal: Normal, node: Node) -> Ratio:
    field = normal.field
    asin = normal.kernels.odd_function("asin", normal.args(node)[0])
    return field.add(
        field.multiply(normal.kernels.pi(), field.constant(HALF)), field.multiply(asin, field.constant(-1))
    )


def _normal_probability(normal: Normal, node: Node) -> Ratio:
    field = normal.field
    width = normal.kernels.root(field.constant(2), 2)
    erf = normal.kernels.odd_function(
        "erf", field.reduced(field.multiply(normal.args(node)[0], field.power(width, -1)))
    )
    return field.multiply(field.add(erf, field.constant(1)), field.constant(HALF))


def _opaque(normal: Normal, node: Node) -> Ratio:
    """A function about which nothing more is known than that equal arguments give equal values."""
    if node.kind in BY_ARGUMENTS:
        keys = tuple([str(arg) for arg in normal.args(node)])
        return normal.kernels.kernel((node.kind, node.value, keys))
    return normal.kernels.kernel(("node", node))


BY_ARGUMENTS = frozenset({"acosh", "floor", "ceil", "atan2", "apply", "factorial", "delta"})
ODD = ("asin", "atan", "asinh", "atanh", "erf")

RULES: Mapping[str, Rule] = {
    "number": _number,
    "name": _name,
    "constant": _constant,
    "sum": _sum,
    "product": _product,
    "power": _power,
    "exp": _of_one(Kernels.exponential),
    "ln": _of_one(Kernels.logarithm),
    "sin": _of_one(Kernels.sine),
    "cos": _of_one(Kernels.cosine),
    "tan": _of_one(Kernels.tangent),
    "sinh": _of_one(Kernels.hyperbolic_sine),
    "cosh": _of_one(Kernels.hyperbolic_cosine),
    "tanh": _of_one(Kernels.hyperbolic_tangent),
    "abs": _of_one(Kernels.absolute),
    "sign": _sign,
    "step": _step,
    "max": _greatest(1),
    "min": _greatest(-1),
    "acos": _acos,
    "Phi": _normal_probability,
    **{name: _odd(name) for name in ODD},
}
