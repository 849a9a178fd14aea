"""Relations in one unknown as conditions on the signs of polynomials, whose real roots are known exactly.

Absolute values and roots are split into cases, exponentials and logarithms are undone where they are
alone in a factor; what is left are polynomials. Nothing is sampled: between two neighbouring roots
every sign is constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from flint import fmpz_poly

from grader.checking.balls import Unclear
from grader.checking.kernel_ratios import Kernel, KernelRatios
from grader.checking.polynomials import Ratio, TooLarge, as_fraction, used_generators
from grader.checking.reals import Real, order, real_of, roots_of, sign_of
from grader.reading.tree import Tree, add, call, divide, multiply, neg, number, power

MOST_SPLITS = 400
MOST_FACTORED_DEGREE = 40
MOST_FACTORED_TERMS = 80

Signs = frozenset[int]
POSITIVE, ZERO, NEGATIVE = frozenset({1}), frozenset({0}), frozenset({-1})
BY_OPERATOR: dict[str, Signs] = {
    "<": NEGATIVE,
    "<=": NEGATIVE | ZERO,
    ">": POSITIVE,
    ">=": POSITIVE | ZERO,
    "=": ZERO,
    "!=": NEGATIVE | POSITIVE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """The sign of a polynomial, from its real roots with their multiplicities, is one of `allowed`."""

    allowed: Signs
    leading: int
    roots: tuple[tuple[Real, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Every:
    """All parts hold; of none: true."""

    parts: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Some:
    """At least one part holds; of none: false."""

    parts: tuple[Formula, ...] = ()


Formula = Sign | Every | Some
TRUE, FALSE = Every(), Some()


def truth(value: object) -> Formula:
    """The formula that always or never holds."""
    return TRUE if value else FALSE


def atoms(formula: Formula) -> Iterator[Sign]:
    """Every sign that the formula asks for."""
    if isinstance(formula, Sign):
        yield formula
    else:
        for part in formula.parts:
            yield from atoms(part)


@dataclass(slots=True)
class Splitting:
    """Signs of polynomials over kernels, as formulas in the first generator alone."""

    ratios: KernelRatios
    left: int = field(default=MOST_SPLITS)

    def relation(self, difference: Ratio, operator: str) -> Formula:
        """The difference compared with zero, and everything in it defined."""
        over = self._product(difference.top, difference.bottom)
        parts = [self.sign(over, BY_OPERATOR[operator])]
        for of, allowed in self.ratios.needed:
            parts.append(self.sign(self._product(of.top, of.bottom), allowed))
        return Every(tuple(parts))

    def sign(self, polynomial: Any, allowed: Signs) -> Formula:
        """That the polynomial's sign is one of these."""
        self.left -= 1
        if self.left < 0:
            raise TooLarge
        if polynomial.is_constant():
            return truth(_sign(polynomial.leading_coefficient() if len(polynomial) else 0) in allowed)
        kernel = max(
            (index for index in used_generators(polynomial) if self.ratios.kernel(index).depends),
            default=None,
        )
        if kernel is None or kernel == 0:
            return self._atom(polynomial, allowed)
        found = self.ratios.kernel(kernel)
        if found.kind in {"exp", "ln"}:
            return self.sign(self._undone(polynomial, kernel, found), allowed)
        return Some(tuple([self._split(polynomial, kernel, found, sign) for sign in sorted(allowed)]))

    def _split(self, polynomial: Any, index: int, kernel: Kernel, sign: int) -> Formula:
        """The polynomial without the kernel: |u|, or a root of u."""
        rest, factor = self.ratios.linear_in(polynomial, index)
        if sign < 0:
            rest, factor = -rest, -factor
        top, bottom = kernel.of.top, kernel.of.bottom
        if kernel.kind == "abs":
            above, below = (self._product(rest * bottom + side * factor * top, bottom) for side in (1, -1))
            wanted = ZERO if sign == 0 else POSITIVE
            side = self._product(top, bottom)
            return Some(
                (
                    Every((self.sign(side, POSITIVE | ZERO), self.sign(above, wanted))),
                    Every((self.sign(side, NEGATIVE), self.sign(below, wanted))),
                )
            )
        degree = kernel.degree
        powered = self.ratios.bounded_power(rest, degree) * bottom
        other = self.ratios.bounded_power(factor, degree) * top
        if degree % 2:
            return self.sign(self._product(powered + other, bottom), ZERO if sign == 0 else POSITIVE)
        apart = self._product(powered - other, bottom)
        if sign == 0:
            opposite = self.sign(self._product(rest, factor), NEGATIVE | ZERO)
            return Every((self.sign(apart, ZERO), opposite))
        return Some(
            (
                Every((self.sign(rest, POSITIVE), self.sign(factor, POSITIVE | ZERO))),
                Every((self.sign(rest, POSITIVE), self.sign(factor, NEGATIVE), self.sign(apart, POSITIVE))),
                Every((self.sign(rest, NEGATIVE | ZERO), self.sign(factor, POSITIVE), self.sign(apart, NEGATIVE))),
            )
        )

    def _undone(self, polynomial: Any, index: int, kernel: Kernel) -> Any:
        """A polynomial of the same sign without this exponential or logarithm."""
        _check_size(polynomial)
        front, factors = polynomial.factor()
        result = self.ratios.field.one * (1 if front > 0 else -1)
        for factor, times in factors:
            replaced = factor
            if index in used_generators(factor):
                if used_generators(factor) != {index}:
                    raise Unclear("an exponential or logarithm beside other terms")
                replaced = self._undone_factor(factor, index, kernel)
            result = self._product(result, self.ratios.bounded_power(replaced, 2 - int(times) % 2))
        return result

    def _undone_factor(self, factor: Any, index: int, kernel: Kernel) -> Any:
        coefficients = dense(factor, index)
        leading = 1 if coefficients.leading_coefficient() > 0 else -1
        result = self.ratios.field.one * leading
        for root in roots_of(coefficients):
            if kernel.kind == "exp" and order(root, Real(Fraction(0))) <= 0:
                continue
            inverse = "ln" if kernel.kind == "exp" else "exp"
            is_plain = root.rational == (1 if inverse == "ln" else 0)
            plain = Fraction(0 if inverse == "ln" else 1)
            value = number(plain) if is_plain else call(inverse, root.as_tree())
            end = self.ratios.constant_kernel(value) if not is_plain else self.ratios.field.constant(plain)
            apart = kernel.of.top - end.top * kernel.of.bottom
            result = self._product(result, self._product(apart, kernel.of.bottom))
        return result

    def _product(self, first: Any, second: Any) -> Any:
        return self.ratios.bounded_product(first, second)

    def _atom(self, polynomial: Any, allowed: Signs) -> Formula:
        """The sign of a polynomial in the unknown and constants."""
        _check_size(polynomial)
        front, factors = polynomial.factor()
        leading = 1 if front > 0 else -1
        roots: list[tuple[Real, int]] = []
        for factor, times in factors:
            sign, found = self._factor(factor)
            if sign == 0:
                return truth(0 in allowed)
            leading *= sign ** int(times)
            roots += [(root, int(times) * multiple) for root, multiple in found]
        return Sign(allowed, leading, tuple(roots)) if roots else truth(leading in allowed)

    def _factor(self, factor: Any) -> tuple[int, list[tuple[Real, int]]]:
        """The sign at infinity and the roots of an irreducible factor."""
        if used_generators(factor) == {0}:
            whole_form = dense(factor, 0)
            return _sign(whole_form.leading_coefficient()), [(root, 1) for root in roots_of(whole_form)]
        coefficients = self.ratios.coefficients(factor, 0)
        leading = sign_of(coefficients[-1])
        if len(coefficients) == 1:
            return leading, []
        if leading == 0 or len(coefficients) > 3:
            raise Unclear("a polynomial with irrational coefficients")
        if len(coefficients) == 2:
            return leading, [(real_of(_ratio(neg(coefficients[0]), coefficients[1])), 1)]
        return leading, _quadratic_roots(coefficients)


