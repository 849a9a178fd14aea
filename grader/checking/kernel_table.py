"""The kernels of a normal form: each is one more generator of the field, with what is known of its sign."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

from grader.checking.polynomials import Field, Monomial, Ratio, TooLarge, used_generators

# The sign of a polynomial as far as somebody else knows it: 1, -1, or 0 where nobody does.
SignOf = Callable[["KernelTable", Any], int]
# Kernels without a kink and without a jump, as far as what they are functions of has none.
ANALYTIC = frozenset({"name", "constant", "exp", "rotation", "imaginary"})


class Restart(Exception):
    """The work must begin again: with finer units for a kernel, or with room for more kernels."""

    def __init__(self, unit: tuple[Hashable, int] | None = None) -> None:
        super().__init__()
        self.unit = unit


class KernelTable:
    """The kernels met so far, each a generator of the field."""

    def __init__(self, room: int, units: dict[Hashable, int], sign_of: SignOf | None = None) -> None:
        self.field = Field(room)
        self._sign_of = sign_of
        self._units = units
        self._numbers: dict[Hashable, int] = {}
        self._keys: list[tuple[Any, ...]] = []
        self._nonnegative: set[int] = set()
        self._complex: set[int] = set()
        self._whole: set[int] = set()
        self._complex_signs: dict[str, int] = {}
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

    def name(self, name: str, *, nonnegative: bool, whole: bool) -> Ratio:
        """The generator of a variable; `whole` says that it takes whole numbers only."""
        generator = self.kernel(("name", name), nonnegative=nonnegative)
        if whole:
            self._whole.add(self._numbers["name", name])
        return generator

    def is_whole(self, polynomial: Any) -> bool:
        """Whether the polynomial is visibly a whole number at all whole numbers."""
        return used_generators(polynomial) <= self._whole and all(
            times.denominator == 1 for _, times in self.field.terms(polynomial)
        )

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

    @property
    def complex_kernels(self) -> set[int]:
        """The generators that are no real numbers."""
        return self._complex

    def is_name(self, index: int) -> bool:
        """Whether a generator is a variable."""
        return bool(self._keys[index][0] == "name")

    def has_argument(self, index: int) -> bool:
        """Whether it is kept what a generator is a function of."""
        return index in self._of

    def argument(self, index: int) -> Ratio:
        """What a generator is a function of."""
        return self._of[index]

    def key_of(self, index: int) -> tuple[Any, ...]:
        """What a generator stands for."""
        return self._keys[index]

    def is_analytic(self, index: int) -> bool:
        """Whether a generator is a number, or has no kink in it, however deep."""
        if self._is_number(index):
            return True
        return self._keys[index][0] in ANALYTIC and (index not in self._of or self._are_analytic(self._of[index]))

    def _are_analytic(self, ratio: Ratio) -> bool:
        return all(self.is_analytic(index) for index in used_generators(ratio.top) | used_generators(ratio.bottom))

    def _is_number(self, index: int) -> bool:
        """Whether a generator is visibly the same number everywhere."""
        if index not in self._of:
            return bool(self._keys[index][0] in {"constant", "imaginary"})
        of = self._of[index]
        return all(self._is_number(each) for each in used_generators(of.top) | used_generators(of.bottom))

    def is_never_level(self, used: set[int]) -> bool:
        """Whether what is built of these generators is constant in no region, unless it is one number everywhere.

        That is so for analytic ones, for a function of analytic ones alone, and with one square root beside them.
        """
        kinked = [index for index in used if not self.is_analytic(index)]
        if not kinked:
            return True
        if len(kinked) > 1 or kinked[0] not in self._of or not self._are_analytic(self._of[kinked[0]]):
            return False
        is_square_root = self._keys[kinked[0]][0] == "root" and self.field.relations[kinked[0]][0] == 2
        return is_square_root or used <= {*kinked, *filter(self._is_number, used)}

    def is_rarely_zero(self, polynomial: Any) -> bool:
        """Whether the polynomial, which is not zero, is visibly zero at single points only, if anywhere."""
        if self.is_never_level(used_generators(polynomial)):
            return True
        terms = list(self.field.terms(polynomial))
        if len(terms) > 1 and {self._sign_of_term(*term) for term in terms} not in ({1}, {-1}):
            return False
        return any(all(self._is_rarely_zero(index) for index, power in enumerate(term) if power) for term, _ in terms)

    def _is_rarely_zero(self, index: int) -> bool:
        """Whether a generator is zero at single points only."""
        if self._keys[index][0] in {"abs", "root"}:
            return self.is_rarely_zero(self._of[index].top)
        return self._keys[index][0] == "exp" or self.is_never_level({index})

    def sign(self, polynomial: Any) -> int:
        """1 or -1 for a polynomial that is never below or never above zero where it matters, else 0."""
        if used_generators(polynomial) & self._complex:
            return 0
        signs = {self._sign_of_term(monomial, times) for monomial, times in self.field.terms(polynomial)}
        if signs in ({1}, {-1}):
            return signs.pop()
        return self._sign_of(self, polynomial) if self._sign_of is not None else 0

    def _sign_of_term(self, monomial: Monomial, times: Fraction) -> int:
        """The sign of even powers, and of kernels that are never negative."""
        is_even = all(power % 2 == 0 or index in self._nonnegative for index, power in enumerate(monomial))
        return 0 if not is_even else 1 if times > 0 else -1
