"""Whether anything is left to simplify in an expression as typed.

Looked for are sums and products of numbers that were not worked out, factors 1 and terms 0, like terms,
repeated factors, and fractions in which something cancels. No identity is asked for: `sin(x)^2 + cos(x)^2`
and `sqrt(8)` stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt

from grader.checking.fraction_forms import cancellable, has_two_signs
from grader.checking.identical import Numbering
from grader.checking.writing import factors_of, inner, is_decimal, shown, terms_of, whole_exponent
from grader.reading.tree import ONE, ZERO, Tree, constant, literal_value, multiply, neg

LARGEST_POWER = 10**6
Monomial = tuple[tuple[int, Fraction], ...]


def simplified(tree: Tree) -> str:
    """What is left to simplify, from the outermost to the innermost; empty where nothing is."""
    pending = [(tree, "")]
    numbering = Numbering()
    while pending:
        node, parent = pending.pop()
        rule = _RULES.get(node.kind)
        # A chain of products and fractions is looked at as a whole, from its top.
        is_within = parent in {"product", "quotient"} and node.kind in {"product", "quotient"}
        fault = rule(node, numbering) if rule and not (node.kind == "sum" == parent) and not is_within else ""
        if fault:
            return fault
        pending += [(arg, node.kind) for arg in reversed(node.args)]
    return ""


def _sum(tree: Tree, numbering: Numbering) -> str:
    terms = _distributed(tree)
    seen: dict[Monomial, Tree] = {}
    for term in terms:
        if literal_value(inner(term)) == 0:
            return f"a term 0 stands in {shown(tree)}"
        kind = _without_coefficient(term, numbering)
        other = seen.get(kind)
        if other is not None:
            return f"{shown(other)} and {shown(inner(term))} are still to be collected"
        seen[kind] = term
    return ""


def _distributed(tree: Tree) -> list[Tree]:
    """The terms of a sum; a bracket that one term is multiplied by, as in `2(x+1) + x`, is multiplied out."""
    terms: list[Tree] = []
    for term in terms_of(tree):
        factors = factors_of(term)
        brackets = [each for each in factors.above if each.kind == "sum"]
        is_one = len(brackets) == 1 and not factors.below and not any(map(_is_power_of_sum, factors.above))
        if not is_one:
            terms.append(term)
            continue
        rest = [each for each in factors.above if each is not brackets[0]]
        inside = terms_of(brackets[0])
        terms += [
            multiply(*rest, *([each] if each != ONE else [])) if rest else (neg(each) if factors.negative else each)
            for each in inside
        ]
    return terms


def _is_power_of_sum(tree: Tree) -> bool:
    return tree.kind == "power" and tree.args[0].kind == "sum"


def _without_coefficient(term: Tree, numbering: Numbering) -> Monomial:
    """The same for two terms that differ in a number only."""
    factors = factors_of(term)
    exponents: dict[int, Fraction] = {}
    for part, sign in ((factors.above, 1), (factors.below, -1)):
        for factor in part:
            if literal_value(factor) is None:
                times = literal_value(factor.args[1]) if factor.kind == "power" else None
                base = numbering.of(factor.args[0] if times is not None else factor)
                exponents[base] = exponents.get(base, Fraction(0)) + sign * (1 if times is None else times)
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


def _product(tree: Tree, numbering: Numbering) -> str:
    factors = factors_of(tree)
    if any(inner(arg) == ONE for arg in _chain(tree)):
        return f"the factor 1 in {shown(tree)} is still to be left out"
    if any(literal_value(each) == 0 for each in factors.above):
        return f"{shown(tree)} is zero"
    above = [each for each in factors.above if each.kind == "number" and each != ONE]
    below = [each for each in factors.below if each.kind == "number"]
    has_decimal = bool(above) and bool(below) and any(map(is_decimal, (*above, *below)))
    if len(above) > 1 or len(below) > 1 or has_decimal:
        return f"the numbers in {shown(tree)} are still to be multiplied or divided"
    for part in (factors.above, factors.below):
        bases = [_base(each, numbering) for each in part if each.kind != "number"]
        if len(set(bases)) < len(bases):
            return f"equal factors in {shown(tree)} are still to be written as one power"
    return cancellable(tree)


def _chain(tree: Tree) -> list[Tree]:
    """The factors of products within each other; the 1 of a fraction `1/x` is none of them."""
    if tree.kind == "product":
        return [each for arg in tree.args for each in (_chain(arg) if arg.kind in {"product", "quotient"} else [arg])]
    if tree.kind == "quotient":
        top, bottom = tree.args
        return [*(_chain(top) if top.kind == "product" else []), *(_chain(bottom) if bottom.kind == "product" else [])]
    return [tree]


def _base(factor: Tree, numbering: Numbering) -> int:
    return numbering.of(factor.args[0] if factor.kind == "power" else factor)


def _negative(tree: Tree, numbering: Numbering) -> str:  # noqa: ARG001 - every rule takes the numbering
    if tree.args[0].kind == "neg" or has_two_signs(tree):
        return f"the two minus signs in {shown(tree)} cancel"
    return f"{shown(tree)} is just 0" if tree.args[0] == ZERO else ""


def _power(tree: Tree, numbering: Numbering) -> str:  # noqa: ARG001 - every rule takes the numbering
    base, exponent = tree.args
    value, by = literal_value(base), literal_value(exponent)
    if by in {0, 1}:
        return f"the exponent {shown(exponent)} in {shown(tree)} is still to be worked out"
    whole = whole_exponent(tree)
    if value is not None:
        is_small = whole is not None and (abs(value) <= 1 or abs(value) ** abs(whole) <= LARGEST_POWER)
        return f"{shown(tree)} is still to be worked out" if is_small or value == 1 else ""
    if whole is None:
        return ""
    if base.kind == "call" and base.value == "sqrt" and abs(whole) > 1:
        return f"the power of a root in {shown(tree)} is still to be worked out"
    if base.kind == "power":
        return f"the two exponents in {shown(tree)} are still to be multiplied"
    if base.kind == "neg" or (base.kind == "product" and any(each.kind == "number" for each in base.args)):
        return f"the power {shown(tree)} is still to be resolved"
    return ""


def _call(tree: Tree, numbering: Numbering) -> str:  # noqa: ARG001 - every rule takes the numbering
    argument = tree.args[0]
    value = literal_value(argument)
    is_known = tree.value in _KNOWN and value == _KNOWN[tree.value]
    is_logarithm = tree.value == "ln" and argument == constant("e")
    is_root = tree.value == "sqrt" and value is not None and value >= 0 and _is_square(*value.as_integer_ratio())
    is_size = tree.value == "abs" and value is not None
    return f"{shown(tree)} is still to be worked out" if is_known or is_logarithm or is_root or is_size else ""


def _is_square(*values: int) -> bool:
    return all(isqrt(value) ** 2 == value for value in values)


_KNOWN: Mapping[str, int] = {
    "exp": 0,
    "ln": 1,
    "sin": 0,
    "cos": 0,
    "tan": 0,
    "asin": 0,
    "atan": 0,
    "sinh": 0,
    "cosh": 0,
    "tanh": 0,
}
_RULES: Mapping[str, Callable[[Tree, Numbering], str]] = {
    "sum": _sum,
    "product": _product,
    "quotient": _product,
    "neg": _negative,
    "power": _power,
    "call": _call,
}