def _quadratic_roots(coefficients: Sequence[Tree]) -> list[tuple[Real, int]]:
    c, b, a = coefficients
    inside = add(power(b, 2), neg(multiply(number(4), a, c)))
    sign = sign_of(inside)
    if sign < 0:
        return []
    middle, below = neg(b), multiply(number(2), a)
    if sign == 0:
        return [(real_of(_ratio(middle, below)), 2)]
    root = call("sqrt", inside)
    return [(real_of(divide(add(middle, each), below)), 1) for each in (root, neg(root))]


def _ratio(above: Tree, below: Tree) -> Tree:
    return above if below == number(1) else divide(above, below)


def dense(polynomial: Any, index: int) -> fmpz_poly:
    """A polynomial in one generator, scaled by a positive number to whole coefficients."""
    terms = {int(monomial[index]): as_fraction(value) for monomial, value in polynomial.to_dict().items()}
    return whole(terms)


def whole(terms: Mapping[int, Fraction]) -> fmpz_poly:
    """The polynomial with these coefficients, scaled by a positive number to whole ones."""
    scale = lcm(*(value.denominator for value in terms.values()))
    coefficients = [0] * (max(terms) + 1)
    for place, value in terms.items():
        coefficients[place] = int(value * scale)
    return fmpz_poly(coefficients)


def _check_size(polynomial: Any) -> None:
    if len(polynomial) > MOST_FACTORED_TERMS:
        raise TooLarge
    if polynomial.total_degree() > MOST_FACTORED_DEGREE and len(polynomial) > 1:
        raise TooLarge
    if any(value.p.bit_length() + value.q.bit_length() > 6000 for value in polynomial.coeffs()):
        raise TooLarge


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)
