"""Kernels: the functions that a normal form takes as generators, and the relations between them.

`exp` of a sum is a product of exponentials of single monomials, sine and cosine are exponentials of
imaginary ones, `ln` of a product is a sum of logarithms of absolute values of irreducible factors,
a root obeys `r^d = f` and an absolute value `a^2 = f^2`. Each holds wherever both sides have values.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import Any

from grader.checking.polynomials import Field, Monomial, Ratio, TooLarge, as_fraction, single_generator, used_generators

HALF = Fraction(1, 2)
LARGEST_FACTORED = 10**8
# cos(q*pi) for q with these denominators, as (rational, radicand): rational * sqrt(radicand).
COSINES: dict[Fraction, tuple[Fraction, int]] = {
    Fraction(0): (Fraction(1), 1),
    Fraction(1, 6): (HALF, 3),
    Fraction(1, 4): (HALF, 2),
    Fraction(1, 3): (HALF, 1),
    HALF: (Fraction(0), 1),
}


class Restart(Exception):
    """The work must begin again: with finer units for a kernel, or with room for more kernels."""

    def __init__(self, unit: tuple[Hashable, int] | None = None) -> None:
        super().__init__()
        self.unit = unit


class Kernels:
    """The kernels met so far, each a generator of the field."""

    def __init__(self, room: int, units: dict[Hashable, int]) -> None:
        self.field = Field(room)
        self._units = units
        self._numbers: dict[Hashable, int] = {}
        self._keys: list[tuple[Any, ...]] = []
        self._nonnegative: set[int] = set()
        self._complex: set[int] = set()
        # What the kernel is a function of: the exponent of an exponential, the base of a root, and so on.
        self._of: dict[int, Ratio] = {}

    def kernel(self, key: tuple[Any, ...], nonnegative: bool = False, of: Ratio | None = None) -> Ratio:
        """The generator of this key."""
        index = self._numbers.get(key)
        if index is None:
            index = len(self._numbers)
            if index >= self.field.size:
                raise Restart
            self._numbers[key] = index
            self._keys.append(key)
            if nonnegative:
                self._nonnegative.add(index)
            if of is not None:
                self._of[index] = of
        return self.field.generator(index)

    def _refined(self, key: tuple[Any, ...], denominator: int) -> int:
        """The unit of a kernel that comes in fractions; a new start if it is too coarse."""
        unit = self._units.get(key, 1)
        if unit % denominator:
            raise Restart((key, denominator))
        if unit > 60:
            raise TooLarge
        return unit

    def pi(self) -> Ratio:
        """The constant pi."""
        return self.kernel(("constant", "pi"), nonnegative=True)

    def imaginary_unit(self) -> Ratio:
        """I, with I^2 = -1."""
        generator = self.kernel(("imaginary",))
        index = self._numbers["imaginary",]
        self._complex.add(index)
        self.field.relations[index] = (2, self.field.constant(-1))
        return generator

    def _is_complex(self, ratio: Ratio) -> bool:
        return bool(self._complex & (used_generators(ratio.top) | used_generators(ratio.bottom)))

    # Exponentials and trigonometric functions

    def exponential(self, of: Ratio) -> Ratio:
        """The exponential, as a product over the monomials of the exponent."""
        return self._over_monomials(of, self._real_exponential)

    def rotation(self, of: Ratio) -> Ratio:
        """The rotation exp(I*x), as a product over the monomials of x."""
        self.imaginary_unit()
        return self._over_monomials(of, self._rotation)

    def _over_monomials(self, of: Ratio, make: Any) -> Ratio:
        if self._is_complex(of) and len(of.top) > 1:
            # A real number such as sin(x) is one exponent, however it is written with I.
            leading = as_fraction(of.top.leading_coefficient())
            whole = Ratio(of.top / of.top.leading_coefficient(), of.bottom)
            return self._opaque_exponential(whole, leading, make)
        parts = [make(monomial, str(of.bottom), times, of.bottom) for monomial, times in self.field.terms(of.top)]
        return reduce(self.field.multiply, parts, self.field.constant(1))

    def _opaque_exponential(self, whole: Ratio, times: Fraction, make: Any) -> Ratio:
        kind = "exp" if make == self._real_exponential else "rotation"
        return self._fractional((kind, str(whole)), times, whole, is_real=kind == "exp")

    def _fractional(self, key: tuple[Any, ...], times: Fraction, of: Ratio, is_real: bool) -> Ratio:
        """The kernel of an exponent, in units fine enough, to the power `times`."""
        unit = self._refined(key, times.denominator)
        per_unit = self.field.multiply(of, self.field.constant(Fraction(1, unit)))
        # x^n is exp(n*L) with a formal logarithm L of x, and may be negative.
        is_formal = any(self._keys[index][0] == "power" for index in used_generators(of.top))
        generator = self.kernel(key, nonnegative=is_real and not is_formal, of=per_unit)
        if not is_real:
            self._complex.add(self._numbers[key])
        return self.field.power(generator, int(times * unit))

    def _real_exponential(self, monomial: Monomial, below: str, times: Fraction, bottom: Any) -> Ratio:
        index = _single(monomial)
        if index is not None and bottom.is_constant():
            kind = self._keys[index][0]
            if kind == "ln":
                size = self.absolute(self._of[index])
                return self.field.power(self.root(size, times.denominator), times.numerator)
            if kind == "power":
                base = self._of[index]
                return self.field.power(self.root(base, times.denominator), times.numerator)
        return self._fractional(("exp", monomial, below), times, self._as_ratio(monomial, bottom), is_real=True)

    def _rotation(self, monomial: Monomial, below: str, times: Fraction, bottom: Any) -> Ratio:
        index = _single(monomial)
        if index is not None and bottom.is_constant():
            kind = self._keys[index][0]
            if self._keys[index] == ("constant", "pi") and times.denominator in {1, 2, 3, 4, 6}:
                return self._rotation_by_pi(times)
            if kind in {"asin", "atan"} and times.denominator == 1:
                return self.field.power(self._rotation_by_inverse(kind, self._of[index]), int(times))
        return self._fractional(("rotation", monomial, below), times, self._as_ratio(monomial, bottom), is_real=False)

    def _rotation_by_pi(self, turns: Fraction) -> Ratio:
        """The rotation exp(I*pi*q) for the q whose cosine is written with a square root."""
        sine = self.field.multiply(self.imaginary_unit(), self._cosine_of_pi(turns - HALF))
        return self.field.add(self._cosine_of_pi(turns), sine)

    def _cosine_of_pi(self, turns: Fraction) -> Ratio:
        turns = abs(turns) % 2
        turns = 2 - turns if turns > 1 else turns
        sign = -1 if turns > HALF else 1
        rational, radicand = COSINES[1 - turns if turns > HALF else turns]
        return self.field.multiply(self.field.constant(sign * rational), self.root(self.field.constant(radicand), 2))

    def _rotation_by_inverse(self, kind: str, of: Ratio) -> Ratio:
        """The rotation exp(I*asin(u)) and exp(I*atan(u)), which are algebraic in u."""
        field = self.field
        square = field.multiply(of, of)
        imaginary = field.multiply(self.imaginary_unit(), of)
        if kind == "asin":
            rest = field.add(field.constant(1), field.multiply(square, field.constant(-1)))
            return field.add(self.root(field.reduced(rest), 2), imaginary)
        length = self.root(field.reduced(field.add(field.constant(1), square)), 2)
        return field.multiply(field.add(field.constant(1), imaginary), field.power(length, -1))

    def _as_ratio(self, monomial: Monomial, bottom: Any) -> Ratio:
        top = self.field.polynomial({monomial: as_one(self.field)})
        return self.field.multiply(top, self.field.power(Ratio(bottom, self.field.one), -1))

    def cosine(self, of: Ratio) -> Ratio:
        """The cosine through exp(I*x)."""
        turn = self.rotation(of)
        both = self.field.add(turn, self.field.power(turn, -1))
        return self.field.multiply(both, self.field.constant(HALF))

    def sine(self, of: Ratio) -> Ratio:
        """The sine through exp(I*x)."""
        turn = self.rotation(of)
        both = self.field.add(self.field.power(turn, -1), self.field.multiply(turn, self.field.constant(-1)))
        return self.field.multiply(both, self.field.multiply(self.imaginary_unit(), self.field.constant(HALF)))

    def tangent(self, of: Ratio) -> Ratio:
        """The tangent as a quotient."""
        return self.field.multiply(self.sine(of), self.field.power(self.cosine(of), -1))

    def hyperbolic_cosine(self, of: Ratio) -> Ratio:
        """The hyperbolic cosine through exp."""
        growth = self.exponential(of)
        return self.field.multiply(self.field.add(growth, self.field.power(growth, -1)), self.field.constant(HALF))

    def hyperbolic_sine(self, of: Ratio) -> Ratio:
        """The hyperbolic sine through exp."""
        growth = self.exponential(of)
        decay = self.field.multiply(self.field.power(growth, -1), self.field.constant(-1))
        return self.field.multiply(self.field.add(growth, decay), self.field.constant(HALF))

    def hyperbolic_tangent(self, of: Ratio) -> Ratio:
        """The hyperbolic tangent as a quotient."""
        return self.field.multiply(self.hyperbolic_sine(of), self.field.power(self.hyperbolic_cosine(of), -1))

    def odd_function(self, name: str, of: Ratio) -> Ratio:
        """A function with f(-x) = -f(x), of which no more is used."""
        if of.top.is_zero():
            return of
        sign = -1 if of.top.leading_coefficient() < 0 else 1
        positive = self.field.multiply(of, self.field.constant(sign))
        kernel = self.kernel((name, str(positive)), of=positive)
        return self.field.multiply(kernel, self.field.constant(sign))

    # Logarithms, absolute values, roots, powers

    def logarithm(self, of: Ratio) -> Ratio:
        """The logarithm of a positive number, as the sum of ln|f| over its factors f."""
        if of.top.is_zero():
            raise TooLarge
        if self._is_complex(of):
            leading = abs(as_fraction(of.top.leading_coefficient()))
            whole = self._times(of, 1 / leading)
            kernel = self.kernel(("ln", str(whole)), of=whole)
            return self.field.add(kernel, self.logarithm(self.field.constant(leading)))
        number, factors = self.field.factors(of)
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
        """Whether every term is visibly not negative: even powers, or kernels that never are."""
        if used_generators(polynomial) & self._complex:
            return False
        return all(
            times > 0 and all(power % 2 == 0 or index in self._nonnegative for index, power in enumerate(monomial))
            for monomial, times in self.field.terms(polynomial)
        )

    def absolute(self, of: Ratio) -> Ratio:
        """|x|, as the product of |f| over its factors f."""
        if of.top.is_zero():
            return of
        if self._is_complex(of):
            leading = of.top.leading_coefficient()
            return self._times(self._absolute_kernel(Ratio(of.top / leading, of.bottom)), abs(as_fraction(leading)))
        number, factors = self.field.factors(of)
        result = self.field.constant(abs(number))
        for factor, times in factors:
            whole = Ratio(factor, self.field.one)
            size = whole if times % 2 == 0 or self._is_nonnegative(factor) else self._absolute_kernel(whole)
            result = self.field.multiply(result, self.field.power(size, times))
        return result

    def _absolute_kernel(self, of: Ratio) -> Ratio:
        key = ("abs", str(of))
        kernel = self.kernel(key, nonnegative=True, of=of)
        self.field.relations[self._numbers[key]] = (2, self.field.multiply(of, of))
        return kernel

    def sign(self, of: Ratio) -> Ratio:
        """The sign as x/|x|; left alone where x may be zero in a whole region, as x - |x| is."""
        used = used_generators(of.top) | used_generators(of.bottom)
        if of.top.is_zero() or any(self._keys[index][0] in {"abs", "root", "node"} for index in used):
            return self.odd_function("sign", of)
        return self.field.multiply(of, self.field.power(self.absolute(of), -1))

    def root(self, of: Ratio, degree: int) -> Ratio:
        """The real root."""
        if degree == 1 or of.top.is_zero():
            return of
        if self._is_complex(of):
            leading = of.top.leading_coefficient()
            number = abs(as_fraction(leading))
            return self._rooted_number(number, degree, self._root_kernel(self._times(of, 1 / number), degree, 1))
        number, factors = self.field.factors(of)
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

    def general_power(self, base: Ratio, exponent: Ratio) -> Ratio:
        """A power with a variable exponent, as exp(exponent * ln(base))."""
        if base.top.is_zero():
            raise TooLarge
        if self._is_nonnegative(base.top) and self._is_nonnegative(base.bottom):
            return self.exponential(self.field.reduced(self.field.multiply(exponent, self.logarithm(base))))
        log = self.kernel(("power", str(base)), of=base)
        return self.exponential(self.field.multiply(exponent, log))


def as_one(field: Field) -> Any:
    """The coefficient one, in the field's own kind of number."""
    return field.one.leading_coefficient()


def _single(monomial: Monomial) -> int | None:
    """The generator that the monomial is, if it is one."""
    return monomial.index(1) if sum(monomial) == 1 else None


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
