"""The one table of derivative rules.

A rule takes an expression and a `Deriver`, by which it asks for derivatives of parts. Worked
solutions come from the record of which rules were applied; common mistakes come from the same
table with one rule replaced by its usual wrong form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from grader.calculus.elementary import ELEMENTARY, elementary_derivative
from grader.reading.tree import (
    ONE,
    ZERO,
    Tree,
    add,
    call,
    constant,
    divide,
    multiply,
    name,
    names_in,
    neg,
    number,
    power,
    substitute,
)


class Deriver(Protocol):
    """What a rule may ask for while it is applied."""

    variable: str

    def __call__(self, part: Tree) -> Tree:
        """The derivative of a part by the variable."""

    def outer(self, whole: Tree) -> Tree:
        """The derivative of a function or power by its argument, taken there."""

    def depends(self, part: Tree) -> bool:
        """Whether the variable occurs in the part."""


class Rule(NamedTuple):
    """A rule by its name in words and what it makes of an expression."""

    title: str
    apply: Callable[[Tree, Deriver], Tree]


E = constant("e")


def _sum(tree: Tree, derive: Deriver) -> Tree:
    return add(*map(derive, tree.args))


def _negative(tree: Tree, derive: Deriver) -> Tree:
    return neg(derive(tree.args[0]))


def _constant_multiple(tree: Tree, derive: Deriver) -> Tree:
    if tree.kind == "quotient":
        return divide(derive(tree.args[0]), tree.args[1])
    if tree.kind == "percent":
        return divide(derive(tree.args[0]), number(100))
    constants = [factor for factor in tree.args if not derive.depends(factor)]
    rest = [factor for factor in tree.args if derive.depends(factor)]
    return multiply(*constants, derive(multiply(*rest)))


def _product(tree: Tree, derive: Deriver) -> Tree:
    factors = tree.args
    terms = [(*factors[:place], derive(factor), *factors[place + 1 :]) for place, factor in enumerate(factors)]
    return add(*(multiply(*term) for term in terms))


def _quotient(tree: Tree, derive: Deriver) -> Tree:
    top, bottom = tree.args
    return divide(add(multiply(derive(top), bottom), neg(multiply(top, derive(bottom)))), power(bottom, 2))


def _reciprocal(tree: Tree, derive: Deriver) -> Tree:
    top, bottom = tree.args
    return neg(divide(multiply(top, derive(bottom)), power(bottom, 2)))


def _chain(tree: Tree, derive: Deriver) -> Tree:
    return multiply(derive.outer(tree), derive(inner_of(tree, derive.variable)))


def _power(tree: Tree, _: Deriver) -> Tree:
    base, exponent = tree.args
    return multiply(exponent, power(base, add(exponent, neg(ONE))))


def _exponential(tree: Tree, _: Deriver) -> Tree:
    base, _exponent = tree.args
    return tree if base == E else multiply(tree, call("ln", base))


def _general_power(tree: Tree, derive: Deriver) -> Tree:
    base, exponent = tree.args
    logarithm = multiply(derive(exponent), call("ln", base))
    return multiply(tree, add(logarithm, divide(multiply(exponent, derive(base)), base)))


def _logarithm(tree: Tree, _: Deriver) -> Tree:
    argument, base = tree.args
    return divide(ONE, multiply(argument, call("ln", base)))


def _root(tree: Tree, _: Deriver) -> Tree:
    argument, index = tree.args
    return divide(ONE, multiply(index, power(call("root", argument, index), add(index, neg(ONE)))))


def _variable_logarithm(tree: Tree, derive: Deriver) -> Tree:
    argument, base = tree.args
    return derive(divide(call("ln", argument), call("ln", base)))


def _variable_root(tree: Tree, derive: Deriver) -> Tree:
    argument, index = tree.args
    return derive(power(argument, divide(ONE, index)))


def _angle(tree: Tree, derive: Deriver) -> Tree:
    y, x = tree.args
    above = add(multiply(x, derive(y)), neg(multiply(y, derive(x))))
    return divide(above, add(power(x, 2), power(y, 2)))


def _log_sum_exp(tree: Tree, derive: Deriver) -> Tree:
    parts = tree.args[0].args if len(tree.args) == 1 and tree.args[0].kind == "vector" else tree.args
    powers = [power(E, part) for part in parts]
    above = [multiply(size, derive(part)) for size, part in zip(powers, parts, strict=True)]
    return divide(add(*above), add(*powers))


def _extreme(tree: Tree, derive: Deriver) -> Tree:
    first, *others = tree.args
    if not others:
        return derive(first)
    rest = others[0] if len(others) == 1 else call(tree.value, *others)
    wins = Tree("relation", (first, rest), ">" if tree.value == "max" else "<")
    return Tree("piecewise", (Tree("case", (derive(first), wins)), Tree("otherwise", (derive(rest),))))


def _piecewise(tree: Tree, derive: Deriver) -> Tree:
    cases = (case._replace(args=(derive(case.args[0]), *case.args[1:])) for case in tree.args)
    return tree._replace(args=tuple(cases))


def _declared(tree: Tree, _: Deriver) -> Tree:
    return tree._replace(value=f"{tree.value}'")


def _indexed_sum(tree: Tree, derive: Deriver) -> Tree:
    return tree._replace(args=(derive(tree.args[0]), *tree.args[1:]))


def _elementary(function: str) -> Rule:
    """The rule of one row of the table of elementary functions."""
    title = f"derivative of the {ELEMENTARY[function].title}"
    return Rule(title, lambda tree, _: substitute(elementary_derivative(function), {"u": tree.args[0]}))


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "constant": Rule("constant rule", lambda _tree, _derive: ZERO),
        "variable": Rule("derivative of the variable", lambda _tree, _derive: ONE),
        "sum": Rule("sum rule", _sum),
        "negative": Rule("constant multiple rule", _negative),
        "constant-multiple": Rule("constant multiple rule", _constant_multiple),
        "product": Rule("product rule", _product),
        "quotient": Rule("quotient rule", _quotient),
        "reciprocal": Rule("reciprocal rule", _reciprocal),
        "chain": Rule("chain rule", _chain),
        "power": Rule("power rule", _power),
        "exponential": Rule("exponential rule", _exponential),
        "general-power": Rule("power with a variable base and exponent", _general_power),
        "logarithm": Rule("derivative of a logarithm", _logarithm),
        "root": Rule("derivative of a root", _root),
        "variable-logarithm": Rule("change of base", _variable_logarithm),
        "variable-root": Rule("root as a power", _variable_root),
        "angle": Rule("derivative of the angle", _angle),
        "log-sum-exp": Rule("derivative of log-sum-exp", _log_sum_exp),
        "extreme": Rule("derivative of the larger or smaller one", _extreme),
        "piecewise": Rule("case by case", _piecewise),
        "declared": Rule("derivative of a declared function", _declared),
        "indexed-sum": Rule("sum rule", _indexed_sum),
        **{function: _elementary(function) for function in ELEMENTARY},
    }
)

# Rules that give the derivative by the argument; around anything but the variable goes the chain rule.
OUTER_RULES = frozenset({"power", "exponential", "logarithm", "root", "declared", *ELEMENTARY})

_BY_KIND: Mapping[str, str] = {
    "sum": "sum",
    "neg": "negative",
    "percent": "constant-multiple",
    "piecewise": "piecewise",
    "sigma": "indexed-sum",
}
_BY_FUNCTION: Mapping[str, str] = {
    "max": "extreme",
    "min": "extreme",
    "atan2": "angle",
    "logsumexp": "log-sum-exp",
    **{function: function for function in ELEMENTARY},
}


def rule_of(tree: Tree, variable: str) -> str | None:
    """The rule that an expression asks for, by its outermost form; None where the table has none."""
    if variable not in names_in(tree):
        return "constant"
    if tree == name(variable):
        return "variable"
    match tree.kind:
        case "product":
            return "product" if all(variable in names_in(factor) for factor in tree.args) else "constant-multiple"
        case "quotient" | "power":
            return _rule_of_two(tree, variable)
        case "call":
            return _rule_of_call(tree, variable)
        case "apply":
            return "declared" if len(tree.args) == 1 else None
        case "sigma":
            ends = frozenset[str]().union(*map(names_in, tree.args[1:]))
            return None if variable in ends or variable == tree.value else "indexed-sum"
    return _BY_KIND.get(tree.kind)


def _rule_of_two(tree: Tree, variable: str) -> str:
    """The rule for a quotient or a power, by which of its two parts the variable is in."""
    first, second = (variable in names_in(part) for part in tree.args)
    if tree.kind == "quotient":
        if not second:
            return "constant-multiple"
        return "quotient" if first else "reciprocal"
    if not second:
        return "power"
    return "general-power" if first else "exponential"


def _rule_of_call(tree: Tree, variable: str) -> str | None:
    """The rule for a function."""
    if tree.value in {"log", "root"} and len(tree.args) == 2:
        plain = "logarithm" if tree.value == "log" else "root"
        return f"variable-{plain}" if variable in names_in(tree.args[1]) else plain
    return _BY_FUNCTION.get(tree.value)


def inner_of(tree: Tree, variable: str) -> Tree:
    """The argument of a function; of a power the base or the exponent, where the variable is."""
    if tree.kind == "power" and variable not in names_in(tree.args[0]):
        return tree.args[1]
    return tree.args[0]
