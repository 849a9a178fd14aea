"""The common wrong forms of the rules of the table of derivatives, one function each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from grader.calculus.elementary import ELEMENTARY
from grader.calculus.rules import OUTER_RULES, RULES, Deriver, inner_of, rule_of
from grader.mistakes.breaking import Break, Wrong
from grader.reading.tree import (
    ONE,
    Tree,
    add,
    call,
    constant,
    divide,
    literal_value,
    multiply,
    name,
    neg,
    number,
    power,
)

MOST_TERMS = 8
TRIGONOMETRIC = tuple(
    each
    for each in ELEMENTARY
    if each.removeprefix("a").removesuffix("h") in {"sin", "cos", "tan", "sec", "csc", "cot"}
    # Nobody has the rule of sin and cos in mind at a tanh; its sign is lost like any other.
    and each not in {"tanh", "coth", "atanh", "acoth"}
)
HALF = Fraction(1, 2)
ROOTS = {"sqrt": HALF, "cbrt": Fraction(1, 3)}


def _outer_alone(tree: Tree, derive: Deriver) -> Tree:
    return derive.outer(tree)


def _middle_left_out(tree: Tree, derive: Deriver) -> Tree | None:
    """Of three links of a chain, the one in the middle left out: `f'(g(h)) h'`."""
    middle = inner_of(tree, derive.variable)
    while middle.kind in {"sum", "neg"}:
        parts = [part for part in middle.args if derive.depends(part)]
        if len(parts) != 1 or parts[0].kind == "neg":
            return None
        (middle,) = parts
    if rule_of(middle, derive.variable) not in OUTER_RULES:
        return None
    return multiply(derive.outer(tree), derive(inner_of(middle, derive.variable)))


def _reciprocal_outer_alone(tree: Tree, _: Deriver) -> Tree:
    top, bottom = tree.args
    return neg(divide(top, power(bottom, 2)))


def _product_of_derivatives(tree: Tree, derive: Deriver) -> Tree:
    return multiply(*map(derive, tree.args))


def _first_apart(tree: Tree, derive: Deriver) -> Tree | None:
    if len(tree.args) < 3:
        return None
    return multiply(derive(tree.args[0]), derive(multiply(*tree.args[1:])))


def _last_apart(tree: Tree, derive: Deriver) -> Tree | None:
    if len(tree.args) < 3:
        return None
    return multiply(derive(multiply(*tree.args[:-1])), derive(tree.args[-1]))


def _quotient_of_derivatives(tree: Tree, derive: Deriver) -> Tree:
    top, bottom = tree.args
    return divide(derive(top), derive(bottom))


def _kept_over_derivative(tree: Tree, derive: Deriver) -> Tree | None:
    top, bottom = tree.args
    below = derive(bottom)
    return divide(top, below) if derive.depends(below) else None


def _quotient_terms(tree: Tree, derive: Deriver) -> tuple[Tree, Tree, Tree]:
    """The two terms of the numerator, u'v and uv', and the denominator before it is squared."""
    top, bottom = tree.args
    return multiply(derive(top), bottom), multiply(top, derive(bottom)), bottom


def _quotient_with_plus(tree: Tree, derive: Deriver) -> Tree:
    first, second, bottom = _quotient_terms(tree, derive)
    return divide(add(first, second), power(bottom, 2))


def _quotient_turned(tree: Tree, derive: Deriver) -> Tree:
    first, second, bottom = _quotient_terms(tree, derive)
    return divide(add(second, neg(first)), power(bottom, 2))


def _quotient_unsquared(tree: Tree, derive: Deriver) -> Tree:
    first, second, bottom = _quotient_terms(tree, derive)
    return divide(add(first, neg(second)), bottom)


def _reciprocal_unsquared(tree: Tree, derive: Deriver) -> Tree:
    _, second, bottom = _quotient_terms(tree, derive)
    return neg(divide(second, bottom))


def _cosine_unsquared(tree: Tree, _: Deriver) -> Tree:
    return divide(ONE, call("cos", tree.args[0]))


def _sine_unsquared(tree: Tree, _: Deriver) -> Tree:
    return neg(divide(ONE, call("sin", tree.args[0])))


def _first_of_quotient(tree: Tree, derive: Deriver) -> Tree:
    first, _, bottom = _quotient_terms(tree, derive)
    return divide(first, power(bottom, 2))


def _second_of_quotient(tree: Tree, derive: Deriver) -> Tree:
    _, second, bottom = _quotient_terms(tree, derive)
    return neg(divide(second, power(bottom, 2)))


def _literal_power(tree: Tree) -> tuple[Tree, Fraction] | None:
    """The base and exponent of a power with a number for an exponent, a root among them."""
    if tree.kind == "call" and tree.value in ROOTS:
        return tree.args[0], ROOTS[tree.value]
    if tree.kind == "call" and tree.value == "root":
        index = literal_value(tree.args[1])
        return (tree.args[0], 1 / index) if index else None
    exponent = literal_value(tree.args[1]) if tree.kind == "power" else None
    return (tree.args[0], exponent) if exponent is not None else None


def _not_lowered(tree: Tree, _: Deriver) -> Tree:
    found = _literal_power(tree)
    factor = tree.args[1] if found is None else number(found[1])
    return multiply(factor, tree)


def _without_factor(tree: Tree, _: Deriver) -> Tree:
    found = _literal_power(tree)
    if found is None:
        return power(tree.args[0], add(tree.args[1], neg(ONE)))
    return power(found[0], number(found[1] - 1))


def _of_power_below(tree: Tree, derive: Deriver, wrong: Wrong) -> Tree | None:
    """A wrong form of the power rule on `c/u^n`, taken as `c u^-n`."""
    top, bottom = tree.args
    found = _literal_power(bottom) or (bottom, Fraction(1))
    if bottom.kind not in {"power", "call", "name"}:
        return None
    base, exponent = found
    if exponent == 1 and wrong is _without_factor:
        # The factor that is lost is minus one: that is a sign.
        return None
    changed = wrong(power(base, number(-exponent)), derive)
    return None if changed is None else multiply(top, changed, derive(base))


def _not_lowered_below(tree: Tree, derive: Deriver) -> Tree | None:
    return _of_power_below(tree, derive, _not_lowered)


def _without_factor_below(tree: Tree, derive: Deriver) -> Tree | None:
    return _of_power_below(tree, derive, _without_factor)


def _without_number_below(tree: Tree, derive: Deriver) -> Tree | None:
    found = _of_power_below(tree, derive, _without_factor)
    return None if found is None else neg(found)


def _as_power(tree: Tree, _: Deriver) -> Tree:
    base, exponent = _base_and_exponent(tree)
    return multiply(exponent, power(base, add(exponent, neg(ONE))))


def _chain_as_power(tree: Tree, derive: Deriver) -> Tree | None:
    is_exponential = (tree.kind == "call" and tree.value == "exp") or (
        tree.kind == "power" and not derive.depends(tree.args[0])
    )
    return _as_power(tree, derive) if is_exponential else None


def _general_as_power(tree: Tree, derive: Deriver) -> Tree:
    return multiply(_as_power(tree, derive), derive(tree.args[0]))


def _base_and_exponent(tree: Tree) -> tuple[Tree, Tree]:
    return (constant("e"), tree.args[0]) if tree.kind == "call" else (tree.args[0], tree.args[1])


def _without_logarithm(tree: Tree, _: Deriver) -> Tree | None:
    return None if tree.args[0] == constant("e") else tree


def _one_over_argument(tree: Tree, _: Deriver) -> Tree:
    return divide(ONE, tree.args[0])


def _one_over_logarithm(tree: Tree, _: Deriver) -> Tree:
    return divide(ONE, tree)


def _times_logarithm_of_base(tree: Tree, _: Deriver) -> Tree:
    base = {"log2": number(2), "log10": number(10)}.get(tree.value) or tree.args[-1]
    return divide(call("ln", base), tree.args[0])


LOGARITHMS = frozenset({"ln", "log", "log2", "log10"})


def _is_logarithm(tree: Tree) -> bool:
    return tree.kind == "call" and tree.value in LOGARITHMS


def _as_it_is(tree: Tree, _: Deriver) -> Tree:
    return tree


def _over_derivative_of_argument(tree: Tree, derive: Deriver) -> Tree | None:
    return divide(ONE, derive(tree.args[0])) if _is_logarithm(tree) else None


def _over_variable(tree: Tree, derive: Deriver) -> Tree | None:
    return divide(ONE, name(derive.variable)) if _is_logarithm(tree) else None


def _other_sign(tree: Tree, derive: Deriver) -> Tree:
    return neg(RULES[tree.value].apply(tree, derive))


def _without_term(place: int) -> Wrong:
    """The sum, product or general power rule with one of its terms left out."""

    def wrong(tree: Tree, derive: Deriver) -> Tree | None:
        if place >= len(tree.args) or not derive.depends(tree.args[place]):
            return None
        if sum(map(derive.depends, tree.args)) < 2:
            return None
        if tree.kind == "sum":
            return add(*(derive(term) for at, term in enumerate(tree.args) if at != place))
        kept = [at for at in range(len(tree.args)) if at != place]
        return add(*(_product_term(tree, at, derive) for at in kept))

    return wrong


def _product_term(tree: Tree, place: int, derive: Deriver) -> Tree:
    return multiply(*tree.args[:place], derive(tree.args[place]), *tree.args[place + 1 :])


def _exponent_term_of_general(tree: Tree, derive: Deriver) -> Tree:
    return multiply(tree, derive(tree.args[1]), call("ln", tree.args[0]))


def _constant_kept(place: int | None) -> Wrong:
    """The sum rule with a constant term, or with all of them, taken over as they are."""

    def wrong(tree: Tree, derive: Deriver) -> Tree | None:
        constants = [at for at, term in enumerate(tree.args) if not derive.depends(term)]
        chosen = constants if place is None else constants[place : place + 1]
        if not chosen or (place is not None and len(constants) < 2):
            return None
        return add(*(term if at in chosen else derive(term) for at, term in enumerate(tree.args)))

    return wrong


def _rare(mistake: str, rules: Mapping[str, Wrong]) -> Break:
    """A form that is told in an expression only: among numbers it would be met by chance too often."""
    return Break(mistake, rules, of_values=False)


def _breaks() -> Iterator[Break]:
    """All wrong forms, those of one mistake together."""
    yield Break("inner-derivative-missing", {"chain": _outer_alone, "reciprocal": _reciprocal_outer_alone})
    yield Break("inner-derivative-missing", {"chain": _middle_left_out})
    yield Break("product-rule-as-product", {"product": _product_of_derivatives})
    for product in (_first_apart, _last_apart):
        yield _rare("product-rule-as-product", {"product": product})
    yield Break("quotient-as-quotient", {"quotient": _quotient_of_derivatives, "reciprocal": _quotient_of_derivatives})
    yield _rare("quotient-as-quotient", {"reciprocal": _kept_over_derivative})
    yield Break("quotient-sign", {"quotient": _quotient_with_plus})
    yield Break("quotient-sign", {"quotient": _quotient_turned})
    unsquared: Mapping[str, Wrong] = {"quotient": _quotient_unsquared, "reciprocal": _reciprocal_unsquared}
    yield Break("denominator-not-squared", {**unsquared, "tan": _cosine_unsquared, "cot": _sine_unsquared})
    powers = ("power", "root", *ROOTS)
    yield Break("exponent-not-lowered", {"power": _not_lowered, "reciprocal": _not_lowered_below})
    yield Break(
        "exponent-factor-missing", {**dict.fromkeys(powers, _without_factor), "reciprocal": _without_factor_below}
    )
    yield _rare("exponent-factor-missing", {"reciprocal": _without_number_below})
    yield Break("constant-kept", {"sum": _constant_kept(None)})
    for place in range(MOST_TERMS):
        yield _rare("constant-kept", {"sum": _constant_kept(place)})
    yield Break("trig-sign", dict.fromkeys(TRIGONOMETRIC, _other_sign))
    for function in ("sin", "cos"):
        yield _rare("trig-sign", {function: _other_sign})
    yield Break("exp-as-power", {"exponential": _as_power, "exp": _as_power, "general-power": _general_as_power})
    yield Break("exp-as-power", {"chain": _chain_as_power})
    without_base: Mapping[str, Wrong] = dict.fromkeys(("logarithm", "log2", "log10"), _one_over_argument)
    yield Break("base-factor-missing", {"exponential": _without_logarithm, **without_base})
    logarithms = ("ln", "log", "log2", "log10", "logarithm")
    yield Break("log-derivative-wrong", dict.fromkeys(logarithms, _one_over_logarithm))
    yield _rare("log-derivative-wrong", dict.fromkeys(logarithms, _as_it_is))
    yield _rare("log-derivative-wrong", dict.fromkeys(("log2", "log10", "logarithm"), _times_logarithm_of_base))
    for chain in (_over_derivative_of_argument, _over_variable):
        yield _rare("log-derivative-wrong", {"chain": chain})
    for place in range(MOST_TERMS):
        yield Break("term-missing", {"sum": _without_term(place), "product": _without_term(place)})
    yield Break("term-missing", {"quotient": _first_of_quotient, "general-power": _exponent_term_of_general})
    yield Break("term-missing", {"quotient": _second_of_quotient})


BREAKS = tuple(_breaks())
