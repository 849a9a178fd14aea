"""Kernels: the functions that a normal form takes as generators, and the relations between them.

`exp` of a sum is a product of exponentials of single monomials, sine and cosine are exponentials of
imaginary ones. Each rewriting holds wherever both sides have values.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

from grader.checking.kernel_roots import RootKernels
from grader.checking.polynomials import Field, Monomial, Ratio, TooLarge, as_fraction, used_generators

HALF = Fraction(1, 2)
# cos(q*pi) for q with these denominators, as (rational, radicand): rational * sqrt(radicand).
COSINES: dict[Fraction, tuple[Fraction, int]] = {
    Fraction(0): (Fraction(1), 1),
    Fraction(1, 6): (HALF, 3),
    Fraction(1, 4): (HALF, 2),
    Fraction(1, 3): (HALF, 1),
    HALF: (Fraction(0), 1),
}


class Kernels(RootKernels):
    """All kernels: exponentials and trigonometric functions beside the roots."""

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
        if self._is_whole_turn(monomial) and bottom.is_constant():
            return self._turn(monomial, times)
        return self._fractional(("rotation", monomial, below), times, self._as_ratio(monomial, bottom), is_real=False)

    def _is_whole_turn(self, monomial: Monomial) -> bool:
        """Whether the monomial is pi times a product of whole numbers."""
        used = {index: power for index, power in enumerate(monomial) if power}
        turns = [index for index in used if self._keys[index] == ("constant", "pi")]
        return [used[index] for index in turns] == [1] and used.keys() - turns <= self._whole

    def _turn(self, monomial: Monomial, times: Fraction) -> Ratio:
        """The rotation exp(I*pi*n*q) for whole n: a root of one, so that a power of it is one."""
        key = ("turn", tuple(min(power, 1) for power in monomial) if times.denominator == 1 else monomial)
        if times.denominator == 1 and times % 2 == 0:
            return self.field.constant(1)
        unit = self._refined(key, times.denominator)
        generator = self.kernel(key)
        index = self._numbers[key]
        if unit > 1:
            self._complex.add(index)
        self.field.relations[index] = (2 * unit, self.field.constant(1))
        return self.field.power(generator, int(times * unit) % (2 * unit))

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

    def general_power(self, base: Ratio, exponent: Ratio) -> Ratio:
        """A power with a variable exponent, as exp(exponent * ln(base))."""
        if base.top.is_zero():
            raise TooLarge
        if base.top == -self.field.one and base.bottom == self.field.one and self.is_whole(exponent.top):
            return self.rotation(self.field.multiply(exponent, self.pi()))
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
