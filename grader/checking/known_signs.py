"""Signs of polynomials that follow from where the variables lie, and from where both sides have values.

Where `sqrt(1 - x)` has a value, 1 - x is not negative; so it need not be said that x is at most one
for `sqrt(1 - x)*sqrt(1 + x)` to be `sqrt(1 - x^2)`.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from grader.checking.domain import Domain
from grader.checking.kernel_table import KernelTable
from grader.checking.polynomials import Ratio, TooLarge, as_fraction, used_generators
from grader.checking.sampling import Interval


class KnownSigns:
    """What is known of the signs of polynomials in the kernels of one normal form."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._facts: dict[str, int] = {}
        self._asked: set[str] = set()

    def __call__(self, table: KernelTable, polynomial: Any) -> int:
        """1 or -1 for a polynomial that is never below or never above zero, 0 where that is not known."""
        used = used_generators(polynomial)
        if not used or polynomial.is_zero():
            return 0
        if len(used) == 1:
            (index,) = used
            kind, *rest = table.key_of(index)
            if kind == "name":
                found = self._of_variable(table, polynomial, index, str(rest[0]))
                if found:
                    return found
            elif polynomial.total_degree() == 1:
                found = self._of_rising(table, polynomial, index, kind)
                if found:
                    return found
        leading = polynomial.leading_coefficient()
        fact = self._facts.get(str(polynomial / leading), 0)
        if fact:
            return fact if leading > 0 else -fact
        return self._beside_a_root(table, polynomial)

    def _of_variable(self, table: KernelTable, polynomial: Any, index: int, name: str) -> int:
        """The sign of a polynomial of degree one or two in a variable alone."""
        coefficients = [Fraction(0)] * 3
        for monomial, times in table.field.terms(polynomial):
            if monomial[index] > 2:
                return 0
            coefficients[monomial[index]] = times
        constant, linear, square = coefficients
        if square:
            has_no_root = linear * linear - 4 * square * constant <= 0
            return (1 if square > 0 else -1) if has_no_root else 0
        return _side(self._domain, name, -constant / linear, 1 if linear > 0 else -1)

    def _of_rising(self, table: KernelTable, polynomial: Any, index: int, kind: str) -> int:
        """The sign of a multiple of exp(u) - 1, that of u, and of ln|u|, that of u^2 - 1."""
        constant = as_fraction(table.field.coefficient(polynomial, index, 0).leading_coefficient())
        slope = as_fraction(table.field.coefficient(polynomial, index, 1).leading_coefficient())
        if (kind, constant) not in {("exp", -slope), ("ln", 0)} or not table.has_argument(index):
            return 0
        of = table.argument(index)
        if kind == "ln":
            minus_one = table.field.constant(-1)
            of = table.field.add(table.field.multiply(of, of), minus_one)
        rising = self._of_ratio(table, table.field.reduced(of))
        return rising if slope > 0 else -rising

    def _of_ratio(self, table: KernelTable, ratio: Ratio) -> int:
        """The sign of a ratio, factor by factor; the zero ratio has none."""
        text = str(ratio)
        if ratio.top.is_zero() or text in self._asked:
            return 0
        self._asked.add(text)
        try:
            number, factors = table.field.factors(ratio)
        except TooLarge:
            return 0
        finally:
            self._asked.discard(text)
        sign = 1 if number > 0 else -1
        for factor, times in factors:
            sign *= table.sign(factor) if times % 2 else 1
        return sign

    def _beside_a_root(self, table: KernelTable, polynomial: Any) -> int:
        """The sign of a + b*r for a square root r, where b*r is never smaller than a in size."""
        text = str(polynomial)
        if text in self._asked:
            return 0
        self._asked.add(text)
        found = 0
        for index in sorted(used_generators(polynomial)):
            if table.key_of(index)[0] != "root" or polynomial.degrees()[index] != 1:
                continue
            degree, square = table.field.relations[index]
            times = table.field.coefficient(polynomial, index, 1)
            rest = table.field.coefficient(polynomial, index, 0)
            sign = table.sign(times)
            if degree != 2 or not sign or not square.bottom.is_constant():
                continue
            apart = table.field.reduced(Ratio(times * times * square.top - rest * rest, table.field.one))
            larger = 0 if apart.top.is_zero() else table.sign(apart.top)
            found = sign if larger > 0 else table.sign(rest) if larger < 0 else 0
            if found:
                break
        self._asked.discard(text)
        return found

    def learn_nonnegative(self, table: KernelTable, ratio: Ratio) -> bool:
        """From now on the ratio is not negative; that gives the sign of a factor when it is the only unknown one.

        False where it is negative by all that is known: then there is nothing to learn anything about.
        """
        if used_generators(ratio.top) & table.complex_kernels or used_generators(ratio.bottom) & table.complex_kernels:
            return True
        try:
            number, factors = table.field.factors(ratio)
        except TooLarge:
            return True
        sign, unknown = (1 if number > 0 else -1), []
        for factor, times in factors:
            if times % 2:
                known = table.sign(factor)
                sign *= known or 1
                unknown += [] if known else [factor]
        if len(unknown) == 1:
            leading = as_fraction(unknown[0].leading_coefficient())
            self._facts[str(unknown[0] / unknown[0].leading_coefficient())] = sign if leading > 0 else -sign
        return bool(unknown) or sign > 0 or ratio.top.is_zero()


def _side(domain: Domain, name: str, root: Fraction, rising: int) -> int:
    """The sign of a line that is zero at the root, where the variable stays on one side of it."""
    variable = domain.variable(name)
    intervals = [_whole(one) for one in variable.intervals] if variable.integer else variable.intervals
    if all(one.lower is not None and one.lower >= root for one in intervals):
        return rising
    if all(one.upper is not None and one.upper <= root for one in intervals):
        return -rising
    return 0


def _whole(interval: Interval) -> Interval:
    """The interval from its first to its last whole number."""
    lower, upper = interval.lower, interval.upper
    if lower is not None:
        first = ceil(lower)
        lower = Fraction(first + (first == lower and not interval.lower_closed))
    if upper is not None:
        last = floor(upper)
        upper = Fraction(last - (last == upper and not interval.upper_closed))
    return Interval(lower, upper, lower_closed=True, upper_closed=True)
