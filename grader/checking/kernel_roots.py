"""Logarithms, absolute values, signs and roots as kernels with their relations.

`ln` of a product is a sum of logarithms of absolute values of irreducible factors, a root obeys
`r^d = f` and an absolute value `a^2 = f^2`. Each holds wherever both sides have values.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import Any

from grader.checking.kernel_table import KernelTable
from grader.checking.polynomials import Ratio, TooLarge, as_fraction, single_generator, used_generators

LARGEST_FACTORED = 10**8


class RootKernels(KernelTable):
    """Kernels of logarithms, absolute values and roots."""

    def logarithm(self, of: Ratio) -> Ratio:
        """The logarithm of a positive number, as the sum of ln|f| over its factors f."""
        if of.top.is_zero():
            raise TooLarge
        if self._is_complex(of):
            leading = abs(as_fraction(of.top.leading_coefficient()))
            whole = self._times(of, 1 / leading)
            kernel = self.kernel(("ln", str(whole)), of=whole)
            return self.field.add(kernel, self.logarithm(self.field.constant(leading)))
        number, factors = self._upright_factors(of)
        terms = [
            self._times(self.kernel(("ln", prime), True, self.field.constant(prime)), times)
            for prime, times in _primes(abs(number))
        ]
        terms += [self._times(self._logarithm_of_factor(factor), times) for factor, times in factors]
        return reduce(self.field.add, terms, self.field.constant(0))

    def _times(self, ratio: Ratio, number: Fraction | int) -> Ratio:
        return self.field.multiply(ratio, self.field.constant(number))

    def _logarithm_of_factor(self, factor: Any) -> Ratio:
        index = single_generator(factor)
        kind = self._keys[index][0] if index is not None else ""
        if kind == "exp" and index is not None and index in self._nonnegative:
            return self._of[index]
        if kind == "abs" and index is not None:
            return self.logarithm(self._of[index])
        if kind == "root" and index is not None:
            degree = self.field.relations[index][0]
            return self._times(self.logarithm(self._of[index]), Fraction(1, degree))
        return self.kernel(("ln", str(factor)), of=Ratio(factor, self.field.one))

    def _is_nonnegative(self, polynomial: Any) -> bool:
        return self.sign(polynomial) > 0

    def absolute(self, of: Ratio) -> Ratio:
        """|x|, as the product of |f| over its factors f."""
        if of.top.is_zero():
            return of
        if self._is_complex(of):
            return self._absolute_of_complex(of)
        number, factors = self._upright_factors(of)
        result = self.field.constant(abs(number))
        for factor, times in factors:
            whole = Ratio(factor, self.field.one)
            size = whole if times % 2 == 0 or self._is_nonnegative(factor) else self._absolute_kernel(whole)
            result = self.field.multiply(result, self.field.power(size, times))
        return result

    def _absolute_of_complex(self, of: Ratio) -> Ratio:
        """|x| of a real number that is written with I; as one kernel for x and 1/x."""
        sign = self.complex_sign(of)
        if sign:
            return self._times(of, sign)
        upside = Ratio(of.bottom, of.top)
        if _length(upside) < _length(of):
            return self.field.power(self._absolute_of_complex(self.field.multiply(upside, self.field.constant(1))), -1)
        leading = of.top.leading_coefficient()
        return self._times(self._absolute_kernel(Ratio(of.top / leading, of.bottom)), abs(as_fraction(leading)))

    def learn_complex_sign(self, of: Ratio, sign: int) -> None:
        """From now on a real number that is written with I is known not to change its sign."""
        leading = as_fraction(of.top.leading_coefficient())
        self._complex_signs[_scaled(of)] = sign if leading > 0 else -sign

    def complex_sign(self, of: Ratio) -> int:
        """The sign that is known of a real number that is written with I, else 0."""
        known = self._complex_signs.get(_scaled(of), 0)
        return known if as_fraction(of.top.leading_coefficient()) > 0 else -known

    def _square_root(self, of: Ratio) -> tuple[Fraction, Ratio] | None:
        """A number and a ratio whose square times the number this is; I makes up for a minus in front."""
        number, factors = self.field.factors(of)
        if any(times % 2 for _, times in factors):
            return None
        halves = [self.field.power(Ratio(factor, self.field.one), times // 2) for factor, times in factors]
        half = reduce(self.field.multiply, halves, self.field.constant(1))
        if number < 0:
            half = self.field.multiply(half, self.imaginary_unit())
        return abs(number), self.field.reduced(half)

    def _upright_factors(self, of: Ratio) -> tuple[Fraction, list[tuple[Any, int]]]:
        """The number in front and the factors, those that are never positive with their signs changed."""
        number, found = self.field.factors(of)
        factors = []
        for factor, times in found:
            if self.sign(factor) < 0:
                factors.append((-factor, times))
                number = -number if times % 2 else number
            else:
                factors.append((factor, times))
        return number, factors

    def _absolute_kernel(self, of: Ratio) -> Ratio:
        key = ("abs", str(of))
        kernel = self.kernel(key, nonnegative=True, of=of)
        self.field.relations[self._numbers[key]] = (2, self.field.multiply(of, of))
        return kernel

    def sign_function(self, of: Ratio) -> Ratio:
        """The sign as x/|x|; left alone where x may be zero in a whole region, as x - |x| and floor(x) are."""
        used = used_generators(of.top) | used_generators(of.bottom)
        is_kinked = any(self._keys[index][0] in {"abs", "root", "node"} for index in used)
        if of.top.is_zero() or is_kinked or not self.is_rarely_zero(of.top):
            return self.odd_function("sign", of)
        return self.field.multiply(of, self.field.power(self.absolute(of), -1))

    def root(self, of: Ratio, degree: int) -> Ratio:
        """The real root."""
        if degree == 1 or of.top.is_zero():
            return of
        if self._is_complex(of):
            square = self._square_root(of) if degree % 2 == 0 else None
            if square is not None:
                # What is under an even root is not negative, so that what it is the square of is real.
                return self._rooted_number(square[0], degree, self.root(self.absolute(square[1]), degree // 2))
            leading = of.top.leading_coefficient()
            number = abs(as_fraction(leading))
            return self._rooted_number(number, degree, self._root_kernel(self._times(of, 1 / number), degree, 1))
        number, factors = self._upright_factors(of)
        if degree % 2:
            parts = [self._root_kernel(Ratio(factor, self.field.one), degree, times) for factor, times in factors]
            whole = reduce(self.field.multiply, parts, self.field.constant(-1 if number < 0 else 1))
            return self._rooted_number(abs(number), degree, whole)
        return self._rooted_number(abs(number), degree, self._even_root(-1 if number < 0 else 1, factors, degree))

    def _rooted_number(self, number: Fraction, degree: int, factor: Ratio) -> Ratio:
        """The root of a positive number, prime by prime, times a factor."""
        for prime, times in _primes(number):
            factor = self.field.multiply(factor, self._root_kernel(self.field.constant(prime), degree, times))
        return factor

    def _even_root(self, sign: int, factors: list[tuple[Any, int]], degree: int) -> Ratio:
        """The even root of a product that is not negative as a whole, although its factors may be."""
        field = self.field
        result, odd = field.constant(1), []
        for factor, times in factors:
            whole = Ratio(factor, field.one)
            if self._is_nonnegative(factor):
                result = field.multiply(result, self._root_kernel(whole, degree, times))
            elif times % 2 == 0:
                result = field.multiply(result, self._root_kernel(self._absolute_kernel(whole), degree, times))
            else:
                odd.append((whole, times))
        if not odd:
            if sign < 0:
                raise TooLarge
            return result
        if len(odd) == 1:
            base = self._times(odd[0][0], sign)
            return field.multiply(result, self._root_kernel(base, degree, odd[0][1]))
        together = field.constant(sign)
        for whole, times in odd:
            together = field.multiply(together, field.power(whole, times))
        return field.multiply(result, self._root_kernel(field.reduced(together), degree, 1))

    def _root_kernel(self, base: Ratio, degree: int, times: int) -> Ratio:
        """The power base^(times/degree) through a kernel r with r^unit = base."""
        exponent = Fraction(times, degree)
        if exponent.denominator == 1:
            return self.field.power(base, int(exponent))
        key = ("root", str(base))
        unit = self._refined(key, exponent.denominator)
        kernel = self.kernel(key, nonnegative=unit % 2 == 0 or self._is_nonnegative(base.top), of=base)
        self.field.relations[self._numbers[key]] = (unit, base)
        return self.field.power(kernel, int(exponent * unit))

    def odd_function(self, name: str, of: Ratio) -> Ratio:
        """A function with f(-x) = -f(x), of which no more is used."""
        if of.top.is_zero():
            return of
        sign = -1 if of.top.leading_coefficient() < 0 else 1
        positive = self.field.multiply(of, self.field.constant(sign))
        kernel = self.kernel((name, str(positive)), of=positive)
        return self.field.multiply(kernel, self.field.constant(sign))


def _scaled(of: Ratio) -> str:
    """The same for all multiples of a ratio."""
    return str(Ratio(of.top / of.top.leading_coefficient(), of.bottom))


def _length(of: Ratio) -> tuple[int, str]:
    """By which of x and 1/x one is taken: the one with the smaller denominator."""
    return int(of.bottom.total_degree()), str(of.bottom / of.bottom.leading_coefficient())


def _primes(number: Fraction) -> list[tuple[int, int]]:
    """The prime factors of a positive rational with their exponents."""
    found: list[tuple[int, int]] = []
    for part, sign in ((number.numerator, 1), (number.denominator, -1)):
        if part > LARGEST_FACTORED:
            raise TooLarge
        rest, divisor = part, 2
        while divisor <= isqrt(rest):
            times = 0
            while rest % divisor == 0:
                rest, times = rest // divisor, times + 1
            if times:
                found.append((divisor, sign * times))
            divisor += 1
        if rest > 1:
            found.append((rest, sign))
    return found
