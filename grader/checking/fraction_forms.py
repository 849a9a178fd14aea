"""Fractions as typed: one single fraction, lowest terms, partial fractions."""

from __future__ import annotations

from math import gcd

from grader.checking.atoms import Atoms, NotPolynomial
from grader.checking.polynomials import Polynomial, as_fraction
from grader.checking.writing import factors_of, fractions_in, inner, is_decimal, shown, terms_of, whole_exponent
from grader.reading.tree import Tree, literal_value, multiply, names_in, walk

_MAIN = ("x", "z", "s", "t", "y", "u", "v", "w")


def single_fraction(tree: Tree) -> str:
    """Why this is not one fraction, or no fraction at all; empty where it is.

    Arguments of functions and exponents may hold fractions of their own.
    """
    found = _outer_fractions(tree)
    if not found:
        return ""
    if any(_is_fraction(term) or _outer_fractions(term) for term in terms_of(tree)) and len(terms_of(tree)) > 1:
        return f"{shown(tree)} is still a sum with fractions in it"
    lines = _lines(tree)
    if lines > 1:
        return f"{shown(tree)} is still made of {lines} fractions"
    factors = factors_of(tree)
    for part in (*factors.above, *factors.below):
        within = _outer_fractions(part)
        if within:
            return f"the fraction {shown(within[0])} stands inside of another expression"
    return ""


def _outer_fractions(tree: Tree) -> list[Tree]:
    """The fractions that stand neither in a function's argument nor in an exponent."""
    if _is_fraction(tree):
        return [tree]
    if tree.kind == "power":
        return _outer_fractions(tree.args[0])
    if tree.kind in {"sum", "product", "neg"}:
        return [each for arg in tree.args for each in _outer_fractions(arg)]
    return []


def _is_fraction(tree: Tree) -> bool:
    exponent = whole_exponent(tree)
    return tree.kind == "quotient" or (exponent is not None and exponent < 0)


def _lines(tree: Tree) -> int:
    """How many fraction lines a product has."""
    if tree.kind == "quotient":
        return 1 + sum(_lines(arg) for arg in tree.args)
    if tree.kind in {"product", "neg"}:
        return sum(_lines(arg) for arg in tree.args)
    return int(_is_fraction(tree))


def lowest_terms(tree: Tree) -> str:
    """Why a fraction in it is not in lowest terms; empty where all are.

    A decimal is no fraction in lowest terms, and neither is a sum of two numbers.
    """
    for node in walk(tree):
        if is_decimal(node) or node.kind == "percent":
            return f"{shown(node)} is not written as a fraction"
        if node.kind == "sum" and sum(literal_value(inner(term)) is not None for term in terms_of(node)) > 1:
            return f"the numbers in {shown(node)} are still to be added"
    for fraction in fractions_in(tree):
        fault = cancellable(fraction)
        if fault:
            return fault
    faults = (cancellable(term) for term in terms_of(tree))
    return next((fault for fault in faults if fault), "")


def cancellable(tree: Tree) -> str:
    """What can still be cancelled in a fraction or in a product with fractions; empty where nothing can."""
    factors = factors_of(tree)
    if not factors.below:
        return ""
    for part in (*factors.above, *factors.below):
        for within in _outer_fractions(part):
            return f"the fraction {shown(within)} stands inside of {shown(tree)}"
    if has_two_signs(tree):
        return f"the two minus signs in {shown(tree)} cancel"
    above, below = multiply(*factors.above), multiply(*factors.below)
    atoms = Atoms(above, below)
    try:
        first, second = atoms.polynomial(above), atoms.polynomial(below)
    except NotPolynomial:
        return ""
    if second.is_zero():
        return ""
    common = first.gcd(second)
    if not common.is_constant():
        return f"a common factor can still be cancelled in {shown(tree)}"
    shared = gcd(_content(first), _content(second))
    if shared > 1:
        return f"{shared} can still be cancelled in {shown(tree)}"
    return "" if second != atoms.field.one else f"the division by 1 in {shown(tree)} is still to be left out"


def has_two_signs(tree: Tree) -> bool:
    """Whether two minus signs of a fraction cancel, as in `-3/-4`."""
    body = inner(tree)
    return body.kind == "quotient" and (body is not tree) + sum(arg.kind == "neg" for arg in body.args) > 1


def _content(polynomial: Polynomial) -> int:
    """The greatest common divisor of whole coefficients; 1 where they are not all whole."""
    values = [as_fraction(each) for each in polynomial.coeffs()]
    return gcd(*(each.numerator for each in values)) if all(each.denominator == 1 for each in values) else 1


def partial_fractions(tree: Tree, variable: str) -> str:
    """Why this is no sum of partial fractions over the rationals; empty where it is.

    Each fraction stands over a power of one irreducible polynomial, the degree above is lower than that
    of the polynomial, and no denominator comes twice.
    """
    below = frozenset().union(*(names_in(fraction.args[1]) for fraction in fractions_in(tree)))
    name = variable or next((each for each in _MAIN if each in below), min(below, default=""))
    if not name:
        return ""
    seen: list[Polynomial] = []
    terms = [each for term in terms_of(tree) for each in _without_number(term)]
    atoms = Atoms(*(part for term in terms for part in _above_and_below(term)))
    for term in terms:
        above, bottom = _above_and_below(term)
        try:
            first, second = atoms.polynomial(above), atoms.polynomial(bottom)
        except NotPolynomial:
            return f"{shown(term)} holds a fraction inside of a fraction"
        if second.is_zero():
            continue
        place = atoms.place(name)
        fault = "" if place is None else _not_partial(term, first, second, place, atoms)
        if fault:
            return fault
        monic = second / second.leading_coefficient()
        if place is not None and second.degrees()[place] and monic in seen:
            return f"two fractions over {shown(bottom)} are still to be joined"
        seen.append(monic)
    return ""


def _without_number(term: Tree) -> tuple[Tree, ...]:
    """The terms within a bracket that only numbers are multiplied by, as in `1/2*(1/x - 1/(x+1))`."""
    factors = factors_of(term)
    brackets = [each for each in factors.above if each.kind == "sum"]
    numbers = [each for each in (*factors.above, *factors.below) if literal_value(each) is not None]
    is_bracket = len(brackets) == 1 and len(numbers) + 1 == len(factors.above) + len(factors.below)
    return terms_of(brackets[0]) if is_bracket else (term,)


def _above_and_below(term: Tree) -> tuple[Tree, Tree]:
    factors = factors_of(term)
    return multiply(*factors.above), multiply(*factors.below)


def _not_partial(term: Tree, above: Polynomial, below: Polynomial, place: int, atoms: Atoms) -> str:
    _, found = atoms.field.factors_of(below)
    own = [factor for factor, _ in found if factor.degrees()[place]]
    if not own:
        return ""
    if len(own) > 1:
        return f"{shown(term)} can still be split: its denominator has {len(own)} different factors"
    if above.degrees()[place] >= own[0].degrees()[place]:
        return f"in {shown(term)} the degree above is too high to be a partial fraction"
    return ""
