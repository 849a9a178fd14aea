"""The signs that an expression may take on a domain, by rules that never guess."""

from __future__ import annotations

from fractions import Fraction

from grader.calculus.polynomials import coefficients, signs_taken
from grader.checking.domain import Domain
from grader.reading.tree import Tree, add, literal_value, multiply, names_in

Signs = frozenset[int]
POSITIVE: Signs = frozenset({1})
NEGATIVE: Signs = frozenset({-1})
NOT_NEGATIVE: Signs = frozenset({0, 1})
NOT_POSITIVE: Signs = frozenset({-1, 0})
ANY: Signs = frozenset({-1, 0, 1})

ALWAYS_POSITIVE = frozenset({"exp", "cosh", "sech", "sigmoid", "softplus", "Phi", "phi"})
# These are zero where their argument is, and otherwise have its sign.
SIGN_OF_ARGUMENT = frozenset({"sinh", "tanh", "asinh", "atan", "erf", "cbrt", "sign", "gelu"})
# Functions with values strictly below one.
BELOW_ONE = frozenset({"sigmoid", "Phi", "tanh", "erf"})
RANGES = {
    **dict.fromkeys(("sin", "cos", "tanh", "erf"), (Fraction(-1), Fraction(1))),
    **dict.fromkeys(("sigmoid", "Phi"), (Fraction(0), Fraction(1))),
}


def signs_of(tree: Tree, domain: Domain) -> Signs:
    """A set of signs, out of -1, 0 and 1, that surely holds all signs the tree takes."""
    value = literal_value(tree)
    if value is not None:
        return frozenset({(value > 0) - (value < 0)})
    match tree.kind:
        case "constant":
            return POSITIVE if tree.value in {"pi", "e", "tau"} else ANY
        case "name":
            return _of_name(tree.value, domain)
        case "neg":
            return _flipped(signs_of(tree.args[0], domain))
        case "sum":
            return _of_sum(tree, domain)
        case "product":
            return _of_product(tree.args, domain)
        case "quotient":
            top, bottom = (signs_of(arg, domain) for arg in tree.args)
            return _products(top, bottom - {0})
        case "power":
            return _of_power(tree, domain)
        case "call":
            return _of_call(tree, domain)
    return ANY


def _flipped(signs: Signs) -> Signs:
    """The signs of the opposite."""
    return frozenset(-sign for sign in signs)


def _products(one: Signs, other: Signs) -> Signs:
    """The signs of a product."""
    return frozenset(a * b for a in one for b in other)


def _of_product(factors: tuple[Tree, ...], domain: Domain) -> Signs:
    """The signs of a product of factors."""
    signs = POSITIVE
    for factor in factors:
        signs = _products(signs, signs_of(factor, domain))
    return signs


def _of_name(name: str, domain: Domain) -> Signs:
    """The signs in the intervals of a variable."""
    signs: set[int] = set()
    for interval in domain.variable(name).intervals:
        if interval.lower is None or interval.lower < 0:
            signs.add(-1)
        if interval.upper is None or interval.upper > 0:
            signs.add(1)
        if interval.holds(Fraction(0)):
            signs.add(0)
    return frozenset(signs)


def _of_sum(tree: Tree, domain: Domain) -> Signs:
    """The signs of a sum: from its terms, as one factor times a sum, or as a polynomial."""
    signs = _added([signs_of(term, domain) for term in tree.args])
    if signs != ANY:
        return signs
    names = tuple(names_in(tree))
    if len(names) == 1:
        signs = _of_polynomial(tree, names[0], domain)
        if signs != ANY:
            return signs
    if _is_one_minus(tree):
        return POSITIVE
    signs = _by_bounds(tree, domain)
    if signs != ANY:
        return signs
    factors, rest = without_common_factors(tree)
    return _products(_of_product(factors, domain), signs_of(rest, domain)) if factors else ANY


def _added(parts: list[Signs]) -> Signs:
    """The signs of a sum whose terms have these signs."""
    for side, strict in ((NOT_NEGATIVE, POSITIVE), (NOT_POSITIVE, NEGATIVE)):
        if all(part <= side for part in parts):
            return strict if strict in parts else side
    return ANY


