"""Quotients of exact polynomials in a fixed number of generators that may obey relations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import NamedTuple

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

MOST_TERMS = 2_000
MOST_PRODUCTS = 100_000
LARGEST_DEGREE = 400
LARGEST_PLAIN_DEGREE = 120

Monomial = tuple[int, ...]
Polynomial = fmpq_mpoly


class TooLarge(Exception):
    """The exact form would be too large to be worth it."""


class Ratio(NamedTuple):
    """A numerator over a denominator that is not the zero polynomial."""

    top: fmpq_mpoly
    bottom: fmpq_mpoly


@lru_cache(maxsize=40)
def context_of(size: int) -> tuple[fmpq_mpoly_ctx, tuple[fmpq_mpoly, ...]]:
    """The ring of polynomials in so many variables, and the variables."""
    context = fmpq_mpoly_ctx.get([f"k{index}" for index in range(size)], Ordering.degrevlex)
    return context, tuple(context.gens())


class Field:
    """Arithmetic on ratios; `relations[g]` = (d, r) says that generator g to the power d is r."""

    def __init__(self, size: int) -> None:
        self._context, self._generators = context_of(size)
        self.size = size
        self.relations: dict[int, tuple[int, Ratio]] = {}
        self.one = self._context.constant(1)

    def constant(self, value: Fraction | int) -> Ratio:
        """An exact number."""
        return Ratio(self._context.constant(fmpq(value.numerator, value.denominator)), self.one)

    def generator(self, index: int) -> Ratio:
        """A generator by its number."""
        return Ratio(self._generators[index], self.one)

    def polynomial(self, terms: dict[Monomial, fmpq]) -> Ratio:
        """A polynomial from its monomials and coefficients."""
        return Ratio(self._context.from_dict(terms), self.one)

    def add(self, first: Ratio, second: Ratio) -> Ratio:
        """The sum."""
        if first.bottom == second.bottom:
            return self._checked(first.top + second.top, first.bottom)
        _bounded(first.top, second.bottom)
        _bounded(second.top, first.bottom)
        _bounded(first.bottom, second.bottom)
        top = first.top * second.bottom + second.top * first.bottom
        return self._checked(top, first.bottom * second.bottom)

    def multiply(self, first: Ratio, second: Ratio) -> Ratio:
        """The product."""
        _bounded(first.top, second.top)
        _bounded(first.bottom, second.bottom)
        return self._checked(first.top * second.top, first.bottom * second.bottom)

    def power(self, base: Ratio, exponent: int) -> Ratio:
        """The whole power; of zero to a negative one: TooLarge, since there is no such ratio."""
        if exponent < 0:
            if base.top.is_zero():
                raise TooLarge
            base, exponent = Ratio(base.bottom, base.top), -exponent
        for part in base:
            terms = len(part)
            if exponent * max(part.total_degree(), 1) > LARGEST_DEGREE or (
                terms > 1 and comb(exponent + terms - 1, terms - 1) > MOST_TERMS
            ):
                raise TooLarge
        return self._checked(base.top**exponent, base.bottom**exponent)

    def plus(self, first: Polynomial, second: Polynomial) -> Polynomial:
        """The sum of two polynomials."""
        return self.add(Ratio(first, self.one), Ratio(second, self.one)).top

    def times(self, first: Polynomial, second: Polynomial) -> Polynomial:
        """The product of two polynomials."""
        return self.multiply(Ratio(first, self.one), Ratio(second, self.one)).top

    def raised(self, base: Polynomial, exponent: int) -> Polynomial:
        """The power of a polynomial, its exponent not negative."""
        return self.power(Ratio(base, self.one), exponent).top

    def _checked(self, top: fmpq_mpoly, bottom: fmpq_mpoly) -> Ratio:
        if len(top) > MOST_TERMS or len(bottom) > MOST_TERMS:
            raise TooLarge
        if bottom.is_constant():
            return Ratio(top, bottom) if bottom == self.one else Ratio(top / bottom.leading_coefficient(), self.one)
        common = top.gcd(bottom)
        if not common.is_constant():
            top, bottom = top / common, bottom / common
        leading = bottom.leading_coefficient()
        return Ratio(top / leading, bottom / leading)

    def reduced(self, ratio: Ratio) -> Ratio:
        """The ratio with all powers of generators brought below the degrees of their relations."""
        for index in sorted(self.relations, reverse=True):
            top, bottom = self._lowered(ratio.top, index), self._lowered(ratio.bottom, index)
            if top is not None or bottom is not None:
                above = top or Ratio(ratio.top, self.one)
                below = bottom or Ratio(ratio.bottom, self.one)
                ratio = self.multiply(above, self.power(below, -1))
        return ratio

    def _lowered(self, polynomial: fmpq_mpoly, index: int) -> Ratio | None:
        """The polynomial after one generator's relation, or None where it does not apply."""
        degree, value = self.relations[index]
        if polynomial.degrees()[index] < degree:
            return None
        parts: dict[int, dict[Monomial, fmpq]] = {}
        for monomial, coefficient in polynomial.to_dict().items():
            times, rest = divmod(monomial[index], degree)
            lowered = (*monomial[:index], rest, *monomial[index + 1 :])
            part = parts.setdefault(times, {})
            part[lowered] = part.get(lowered, fmpq(0)) + coefficient
        total = self.constant(0)
        for times, part in parts.items():
            total = self.add(total, self.multiply(self.polynomial(part), self.power(value, times)))
        return total

    def is_zero(self, ratio: Ratio) -> bool:
        """Whether the relations make the ratio zero, its denominator not."""
        for _ in range(3):
            if ratio.top.is_zero():
                return True
            lowered = self.reduced(ratio)
            if lowered == ratio:
                return False
            ratio = lowered
        return bool(ratio.top.is_zero())

    def factors(self, ratio: Ratio, *, is_bounded: bool = True) -> tuple[Fraction, list[tuple[fmpq_mpoly, int]]]:
        """The number in front and the factors, scaled to leading coefficient 1, with their exponents."""
        number, found = Fraction(1), []
        for part, sign in ((ratio.top, 1), (ratio.bottom, -1)):
            if is_bounded and (len(part) > 60 or part.total_degree() > 40):
                raise TooLarge
            front, factors = part.factor()
            number *= as_fraction(front) ** sign
            for factor, times in factors:
                leading = factor.leading_coefficient()
                number *= as_fraction(leading) ** (sign * int(times))
                found.append((factor / leading, sign * int(times)))
        return number, found

    def factors_of(self, polynomial: Polynomial) -> tuple[Fraction, list[tuple[Polynomial, int]]]:
        """The number in front and the factors of one polynomial; in one variable also of a long one."""
        is_plain = len(used_generators(polynomial)) == 1 and polynomial.total_degree() <= LARGEST_PLAIN_DEGREE
        return self.factors(Ratio(polynomial, self.one), is_bounded=not is_plain)

    def coefficient(self, polynomial: Polynomial, index: int, exponent: int) -> Polynomial:
        """What a power of one generator is multiplied by."""
        terms = polynomial.to_dict().items()
        found = {(*m[:index], 0, *m[index + 1 :]): value for m, value in terms if m[index] == exponent}
        return self.polynomial(found).top

    def terms(self, polynomial: fmpq_mpoly) -> Iterator[tuple[Monomial, Fraction]]:
        """Monomials and coefficients."""
        for monomial, coefficient in polynomial.to_dict().items():
            yield tuple(int(exponent) for exponent in monomial), as_fraction(coefficient)


def single_generator(polynomial: fmpq_mpoly) -> int | None:
    """The number of the generator that the polynomial is, if it is one."""
    if len(polynomial) != 1 or polynomial.total_degree() != 1 or polynomial.leading_coefficient() != 1:
        return None
    return list(polynomial.monomial(0)).index(1)


def used_generators(polynomial: fmpq_mpoly) -> set[int]:
    """The numbers of the generators that occur."""
    return {index for index, degree in enumerate(polynomial.degrees()) if degree > 0}


def as_fraction(value: fmpq) -> Fraction:
    """The same number of Python's."""
    return Fraction(int(value.p), int(value.q))


def _bounded(first: fmpq_mpoly, second: fmpq_mpoly) -> None:
    if len(first) * len(second) > MOST_PRODUCTS:
        raise TooLarge
