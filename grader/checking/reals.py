"""Exact real numbers that can be put in order: rationals, roots of polynomials, values of trees."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key, reduce
from typing import Any

from flint import fmpq, fmpz_poly

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import certified, enclose
from grader.checking.equality import decide
from grader.checking.verdict import Outcome, Proof
from grader.reading.tree import Tree, add, call, divide, literal_value, multiply, neg, number

MOST_DEGREE = 40
MOST_BITS = 4000
PRECISIONS = (64, 256, 1024)
PROOF_AT = 256
LARGEST_TRIED = 10_000


class Real:
    """A rational, the root with this place of an irreducible polynomial, or the value of a tree without names."""

    __slots__ = ("_bounds", "minimal", "place", "rational", "tree")

    def __init__(
        self,
        rational: Fraction | None = None,
        *,
        minimal: fmpz_poly | None = None,
        place: int = 0,
        bounds: tuple[Fraction, Fraction] | None = None,
        tree: Tree | None = None,
    ) -> None:
        self.rational = rational
        self.minimal = minimal
        self.place = place
        self.tree = tree
        self._bounds = bounds

    def bounds(self, precision: int = 64) -> tuple[Fraction, Fraction]:
        """Two rationals with the number between them, about `precision` binary digits apart."""
        if self.rational is not None:
            return self.rational, self.rational
        if self.minimal is not None and self._bounds is not None:
            self._bounds = _narrowed(self.minimal, self._bounds, precision)
            return self._bounds
        found = enclose(self.as_tree(), {}, precision)
        return found.lower, found.upper

    def as_tree(self) -> Tree:
        """The number as a tree; Unclear for a root that is not written with square roots."""
        if self.tree is not None:
            return self.tree
        if self.rational is not None:
            return number(self.rational)
        if self.minimal is None or self.minimal.degree() != 2:
            raise Unclear("a root of a polynomial of higher degree")
        c, b, a = [int(each) for each in self.minimal.coeffs()]
        inside, below, whole = b * b - 4 * a * c, 2 * abs(a), 2
        while whole * whole <= min(inside, LARGEST_TRIED):
            while inside % (whole * whole) == 0 and below % whole == 0:
                inside, below = inside // (whole * whole), below // whole
            whole += 1
        root = call("sqrt", number(inside))
        root = root if below == 1 else divide(root, number(below))
        middle = Fraction(-b, 2 * a)
        if not middle:
            return root if self.place else neg(root)
        return add(number(middle), root if self.place else neg(root))


def real_of(tree: Tree) -> Real:
    """The number that a tree without names is."""
    value = literal_value(tree)
    return Real(value, tree=tree) if value is None else Real(value)


def roots_of(polynomial: fmpz_poly) -> list[Real]:
    """The real roots of an irreducible polynomial with whole coefficients, in order."""
    degree = polynomial.degree()
    if degree < 1:
        return []
    if degree == 1:
        below, above = [int(each) for each in polynomial.coeffs()]
        return [Real(Fraction(-below, above))]
    if degree > MOST_DEGREE or polynomial.height_bits() > MOST_BITS:
        raise Unclear("the polynomial is too large")
    roots: list[Any] = polynomial.complex_roots()
    balls = [root.real for root, _ in roots if root.imag == 0]
    ends = sorted((found.lower, found.upper) for found in map(certified, balls))
    return [Real(minimal=polynomial, place=place, bounds=both) for place, both in enumerate(ends)]


def _narrowed(polynomial: fmpz_poly, bounds: tuple[Fraction, Fraction], precision: int) -> tuple[Fraction, Fraction]:
    """The bounds of a simple root halved until they are near enough."""
    low, high = bounds
    goal = Fraction(1, 1 << precision)
    rises = _at(polynomial, high) > 0
    while high - low > goal:
        middle = _short_middle(low, high)
        low, high = (low, middle) if (_at(polynomial, middle) > 0) is rises else (middle, high)
    return low, high


def _short_middle(low: Fraction, high: Fraction) -> Fraction:
    return (low + high) / 2


def _at(polynomial: fmpz_poly, value: Fraction) -> fmpq:
    return polynomial(fmpq(value.numerator, value.denominator))


def order(first: Real, second: Real) -> int:
    """-1, 0 or 1; raises Unclear where neither an order nor equality can be certified."""
    if first.rational is not None and second.rational is not None:
        return (first.rational > second.rational) - (first.rational < second.rational)
    if first.minimal is not None and second.minimal is not None and first.minimal == second.minimal:
        return (first.place > second.place) - (first.place < second.place)
    if first.tree is not None and first.tree == second.tree:
        return 0
    for precision in PRECISIONS:
        try:
            one, other = first.bounds(precision), second.bounds(precision)
        except NoValue as error:
            raise Unclear(str(error)) from None
        if one[1] < other[0]:
            return -1
        if other[1] < one[0]:
            return 1
        if precision == PROOF_AT and is_same(first, second):
            return 0
    raise Unclear("two numbers are too near to each other")


def is_same(first: Real, second: Real) -> bool:
    """Whether two numbers that lie very near to each other are proved equal."""
    if first.tree is None:
        first, second = second, first
    if first.tree is None:
        return False
    if second.minimal is None:
        return is_zero(add(first.tree, neg(second.as_tree())))
    coefficients = [number(int(each)) for each in reversed(second.minimal.coeffs())]
    value = reduce(lambda total, each: add(multiply(total, first.as_tree()), each), coefficients)
    if not is_zero(value):
        return False
    low, high = first.bounds(PROOF_AT)
    others = [root for root in roots_of(second.minimal) if root.place != second.place]
    apart = [root.bounds(PROOF_AT) for root in others]
    return all(high < below or above < low for below, above in apart)


def is_zero(tree: Tree) -> bool:
    """Whether a tree without names is proved to be zero."""
    verdict = decide(tree, number(0))
    return verdict.outcome is Outcome.EQUAL and isinstance(verdict.evidence, Proof)


def sign_of(tree: Tree) -> int:
    """The sign of a tree without names; Unclear where it cannot be certified."""
    value = literal_value(tree)
    if value is not None:
        return (value > 0) - (value < 0)
    for precision in PRECISIONS:
        try:
            found = enclose(tree, {}, precision)
        except NoValue as error:
            raise Unclear(str(error)) from None
        if found.lower > 0:
            return 1
        if found.upper < 0:
            return -1
    if is_zero(tree):
        return 0
    raise Unclear("the sign of a constant could not be told")


def in_order(numbers: Sequence[Real]) -> list[list[Real]]:
    """The numbers sorted, equal ones together."""
    groups: list[list[Real]] = []
    for each in sorted(numbers, key=cmp_to_key(order)):
        if groups and order(groups[-1][0], each) == 0:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def simplest_between(low: Fraction | None, high: Fraction | None) -> Fraction:
    """The rational with the smallest denominator strictly between two numbers, the nearest to zero of them.

    >>> simplest_between(Fraction(1, 3), Fraction(1, 2)), simplest_between(None, Fraction(-6))
    (Fraction(2, 5), Fraction(-7, 1))
    """
    if (low is None or low < 0) and (high is None or high > 0):
        return Fraction(0)
    if high is not None and high <= 0:
        return -simplest_between(-high, None if low is None else -low)
    below = low or Fraction(0)
    whole = below.numerator // below.denominator
    if high is None or whole + 1 < high:
        return Fraction(whole + 1)
    rest = high - whole
    inner = simplest_between(1 / rest, None if below == whole else 1 / (below - whole))
    return whole + 1 / inner