def _of_polynomial(tree: Tree, name: str, domain: Domain) -> Signs:
    """The signs of a polynomial in one variable, exact but for isolated zeros."""
    found = coefficients(tree, name)
    if found is None:
        return ANY
    signs: set[int] = {0}
    for interval in domain.variable(name).intervals:
        signs |= signs_taken(found, interval.lower, interval.upper)
    return frozenset(signs)


def _by_bounds(tree: Tree, domain: Domain) -> Signs:
    """The signs of a sum from bounds of its terms."""
    ends = [_bounds(term, domain) for term in tree.args]
    lower = [low for low, _ in ends if low is not None]
    upper = [high for _, high in ends if high is not None]
    if len(lower) == len(ends) and sum(lower) >= 0:
        return POSITIVE if sum(lower) > 0 else NOT_NEGATIVE
    if len(upper) == len(ends) and sum(upper) <= 0:
        return NEGATIVE if sum(upper) < 0 else NOT_POSITIVE
    return ANY


def _bounds(tree: Tree, domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    """Numbers between which the value lies; None where there is no bound."""
    value = literal_value(tree)
    if value is not None:
        return value, value
    if tree.kind == "neg":
        low, high = _bounds(tree.args[0], domain)
        return None if high is None else -high, None if low is None else -low
    if tree.kind == "call" and tree.value in RANGES:
        return RANGES[tree.value]
    if tree.kind == "product" and len(tree.args) == 2:
        factor, (low, high) = literal_value(tree.args[0]), _bounds(tree.args[1], domain)
        if factor is not None and factor > 0 and low is not None and high is not None:
            return factor * low, factor * high
    signs = signs_of(tree, domain)
    return Fraction(0) if signs <= NOT_NEGATIVE else None, Fraction(0) if signs <= NOT_POSITIVE else None


def _is_one_minus(tree: Tree) -> bool:
    """Whether this is 1 minus a function, or an even power of one, that stays below 1 in size."""
    if len(tree.args) != 2:
        return False
    constants = [term for term in tree.args if literal_value(term) == 1]
    others = [term.args[0] for term in tree.args if term.kind == "neg"]
    if len(constants) != 1 or len(others) != 1:
        return False
    inner = others[0]
    if inner.kind == "power" and (literal_value(inner.args[1]) or Fraction(0)) > 0:
        inner = inner.args[0]
    return inner.kind == "call" and inner.value in BELOW_ONE


def without_common_factors(tree: Tree) -> tuple[tuple[Tree, ...], Tree]:
    """The factors, not numbers, that stand in every term of a sum, and the sum without them."""
    lists = [_factors(term) for term in tree.args]
    shared = [
        factor
        for factor in dict.fromkeys(lists[0])
        if literal_value(factor) is None and all(factor in factors for factors in lists)
    ]
    if not shared:
        return (), tree
    for factors in lists:
        for factor in shared:
            factors.remove(factor)
    return tuple(shared), add(*(multiply(*factors) for factors in lists))


def _factors(term: Tree) -> list[Tree]:
    """The factors of a term, a minus as the number -1."""
    if term.kind == "neg":
        return [Tree("neg", (Tree("number", (), "1"),)), *_factors(term.args[0])]
    return list(term.args) if term.kind == "product" else [term]


def _of_power(tree: Tree, domain: Domain) -> Signs:
    """The signs of a power."""
    base = signs_of(tree.args[0], domain)
    exponent = literal_value(tree.args[1])
    if exponent is None:
        return POSITIVE if base == POSITIVE else ANY
    if exponent < 0:
        base -= {0}
    if exponent.denominator % 2 == 0:
        return frozenset(base & NOT_NEGATIVE)
    if exponent.numerator % 2 == 0:
        return frozenset(abs(sign) for sign in base) if exponent else POSITIVE
    return base


def _of_call(tree: Tree, domain: Domain) -> Signs:
    """The signs of a function."""
    if tree.value in ALWAYS_POSITIVE:
        return POSITIVE
    inner = signs_of(tree.args[0], domain)
    if tree.value in SIGN_OF_ARGUMENT:
        return inner
    if tree.value == "abs":
        return frozenset(abs(sign) for sign in inner)
    if tree.value == "sqrt":
        return frozenset(inner & NOT_NEGATIVE)
    if tree.value in {"relu", "step"}:
        return POSITIVE if inner == POSITIVE else NOT_NEGATIVE
    if tree.value == "norm":
        return NOT_NEGATIVE
    return ANY
