"""Exact rational values of numbered nodes, where there is one that is not too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, factorial, floor, isqrt

from grader.checking.identical import Node, Numbering
from grader.reading.tree import Tree

MOST_BITS = 70_000
LARGEST_FACTORIAL = 2_000

Known = dict[int, Fraction | None]


def exact_value(tree: Tree, point: Mapping[str, Fraction] | None = None) -> Fraction | None:
    """The value as an exact rational, or None where it has none, is irrational or is too long.

    >>> from grader.reading.tree import call, number, power
    >>> exact_value(power(number(2), -3)), exact_value(call("sin", number(1)))
    (Fraction(1, 8), None)
    """
    numbering = Numbering()
    return exact_node(numbering.nodes, numbering.of(tree), point or {}, {})


def exact_node(nodes: Sequence[Node], root: int, point: Mapping[str, Fraction], known: Known) -> Fraction | None:
    """The exact value of a node; `known` keeps values of nodes met on the way."""
    if root in known:
        return known[root]
    node = nodes[root]
    value: Fraction | None = None
    if node.kind == "number":
        value = Fraction(node.value)
    elif node.kind == "name":
        value = point.get(str(node.value))
    elif node.kind in RULES:
        found = [exact_node(nodes, arg, point, known) for arg in node.args]
        args = [arg for arg in found if arg is not None]
        if len(args) == len(found):
            value = RULES[node.kind](node, args)
    if value is not None and value.numerator.bit_length() + value.denominator.bit_length() > MOST_BITS:
        value = None
    known[root] = value
    return value


def _sum(node: Node, args: list[Fraction]) -> Fraction:
    return sum(args, Fraction(node.value))


def _product(node: Node, args: list[Fraction]) -> Fraction:
    value = Fraction(node.value)
    for arg in args:
        value *= arg
    return value


def _power(_node: Node, args: list[Fraction]) -> Fraction | None:
    base, exponent = args
    if base == 0 and exponent < 0:
        return None
    if base in {0, 1}:
        return base if exponent else Fraction(1)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) * bits > MOST_BITS or exponent.denominator > MOST_BITS:
        return None
    root = _root(base, exponent.denominator)
    return None if root is None else root**exponent.numerator


def _root(value: Fraction, degree: int) -> Fraction | None:
    """The exact real root, if it is rational."""
    if degree == 1:
        return value
    if value < 0:
        positive = _root(-value, degree) if degree % 2 else None
        return None if positive is None else -positive
    top, bottom = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(value: int, degree: int) -> int | None:
    """The whole number whose power it is, or None."""
    if degree == 2:
        root = isqrt(value)
    else:
        low, high = 0, 1 << (value.bit_length() // degree + 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
        root = low
    return root if root**degree == value else None


def _factorial(_node: Node, args: list[Fraction]) -> Fraction | None:
    (value,) = args
    if value.denominator != 1 or not 0 <= value <= LARGEST_FACTORIAL:
        return None
    return Fraction(factorial(value.numerator))


def _step(_node: Node, args: list[Fraction]) -> Fraction | None:
    return Fraction(args[0] > 0) if args[0] else None


RULES: Mapping[str, Callable[[Node, list[Fraction]], Fraction | None]] = {
    "sum": _sum,
    "product": _product,
    "power": _power,
    "factorial": _factorial,
    "step": _step,
    "abs": lambda _, args: abs(args[0]),
    "sign": lambda _, args: Fraction((args[0] > 0) - (args[0] < 0)),
    "floor": lambda _, args: Fraction(floor(args[0])),
    "ceil": lambda _, args: Fraction(ceil(args[0])),
    "min": lambda _, args: min(args),
    "max": lambda _, args: max(args),
    "delta": lambda _, args: Fraction(args[0] == args[1]),
    "exp": lambda _, args: None if args[0] else Fraction(1),
    "ln": lambda _, args: Fraction(0) if args[0] == 1 else None,
    "sin": lambda _, args: None if args[0] else Fraction(0),
    "cos": lambda _, args: None if args[0] else Fraction(1),
}
