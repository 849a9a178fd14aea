"""The exact range of a node that comes to a polynomial in one variable, or to one of degree two in several."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from flint import fmpz_poly

from grader.checking.balls import Ball
from grader.checking.bounding import certified
from grader.checking.domain import Domain
from grader.checking.intervals import (
    EVERYTHING,
    NONNEGATIVE,
    POSITIVE,
    add,
    between,
    exactly,
    hull,
    multiply,
)
from grader.checking.nodes import Node
from grader.checking.normal import asked
from grader.checking.normal_forms import Normal
from grader.checking.polynomials import used_generators
from grader.checking.programs import reachable
from grader.checking.sampling import Interval

LARGEST_DEGREE = 20
MOST_VARIABLES = 8
Coefficients = dict[int, Fraction]
# The normal form holds but for single points of these, and at such a point there may be a value.
JUMPING = frozenset({"sign", "step", "floor", "ceil", "piecewise", "delta", "factorial", "sigma", "atan2"})


def polynomial_range(nodes: Sequence[Node], number: int, domain: Domain) -> Interval | None:
    """The range of the node's values, where its normal form is such a polynomial; None where it is not."""
    if any(_has_exceptions(nodes, each) for each in reachable(list(nodes), number)):
        return None
    return asked(nodes, domain, lambda normal: _range_of(normal, number))


def _has_exceptions(nodes: Sequence[Node], number: int) -> bool:
    """Whether the normal form of the node may not hold at single points: 0^y is no exponential."""
    node = nodes[number]
    return node.kind in JUMPING or (node.kind == "power" and nodes[node.args[1]].kind != "number")


def _range_of(normal: Normal, number: int) -> Interval | None:
    form = normal.field.reduced(normal.of(number))
    if not form.bottom.is_constant() or normal.is_complex(form):
        return None
    terms = list(normal.field.terms(form.top))
    used = sorted(used_generators(form.top))
    if len(used) > 1:
        return _of_degree_two([(tuple([m[index] for index in used]), times) for m, times in terms], len(used))
    if not used:
        return exactly(sum(times for _, times in terms))
    coefficients = {monomial[used[0]]: times for monomial, times in terms}
    return range_over(coefficients, _range_of_kernel(normal, used[0]))


def _range_of_kernel(normal: Normal, index: int) -> Interval:
    kind, *rest = normal.kernels.key_of(index)
    if kind == "name":
        return hull(normal.domain.variable(str(rest[0])).intervals) or EVERYTHING
    if normal.kernels.sign(normal.field.generator(index).top) < 1:
        return EVERYTHING
    return POSITIVE if kind == "exp" else NONNEGATIVE


def range_over(coefficients: Coefficients, of: Interval) -> Interval | None:
    """The values of a polynomial over an interval; None where its degree is too high."""
    degree = max(coefficients)
    if degree > LARGEST_DEGREE:
        return None
    if degree == 0:
        return exactly(coefficients[0])
    lowest: list[tuple[Fraction, bool]] = []
    highest: list[tuple[Fraction, bool]] = []
    infinite: set[int] = set()
    for end, is_closed, side in ((of.lower, of.lower_closed, -1), (of.upper, of.upper_closed, 1)):
        if end is None:
            infinite.add(1 if (coefficients[degree] > 0) == (side > 0 or degree % 2 == 0) else -1)
        else:
            value = _value(coefficients, end)
            lowest.append((value, not is_closed))
            highest.append((value, is_closed))
    for turn in _turning_values(coefficients, of):
        lowest.append((turn.lower or Fraction(0), False))
        highest.append((turn.upper or Fraction(0), True))
    below = (None, True) if -1 in infinite else min(lowest)
    above = (None, False) if 1 in infinite else max(highest)
    return Interval(below[0], above[0], not below[1], above[1])


def _value(coefficients: Coefficients, at: Fraction) -> Fraction:
    return sum((times * at**power for power, times in coefficients.items()), Fraction(0))


def _turning_values(coefficients: Coefficients, of: Interval) -> list[Interval]:
    """The values where the derivative is zero: exact at rational places, else in short intervals."""
    if max(coefficients) == 1:
        return []
    derivative = {power - 1: power * times for power, times in coefficients.items() if power}
    common = lcm(*[times.denominator for times in derivative.values()])
    whole = fmpz_poly([int(derivative.get(power, 0) * common) for power in range(max(derivative) + 1)])
    found = []
    for factor, _ in whole.factor()[1]:
        if factor.degree() == 1:
            at = Fraction(-int(factor[0]), int(factor[1]))
            found += [exactly(_value(coefficients, at))] if of.holds(at) else []
        else:
            complex_roots: list[Any] = factor.complex_roots()
            roots = [each.real for each, _ in complex_roots if each.imag == 0]
            found += [_around(coefficients, each) for each in roots if _may_lie_in(each, of)]
    return found


def _may_lie_in(place: Ball, of: Interval) -> bool:
    at = certified(place)
    return of.meet(between(at.lower, at.upper)) is not None


def _around(coefficients: Coefficients, place: Ball) -> Interval:
    """The value at a place that is known as a ball."""
    at = certified(place)
    here = between(at.lower, at.upper)
    total = exactly(0)
    for power, times in coefficients.items():
        term = exactly(times)
        for _ in range(power):
            term = multiply(term, here)
        total = add(total, term)
    return total


def _of_degree_two(terms: list[tuple[tuple[int, ...], Fraction]], size: int) -> Interval | None:
    """The range over all numbers of a polynomial of degree two, by completing squares; None where it has no end."""
    if size > MOST_VARIABLES or any(sum(monomial) > 2 for monomial, _ in terms):
        return None
    form = [[Fraction(0)] * (size + 1) for _ in range(size + 1)]
    for monomial, times in terms:
        places = [place for place, power in enumerate(monomial) for _ in range(power)]
        first, second = [size] * (2 - len(places)) + places
        form[first][second] += times / 2
        form[second][first] += times / 2
    signs = set()
    for place in range(size):
        pivot = form[place][place]
        if not pivot:
            if any(form[place]):
                return None
            continue
        signs.add(pivot > 0)
        for row in range(place + 1, size + 1):
            share = form[row][place] / pivot
            form[row] = [one - share * other for one, other in zip(form[row], form[place], strict=True)]
    rest = form[size][size]
    if signs == {True}:
        return Interval(rest, None, lower_closed=True)
    return Interval(None, rest, upper_closed=True) if signs == {False} else None
