"""Antiderivatives of the functions that students know one of by heart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from grader.calculus.derivatives import NotDifferentiable
from grader.calculus.rules import inner_of
from grader.calculus.simplifying import simplify
from grader.mistakes.breaking import derivative
from grader.reading.tree import (
    ONE,
    ZERO,
    Tree,
    add,
    call,
    constant,
    divide,
    literal_value,
    multiply,
    name,
    names_in,
    neg,
    number,
    power,
)

_BY_HEART: Mapping[str, Callable[[Tree], Tree]] = {
    "sin": lambda u: neg(call("cos", u)),
    "cos": lambda u: call("sin", u),
    "exp": lambda u: power(constant("e"), u),
    "sinh": lambda u: call("cosh", u),
    "cosh": lambda u: call("sinh", u),
    "sqrt": lambda u: multiply(number(Fraction(2, 3)), power(u, number(Fraction(3, 2)))),
    "ln": lambda u: add(multiply(u, call("ln", u)), neg(u)),
    "log": lambda u: add(multiply(u, call("ln", u)), neg(u)),
    "sigmoid": lambda u: call("softplus", u),
}


def antiderivative(tree: Tree, variable: str) -> Tree | None:
    """An antiderivative, None where none is known by heart."""
    if variable not in names_in(tree):
        return multiply(tree, name(variable))
    match tree.kind:
        case "name":
            return divide(power(tree, 2), number(2))
        case "sum":
            return _of_sum(tree, variable)
        case "neg":
            inner = antiderivative(tree.args[0], variable)
            return None if inner is None else neg(inner)
        case "product" | "quotient":
            return _of_multiple(tree, variable)
        case "power" | "call":
            return _of_outer(tree, variable)
    return None


def _of_sum(tree: Tree, variable: str) -> Tree | None:
    parts = [antiderivative(term, variable) for term in tree.args]
    known = [part for part in parts if part is not None]
    return add(*known) if len(known) == len(parts) else None


def _of_multiple(tree: Tree, variable: str) -> Tree | None:
    """A constant times something else; `c/u^n` is taken as a power."""
    if tree.kind == "product":
        constants = [factor for factor in tree.args if variable not in names_in(factor)]
        rest = [factor for factor in tree.args if variable in names_in(factor)]
        inner = antiderivative(rest[0], variable) if len(rest) == 1 else None
        return None if inner is None else multiply(*constants, inner)
    top, bottom = tree.args
    if variable not in names_in(bottom):
        inner = antiderivative(top, variable)
        return None if inner is None else divide(inner, bottom)
    if variable in names_in(top):
        return None
    base, exponent = bottom.args if bottom.kind == "power" else (bottom, ONE)
    inner = _of_outer(power(base, simplify(neg(exponent))), variable)
    return None if inner is None else multiply(top, inner)


def _of_outer(tree: Tree, variable: str) -> Tree | None:
    """A power or function of something linear."""
    if tree.kind == "call" and len(tree.args) != 1:
        return None
    inner = inner_of(tree, variable)
    try:
        slope = derivative(inner, (variable,))
    except NotDifferentiable:
        return None
    if variable in names_in(simplify(slope)):
        return None
    outer = _outer(tree, inner, variable)
    return None if outer is None else divide(outer, slope)


def _outer(tree: Tree, inner: Tree, variable: str) -> Tree | None:
    """The antiderivative by the argument."""
    if tree.kind == "call":
        known = _BY_HEART.get(tree.value)
        return None if known is None else known(inner)
    base, exponent = tree.args
    if variable not in names_in(base):
        return tree if base == constant("e") else divide(tree, call("ln", base))
    value = literal_value(exponent)
    if value is None or variable in names_in(exponent):
        return None
    if value == -1:
        return call("ln", call("abs", base))
    return ZERO if value == -1 else divide(power(base, number(value + 1)), number(value + 1))
