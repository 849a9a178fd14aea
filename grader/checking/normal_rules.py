"""What each kind of node becomes in the normal form; every rewriting holds wherever both sides have values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

from grader.checking.identical import HALF, Node
from grader.checking.kernels import Kernels, as_one
from grader.checking.normal_branches import branch_of
from grader.checking.normal_forms import Normal, Rule, Rules
from grader.checking.polynomials import Ratio, TooLarge, used_generators
from grader.checking.signs import is_positive

MOST_FACTORS = 20
Function = Callable[[Kernels, Ratio], Ratio]


def _number(normal: Normal, node: Node) -> Ratio:
    return normal.field.constant(_exact(node.value))


def _exact(value: Any) -> Fraction | int:
    if isinstance(value, str) or value.numerator.bit_length() + value.denominator.bit_length() > 2000:
        raise TooLarge
    exact: Fraction | int = value
    return exact


def _name(normal: Normal, node: Node) -> Ratio:
    name = str(node.value)
    whole = normal.domain.variable(name).integer
    return normal.kernels.name(name, nonnegative=normal.is_nonnegative(name), whole=whole)


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
    if is_positive(normal.nodes, node.args[0], normal.domain):
        return normal.field.constant(1)
    return normal.kernels.odd_function("sign", of) if normal.has_whole_numbers else normal.kernels.sign_function(of)


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


def _asinh(normal: Normal, node: Node) -> Ratio:
    of = normal.args(node)[0]
    if not normal.deep:
        return normal.kernels.odd_function("asinh", of)
    square = normal.field.add(normal.field.multiply(of, of), normal.field.constant(1))
    return normal.kernels.logarithm(_plus_root(normal, of, square))


def _acosh(normal: Normal, node: Node) -> Ratio:
    if not normal.deep:
        return _opaque(normal, node)
    of = normal.args(node)[0]
    return normal.kernels.logarithm(_plus_root(normal, of, normal.minus(normal.field.multiply(of, of), _one(normal))))


def _plus_root(normal: Normal, of: Ratio, square: Ratio) -> Ratio:
    root = normal.kernels.root(normal.field.reduced(square), 2)
    return normal.field.reduced(normal.field.add(of, root))


def _atanh(normal: Normal, node: Node) -> Ratio:
    of = normal.args(node)[0]
    if not normal.deep:
        return normal.kernels.odd_function("atanh", of)
    above, below = normal.field.add(_one(normal), of), normal.minus(_one(normal), of)
    both = normal.minus(*[normal.kernels.logarithm(normal.field.reduced(each)) for each in (above, below)])
    return normal.field.multiply(both, normal.field.constant(HALF))


def _one(normal: Normal) -> Ratio:
    return normal.field.constant(1)


def _factorial(normal: Normal, node: Node) -> Ratio:
    """A factorial through that of its argument without the number added to it: (n + 1)! = n! (n + 1)."""
    field = normal.field
    of = normal.args(node)[0]
    shift = next((times for monomial, times in field.terms(of.top) if not any(monomial)), Fraction(0))
    rest = normal.minus(of, field.constant(shift))
    is_shifted = of.bottom.is_constant() and shift.denominator == 1 and 0 < abs(shift) <= MOST_FACTORS
    if not is_shifted or rest.top.is_zero() or not normal.kernels.is_whole(rest.top):
        return _opaque(normal, node)
    lowest = rest if shift > 0 else of
    if normal.side_of(lowest) < 1 and normal.side_of(field.add(lowest, field.constant(1))) < 1:
        return _opaque(normal, node)
    factors = [field.add(rest, field.constant(k)) for k in range(min(int(shift), 0) + 1, max(int(shift), 0) + 1)]
    several = reduce(field.multiply, factors)
    whole = normal.kernels.kernel(("factorial", "", (str(rest),)))
    return field.multiply(whole, several if shift > 0 else field.power(several, -1))


def _floor(normal: Normal, node: Node) -> Ratio:
    """The floor without the whole numbers in its argument, which are added to it."""
    return _rounded_down(normal, normal.args(node)[0])


def _ceil(normal: Normal, node: Node) -> Ratio:
    minus = normal.field.constant(-1)
    return normal.field.multiply(_rounded_down(normal, normal.field.multiply(normal.args(node)[0], minus)), minus)


def _rounded_down(normal: Normal, of: Ratio) -> Ratio:
    field = normal.field
    used = used_generators(of.top) | used_generators(of.bottom)
    is_turned = bool(used) and not normal.has_whole_numbers and normal.kernels.is_never_level(used)
    if is_turned and of.top.leading_coefficient() < 0:
        # Beside the jumps, which are single points, the floor of -u is -1 minus the floor of u.
        return normal.minus(field.constant(-1), _rounded_down(normal, field.multiply(of, field.constant(-1))))
    whole = rest = field.constant(0)
    for monomial, times in field.terms(of.top) if of.bottom.is_constant() else ():
        term = field.multiply(field.polynomial({monomial: as_one(field)}), field.constant(times))
        part = times.numerator // times.denominator
        if not any(monomial):
            whole, rest = field.add(whole, field.constant(part)), field.add(rest, field.constant(times - part))
        elif normal.kernels.is_whole(term.top):
            whole = field.add(whole, term)
        else:
            rest = field.add(rest, term)
    if not of.bottom.is_constant():
        rest = of
    if rest.top.is_constant() and rest.bottom.is_constant():
        return whole
    return field.add(whole, normal.kernels.kernel(("floor", "", (str(rest),))))


def _opaque(normal: Normal, node: Node) -> Ratio:
    """A function about which nothing more is known than that equal arguments give equal values."""
    if node.kind in BY_ARGUMENTS:
        keys = tuple([str(arg) for arg in normal.args(node)])
        return normal.kernels.kernel((node.kind, node.value, keys))
    return normal.kernels.kernel(("node", node))


BY_ARGUMENTS = frozenset({"acosh", "atan2", "apply", "factorial", "delta"})
ODD = ("asin", "atan", "erf")

_BY_KIND: Mapping[str, Rule] = {
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
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
    "factorial": _factorial,
    "floor": _floor,
    "ceil": _ceil,
    "piecewise": branch_of,
    **{name: _odd(name) for name in ODD},
}

RULES = Rules(_BY_KIND, _opaque)
