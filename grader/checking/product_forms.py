"""Sums and products as typed: whether an expression is expanded, and whether it is factored."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from grader.checking.atoms import Atoms, NotPolynomial
from grader.checking.bounding import NoValue, Unclear, value_at
from grader.checking.polynomials import Polynomial, TooLarge, as_fraction, used_generators
from grader.checking.writing import factors_of, inner, shown, terms_of, whole_exponent
from grader.reading.tree import Tree, add, divide, literal_value, multiply, names_in, neg, number, power, substitute

FIELDS = ("rationals", "integers", "reals")


def expanded(tree: Tree) -> str:
    """Why the expression is not expanded: what is still to be multiplied out; empty where nothing is."""
    for term in terms_of(tree):
        body = inner(term)
        if body.kind == "sum" and body is not term:
            return f"the bracket in {shown(term)} is still to be resolved"
        fault = _unexpanded(body)
        if fault:
            return fault
    return ""


def _unexpanded(term: Tree) -> str:
    factors = factors_of(term)
    sums = [each for each in factors.above if _is_sum(each)]
    if factors.below and sums:
        return f"{shown(term)} is still a sum over {shown(multiply(*factors.below))}"
    if sums and (len(factors.above) > 1 or factors.negative):
        return f"{shown(term)} is still a product"
    for factor in factors.above:
        fault = _unexpanded_power(factor)
        if fault:
            return fault
    below = multiply(*factors.below) if factors.below else None
    return expanded(below) if below is not None and below != term else ""


def _unexpanded_power(factor: Tree) -> str:
    exponent = whole_exponent(factor)
    base = factor.args[0] if factor.kind == "power" else factor
    if (
        exponent is None
        or literal_value(base) is not None
        or base.kind not in {"sum", "product", "quotient", "neg", "power"}
    ):
        return ""
    return f"{shown(factor)} is still a power of {_NOUNS[base.kind]}"


_NOUNS = {
    "sum": "a sum",
    "product": "a product",
    "quotient": "a fraction",
    "neg": "a negative term",
    "power": "a power",
}


def _is_sum(tree: Tree) -> bool:
    return tree.kind == "sum" and literal_value(tree) is None


def factored(tree: Tree, field: str) -> str:
    """Why the expression is not factored over the field; empty where it is.

    A factor may hold neither a product nor, where all of its coefficients are whole, a common divisor of
    them: `(2x+2)(x-1)` still holds a 2. Signs and the order of factors are free.
    """
    factors = factors_of(tree)
    for factor in (*factors.above, *factors.below):
        fault = _unfactored(factor, field)
        if fault:
            return fault
    return ""


def _unfactored(factor: Tree, field: str) -> str:
    while factor.kind in {"power", "neg"}:
        factor = factor.args[0]
    if factor.kind in {"product", "quotient"}:
        return factored(factor, field)
    if factor.kind != "sum":
        return ""
    atoms = Atoms(factor)
    try:
        polynomial = atoms.polynomial(factor)
    except NotPolynomial:
        return f"{shown(factor)} holds a fraction that is still to be brought over one denominator"
    if len(polynomial) < 2:
        return f"{shown(factor)} is still a sum"
    held = _content(factor, polynomial, field)
    if held:
        return held
    _, found = atoms.field.factors_of(polynomial)
    if sum(times for _, times in found) > 1:
        return f"{shown(factor)} can still be factored"
    if field == "reals" and _splits_over_reals(factor, found[0][0], atoms):
        return f"{shown(factor)} can still be factored over the reals"
    return ""


def _content(factor: Tree, polynomial: Polynomial, field: str) -> str:
    """What is to be taken out of the coefficients; empty where nothing is."""
    coefficients = [as_fraction(each) for each in polynomial.coeffs()]
    if all(each.denominator == 1 for each in coefficients):
        common = gcd(*(each.numerator for each in coefficients))
        return f"{shown(factor)} still holds the common factor {common}" if common > 1 else ""
    return f"{shown(factor)} still holds fractions" if field == "integers" else ""


def _splits_over_reals(factor: Tree, polynomial: Polynomial, atoms: Atoms) -> bool:
    """Whether a factor that is irreducible over the rationals splits over the reals."""
    names = sorted(atoms.names(polynomial))
    if len(names) != 1:
        return any(_splits_in(polynomial, place, atoms) for place in used_generators(polynomial))
    place = atoms.place(names[0])
    if place is None or any(names_in(atoms.trees[other]) for other in used_generators(polynomial) - {place}):
        return False
    degree = polynomial.degrees()[place]
    return degree > 2 or (degree == 2 and _has_real_roots(factor, names[0]))


def _has_real_roots(quadratic: Tree, name: str) -> bool:
    """Whether a quadratic with numbers for coefficients has real roots, from its values at three places."""
    at = {place: substitute(quadratic, {name: number(place)}) for place in (-1, 0, 1)}
    second = add(divide(add(at[1], at[-1]), number(2)), neg(at[0]))
    first = divide(add(at[1], neg(at[-1])), number(2))
    discriminant = add(power(first, 2), neg(multiply(number(4), second, at[0])))
    try:
        return value_at(discriminant, {}, 15).upper >= 0
    except (NoValue, Unclear):
        raise TooLarge from None


def _splits_in(polynomial: Polynomial, place: int, atoms: Atoms) -> bool:
    """Whether a quadratic in one atom splits because its discriminant is a positive number times a square."""
    if polynomial.degrees()[place] != 2:
        return False
    field = atoms.field
    third, second, first = (field.coefficient(polynomial, place, exponent) for exponent in range(3))
    discriminant = field.plus(
        field.times(second, second), field.times(field.times(first, third), field.constant(-4).top)
    )
    if discriminant.is_zero():
        return True
    front, found = field.factors_of(discriminant)
    return front > Fraction(0) and all(times % 2 == 0 for _, times in found)
