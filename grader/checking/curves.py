"""Equations between polynomials as curves: factors compared exactly, or a point on one of the two only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from grader.checking.balls import Unclear
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.checking.kernel_ratios import NONZERO, KernelRatios
from grader.checking.polynomials import Ratio, TooLarge, as_fraction, used_generators
from grader.checking.printed import rounded_words, short
from grader.checking.reals import Real, roots_of
from grader.checking.sampling import Point, VariableDomain
from grader.checking.sign_formulas import dense, whole
from grader.checking.signs import is_positive
from grader.checking.verdict import Counterexample, Outcome, Proof, Verdict
from grader.reading.tree import Tree, add, neg

ON, OFF = "an equation that holds at this point", "an equation that does not hold at this point"
CURVE_POINTS = 40
MOST_FACTORED_TERMS = 60
MOST_FACTORED_DEGREE = 24


@dataclass(frozen=True, slots=True)
class Curve:
    """An equation as the zeros of polynomial factors in its names, where none of the others vanishes."""

    ratios: KernelRatios
    factors: tuple[Any, ...]
    excluded: tuple[Any, ...]


def curve_of(equation: Tree, names: tuple[str, ...]) -> Curve:
    """The factors of an equation between polynomials or their quotients; Unclear for anything else."""
    ratios = KernelRatios(names)
    factors: dict[str, Any] = {}
    excluded: dict[str, Any] = {}
    alternatives = alternatives_of(equation)
    for each in alternatives:
        found = ratios.of_tree(difference_of(each))
        for factor in _factors(found, ratios, names):
            factors[str(factor)] = factor
    for of, allowed in ratios.needed:
        if allowed != NONZERO or len(alternatives) > 1:
            raise Unclear("a condition that is no equation")
        for part in of:
            for factor in _factors(Ratio(part, ratios.field.one), ratios, names):
                excluded[str(factor)] = factor
    return Curve(ratios, tuple(factors.values()), tuple(excluded.values()))


def _factors(ratio: Ratio, ratios: KernelRatios, names: tuple[str, ...]) -> list[Any]:
    used = used_generators(ratio.top) | used_generators(ratio.bottom)
    if any(index >= len(names) and ratios.kernel(index).depends for index in used):
        raise Unclear("a function beside the polynomials")
    if any(index >= len(names) for index in used):
        raise Unclear("an irrational constant")
    if len(ratio.top) > MOST_FACTORED_TERMS or ratio.top.total_degree() > MOST_FACTORED_DEGREE:
        raise TooLarge
    if ratio.top.is_zero():
        raise Unclear("an equation that always holds")
    _, found = ratio.top.factor()
    return [factor / factor.leading_coefficient() for factor, _ in found]


def compare_curves(first: Curve, second: Curve, names: tuple[str, ...], domain: Domain) -> Verdict | None:
    """Equal where the real factors are the same; different at a certified point of one factor."""
    mine, theirs = ({str(each): each for each in curve.factors} for curve in (first, second))
    for extra, curve, other, is_mine in ((mine, first, second, True), (theirs, second, first, False)):
        against = theirs if is_mine else mine
        for text, factor in extra.items():
            if text in against and not other.excluded:
                continue
            point = _point_off(factor, curve, other, names, domain)
            if point is not None:
                values = (ON, OFF) if is_mine else (OFF, ON)
                return Verdict(Outcome.DIFFERENT, Counterexample(point, *values))
    real = [
        {text: each for text, each in part.items() if not _is_never_zero(each, first.ratios, domain)}
        for part in (mine, theirs)
    ]
    holes = [_holes(curve, domain) for curve in (first, second)]
    if real[0].keys() == real[1].keys() and holes[0] == holes[1]:
        return Verdict(Outcome.EQUAL, Proof("the same factors"))
    return None


def _holes(curve: Curve, domain: Domain) -> frozenset[str]:
    """What is left out of the curve: divisors that may vanish on one of its factors."""
    found = set()
    for each in curve.excluded:
        is_apart = _is_never_zero(each, curve.ratios, domain) or all(_are_apart(each, one) for one in curve.factors)
        if not is_apart:
            found.add(str(each))
    return frozenset(found)


def _are_apart(first: Any, second: Any) -> bool:
    """Whether two factors visibly have no common zero: the second is a number where the first is a name and zero."""
    used = used_generators(first)
    if len(used) != 1 or first.total_degree() != 1 or len(first) != 1:
        return False
    (index,) = used
    rest = {monomial: value for monomial, value in second.to_dict().items() if int(monomial[index]) == 0}
    return len(rest) == 1 and all(int(each) == 0 for each in next(iter(rest)))


def _is_never_zero(factor: Any, ratios: KernelRatios, domain: Domain) -> bool:
    """Whether the factor is proved to have no real zero in the domain."""
    used = used_generators(factor)
    if len(used) == 1:
        (index,) = used
        variable = domain.variable(ratios.names[index])
        try:
            roots = roots_of(dense(factor, index))
        except Unclear:
            return False
        return not any(_may_hold(variable, root) for root in roots)
    tree = ratios.tree(factor)
    for each in (tree, neg(tree)):
        numbering = Numbering()
        root = numbering.of(each)
        if is_positive(numbering.nodes, root, domain):
            return True
    return False


def _may_hold(variable: VariableDomain, root: Real) -> bool:
    low, high = root.bounds(64)
    if variable.integer and root.rational is None:
        return False
    return variable.holds(low) or variable.holds(high) or low != high


def _point_off(
    factor: Any, curve: Curve, other: Curve, names: tuple[str, ...], domain: Domain
) -> tuple[tuple[str, str], ...] | None:
    """A certified point on the factor, in the domain and off the other curve, as texts; None where none was found."""
    used = sorted(used_generators(factor))
    if not used:
        return None
    degrees = factor.degrees()
    index = min(used, key=lambda each: (int(degrees[each]) != 1, names[each] not in "yz", int(degrees[each])))
    unknown = names[index]
    others = tuple(each for each in names if each != unknown)
    for point in places(others, domain):
        for root in _roots_at(factor, index, point, names):
            if not _is_inside(root, unknown, domain):
                continue
            if any(_vanishes(each, index, point, root, names) is not False for each in curve.excluded):
                continue
            signs = [_vanishes(each, index, point, root, names) for each in other.factors]
            holes = [_vanishes(each, index, point, root, names) for each in other.excluded]
            if all(sign is False for sign in signs) or any(holes):
                return (*((each, short(value)) for each, value in point.items()), (unknown, _text(root)))
    return None


def points_of(curve: Curve, domain: Domain) -> Iterator[tuple[Point, str, Real]]:
    """Points of a curve without divisors: values of all names but one, and an exact root for that one."""
    names = curve.ratios.names
    for factor in () if curve.excluded else curve.factors:
        degrees = factor.degrees()
        index = min(used_generators(factor), key=lambda each: (int(degrees[each]), names[each] not in "yz"))
        others = tuple(each for each in names if each != names[index])
        for point in places(others, domain):
            for root in _roots_at(factor, index, point, names):
                if _is_inside(root, names[index], domain):
                    yield point, names[index], root


def places(names: tuple[str, ...], domain: Domain) -> Iterator[Point]:
    """Values for all names but one: simple ones, zero among them where the domain allows it."""
    zero: dict[str, Fraction] = {}
    for each in names:
        variable = domain.variable(each)
        if variable.holds(Fraction(0)):
            zero[each] = Fraction(0)
    yield from islice(domain.points(names), CURVE_POINTS)
    for point in islice(domain.points(names), 3):
        for each in zero:
            yield {**point, each: Fraction(0)}
    if len(zero) == len(names) and names:
        yield zero


def _at(factor: Any, index: int, point: Point, names: tuple[str, ...]) -> dict[int, Fraction]:
    """The coefficients of the factor in one name, at values of the others."""
    found: dict[int, Fraction] = {}
    for monomial, coefficient in factor.to_dict().items():
        value = as_fraction(coefficient)
        for place, times in enumerate(monomial):
            if times and place != index:
                value *= point[names[place]] ** int(times)
        found[int(monomial[index])] = found.get(int(monomial[index]), Fraction(0)) + value
    return {power: value for power, value in found.items() if value}


def _roots_at(factor: Any, index: int, point: Point, names: tuple[str, ...]) -> list[Real]:
    terms = _at(factor, index, point, names)
    if not terms or max(terms) == 0:
        return []
    polynomial = whole(terms)
    try:
        return [root for each, _ in polynomial.factor()[1] for root in roots_of(each)]
    except Unclear:
        return []


def _vanishes(factor: Any, index: int, point: Point, root: Real, names: tuple[str, ...]) -> bool | None:
    """Whether the factor is zero at the point, certainly; None where it has no value to tell."""
    terms = _at(factor, index, point, names)
    if not terms:
        return True
    if root.rational is not None:
        return not sum(value * root.rational**power for power, value in terms.items())
    if root.minimal is None:
        return None
    return bool(whole(terms).gcd(root.minimal) == root.minimal) if max(terms) else False


def _is_inside(root: Real, unknown: str, domain: Domain) -> bool:
    variable = domain.variable(unknown)
    if root.rational is not None:
        return variable.holds(root.rational)
    return not variable.integer and all(variable.holds(each) for each in root.bounds(64))


def _text(root: Real) -> str:
    if root.rational is not None:
        return short(root.rational)
    low, high = root.bounds(64)
    return rounded_words((low + high) / 2)


def alternatives_of(equation: Tree) -> tuple[Tree, ...]:
    """The equations joined by `or`, or the one there is."""
    return equation.args if equation.kind == "or" else (equation,)


def difference_of(equation: Tree) -> Tree:
    """Left side minus right side."""
    left, right = equation.args
    return add(left, neg(right))
