"""Exact polynomials: reading them off a tree, writing them out, and the signs of one variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from grader.calculus.simplifying import simplify
from grader.reading.tree import Tree, add, literal_value, multiply, name, names_in, number, power

# Exponents of the variables -> coefficient, which holds none of them.
Polynomial = Mapping[tuple[int, ...], Tree]
MOST_EXPONENT = 40
MOST_TERMS = 400


def polynomial_in(tree: Tree, variables: Sequence[str]) -> Polynomial | None:
    """The polynomial in the variables that the tree is, or None; coefficients may hold other names."""
    zero = (0,) * len(variables)
    if not names_in(tree) & set(variables):
        return {zero: simplify(tree)}
    match tree.kind:
        case "name":
            place = tuple(variables).index(tree.value)
            return {(*zero[:place], 1, *zero[place + 1 :]): number(1)}
        case "neg":
            return polynomial_in(multiply(number(-1), tree.args[0]), variables)
        case "sum":
            return _sum([polynomial_in(term, variables) for term in tree.args])
        case "product":
            return _product([polynomial_in(factor, variables) for factor in tree.args])
        case "quotient":
            top, bottom = tree.args
            if names_in(bottom) & set(variables):
                return None
            return polynomial_in(multiply(top, power(bottom, -1)), variables)
        case "power":
            return _power(tree, variables)
    return None


def _power(tree: Tree, variables: Sequence[str]) -> Polynomial | None:
    """A whole power, not negative."""
    base, exponent = polynomial_in(tree.args[0], variables), literal_value(simplify(tree.args[1]))
    if base is None or exponent is None or exponent.denominator != 1 or not 0 <= exponent <= MOST_EXPONENT:
        return None
    one: Polynomial = {(0,) * len(variables): number(1)}
    return _product([one, *[base] * int(exponent)])


def _sum(parts: list[Polynomial | None]) -> Polynomial | None:
    """Coefficients of equal powers added."""
    collected: dict[tuple[int, ...], list[Tree]] = {}
    for part in parts:
        if part is None:
            return None
        for exponents, coefficient in part.items():
            collected.setdefault(exponents, []).append(coefficient)
    return {exponents: simplify(add(*terms)) for exponents, terms in collected.items()}


def _product(parts: list[Polynomial | None]) -> Polynomial | None:
    """Multiplied out."""
    total = parts[0]
    for part in parts[1:]:
        if total is None or part is None or len(total) * len(part) > MOST_TERMS:
            return None
        total = _sum(
            [
                {tuple(map(sum, zip(left, right, strict=True))): multiply(one, other)}
                for left, one in total.items()
                for right, other in part.items()
            ]
        )
    return total


def expand(tree: Tree, variables: Sequence[str]) -> Tree:
    """The tree multiplied out and in falling powers where it is a polynomial, else in tidy form."""
    found = polynomial_in(tree, variables)
    if found is None:
        return simplify(tree, variables)
    terms = [
        multiply(coefficient, *(power(name(v), count) for v, count in zip(variables, exponents, strict=True)))
        for exponents, coefficient in found.items()
    ]
    return simplify(add(*terms), variables)


def coefficients(tree: Tree, variable: str) -> list[Fraction] | None:
    """The rational coefficients of a polynomial in one variable, constant first, or None."""
    found = polynomial_in(tree, (variable,))
    if found is None:
        return None
    result = [Fraction(0)] * (1 + max(exponents[0] for exponents in found))
    for (exponent,), coefficient in found.items():
        value = literal_value(coefficient)
        if value is None:
            return None
        result[exponent] = value
    return _trimmed(result)


def _trimmed(values: list[Fraction]) -> list[Fraction]:
    """Without zeros at the high end."""
    while values and not values[-1]:
        values.pop()
    return values


def value_of(values: Sequence[Fraction], at: Fraction) -> Fraction:
    """The value of a polynomial at a point."""
    total = Fraction(0)
    for coefficient in reversed(values):
        total = total * at + coefficient
    return total


def derivative_of(values: Sequence[Fraction]) -> list[Fraction]:
    """The coefficients of the derivative."""
    return [coefficient * place for place, coefficient in enumerate(values)][1:]


def remainder(top: Sequence[Fraction], bottom: Sequence[Fraction]) -> list[Fraction]:
    """What polynomial division leaves."""
    left = list(top)
    while len(left) >= len(bottom):
        factor, shift = left[-1] / bottom[-1], len(left) - len(bottom)
        for place, coefficient in enumerate(bottom):
            left[shift + place] -= factor * coefficient
        left.pop()
        _trimmed(left)
    return left


def quotient(top: Sequence[Fraction], bottom: Sequence[Fraction]) -> list[Fraction]:
    """Polynomial division without its remainder."""
    left, result = list(top), [Fraction(0)] * max(len(top) - len(bottom) + 1, 0)
    for shift in range(len(result) - 1, -1, -1):
        result[shift] = left[shift + len(bottom) - 1] / bottom[-1]
        for place, coefficient in enumerate(bottom):
            left[shift + place] -= result[shift] * coefficient
    return result


def common_factor(one: Sequence[Fraction], other: Sequence[Fraction]) -> list[Fraction]:
    """The greatest common divisor with leading coefficient one."""
    left, right = list(one), list(other)
    while right:
        left, right = right, remainder(left, right)
    return [coefficient / left[-1] for coefficient in left]


def square_free(values: Sequence[Fraction]) -> list[Fraction]:
    """The polynomial with the same roots, each of them once."""
    return quotient(values, common_factor(values, derivative_of(values))) if len(values) > 1 else list(values)


def sturm_chain(values: Sequence[Fraction]) -> list[list[Fraction]]:
    """The chain whose sign changes count the real roots of a square-free polynomial."""
    chain = [list(values), derivative_of(values)]
    while chain[-1]:
        chain.append([-coefficient for coefficient in remainder(chain[-2], chain[-1])])
    return chain[:-1]


def _changes(signs: list[int]) -> int:
    """How often the sign changes, zeros left out."""
    kept = [sign for sign in signs if sign]
    return sum(one != other for one, other in pairwise(kept))


def root_bound(values: Sequence[Fraction]) -> Fraction:
    """A number that is larger than the size of every real root."""
    return 1 + max((abs(coefficient / values[-1]) for coefficient in values[:-1]), default=Fraction(0))


def roots_between(chain: list[list[Fraction]], lower: Fraction, upper: Fraction) -> int:
    """How many different real roots lie in (lower, upper]."""

    def changes(at: Fraction) -> int:
        values = [value_of(link, at) for link in chain]
        return _changes([_sign(value) for value in values])

    return changes(lower) - changes(upper)


def signs_taken(
    values: Sequence[Fraction], lower: Fraction | None = None, upper: Fraction | None = None
) -> frozenset[int]:
    """The signs, out of -1 and 1, that a polynomial takes on an open interval; exact.

    >>> sorted(signs_taken([Fraction(-1), Fraction(0), Fraction(1)]))
    [-1, 1]
    """
    if not values:
        return frozenset()
    bound = root_bound(values)
    low = -bound if lower is None else lower
    high = bound if upper is None else upper
    if lower is None and upper is not None:
        low = min(low, high - 1)
    if upper is None and lower is not None:
        high = max(high, low + 1)
    return frozenset(_signs(values, sturm_chain(square_free(values)), low, high))


def _signs(values: Sequence[Fraction], chain: list[list[Fraction]], low: Fraction, high: Fraction) -> set[int]:
    """The signs on an open interval, which is halved until each piece holds at most one root."""
    found: set[int] = set()
    pieces = [(low, high)]
    while pieces:
        left, right = pieces.pop()
        at_left, at_right = value_of(values, left), value_of(values, right)
        inside = roots_between(chain, left, right) - (at_right == 0)
        middle = (left + right) / 2
        if inside == 0:
            found.add(_sign(value_of(values, middle)))
        elif inside == 1 and at_left and at_right:
            found |= {_sign(at_left), _sign(at_right)}
        else:
            pieces += [(left, middle), (middle, right)]
    return found


def _sign(value: Fraction) -> int:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0)
