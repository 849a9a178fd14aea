"""The derivatives of the elementary functions by their argument, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree


class Elementary(NamedTuple):
    """A function's name in words, and its derivative in the notation of answers, in `u`."""

    title: str
    derivative: str


ELEMENTARY: Mapping[str, Elementary] = {
    "exp": Elementary("exponential function", "e^u"),
    "ln": Elementary("natural logarithm", "1/u"),
    "log": Elementary("natural logarithm", "1/u"),
    "log2": Elementary("logarithm to base 2", "1/(u*ln(2))"),
    "log10": Elementary("logarithm to base 10", "1/(u*ln(10))"),
    "sqrt": Elementary("square root", "1/(2*sqrt(u))"),
    "cbrt": Elementary("cube root", "1/(3*cbrt(u)^2)"),
    "sin": Elementary("sine", "cos(u)"),
    "cos": Elementary("cosine", "-sin(u)"),
    "tan": Elementary("tangent", "1/cos(u)^2"),
    "sec": Elementary("secant", "sec(u)*tan(u)"),
    "csc": Elementary("cosecant", "-csc(u)*cot(u)"),
    "cot": Elementary("cotangent", "-1/sin(u)^2"),
    "asin": Elementary("arcsine", "1/sqrt(1-u^2)"),
    "acos": Elementary("arccosine", "-1/sqrt(1-u^2)"),
    "atan": Elementary("arctangent", "1/(1+u^2)"),
    "acot": Elementary("arccotangent", "-1/(1+u^2)"),
    "asec": Elementary("arcsecant", "1/(abs(u)*sqrt(u^2-1))"),
    "acsc": Elementary("arccosecant", "-1/(abs(u)*sqrt(u^2-1))"),
    "sinh": Elementary("hyperbolic sine", "cosh(u)"),
    "cosh": Elementary("hyperbolic cosine", "sinh(u)"),
    "tanh": Elementary("hyperbolic tangent", "1-tanh(u)^2"),
    "sech": Elementary("hyperbolic secant", "-sech(u)*tanh(u)"),
    "csch": Elementary("hyperbolic cosecant", "-csch(u)*coth(u)"),
    "coth": Elementary("hyperbolic cotangent", "-1/sinh(u)^2"),
    "asinh": Elementary("inverse hyperbolic sine", "1/sqrt(u^2+1)"),
    "acosh": Elementary("inverse hyperbolic cosine", "1/(sqrt(u-1)*sqrt(u+1))"),
    "atanh": Elementary("inverse hyperbolic tangent", "1/(1-u^2)"),
    "asech": Elementary("inverse hyperbolic secant", "-1/(u*sqrt(1-u^2))"),
    "acsch": Elementary("inverse hyperbolic cosecant", "-1/(abs(u)*sqrt(u^2+1))"),
    "acoth": Elementary("inverse hyperbolic cotangent", "1/(1-u^2)"),
    "abs": Elementary("absolute value", "sign(u)"),
    "sign": Elementary("sign", "0"),
    "step": Elementary("step", "0"),
    "floor": Elementary("rounding down", "0"),
    "ceil": Elementary("rounding up", "0"),
    "sigmoid": Elementary("sigmoid", "sigmoid(u)*(1-sigmoid(u))"),
    "softplus": Elementary("softplus", "sigmoid(u)"),
    "relu": Elementary("ReLU", "step(u)"),
    "gelu": Elementary("GELU", "Phi(u)+u*phi(u)"),
    "erf": Elementary("error function", "2*e^(-u^2)/sqrt(pi)"),
    "Phi": Elementary("normal distribution function", "phi(u)"),
    "phi": Elementary("normal density", "-u*phi(u)"),
}

_VOCABULARY = Vocabulary(names=frozenset({"u"}))


@cache
def elementary_derivative(function: str) -> Tree:
    """The row's derivative as a tree in `u`."""
    return read(ELEMENTARY[function].derivative, _VOCABULARY).tree
