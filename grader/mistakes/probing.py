"""Whether an expression that was typed is a given other one: a quick look first, then the judge."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property

from grader.answers.base import Context
from grader.answers.scalars import compare, scalar_of
from grader.answers.tolerance import Bounds, Tolerance, decimal_unit
from grader.answers.wording import NOT_SCALAR
from grader.checking.bounding import (
    Certified,
    MissingName,
    NotScalar,
    NoValue,
    Unclear,
    certified,
    exact_value,
    program_of,
)
from grader.checking.equality import Budget
from grader.checking.identical import Numbering
from grader.checking.sampling import Point
from grader.checking.verdict import Outcome
from grader.mistakes.numbers import Number
from grader.reading.tree import Tree, literal_value, names_in, number

POINTS = 2
TRIES = 6
MOST_PROOFS = 40
BITS = 64
LEAST_DIGITS = 3
SHORT_DECIMAL = 10**6
"""A fraction of this is written out, not rounded."""
CLOSE = Fraction(1, 10**15)
_CHEAP = Budget(nodes=0)  # computer algebra is never asked


class Probe:
    """One expression of a response, with its values at a few points."""

    def __init__(self, response: Tree, names: Iterable[str], tolerance: Tolerance | None, context: Context) -> None:
        self.tree = scalar_of(response)
        self.names = frozenset(names)
        self.tolerance = tolerance
        self.context = Context(context.domain, context.vocabulary, context.notation, _CHEAP)
        self.tries = 0
        self.is_number = not names_in(self.tree)
        self.is_scalar = self.tree.kind not in NOT_SCALAR
        self._points: tuple[Point, ...] = ()
        self._values: tuple[Certified | None, ...] = ()
        if self.is_scalar:
            self._look(context.domain.points({*names, *names_in(self.tree)}))

    def _look(self, points: tuple[Point, ...]) -> None:
        """Keep the first points at which there is a value; the very first is so simple that many share theirs."""
        candidates = points[1 : POINTS + TRIES] or points
        seen = list(zip(candidates, self._seen(self.tree, candidates), strict=True))
        kept = [pair for pair in seen if pair[1] is not None][:POINTS] or seen[:1]
        self._points, self._values = tuple(point for point, _ in kept), tuple(value for _, value in kept)

    def for_another(self, tree: Tree) -> Probe:
        """The same looks at another expression."""
        return Probe(tree, self.names, self.tolerance, self.context)

    def equals(self, tree: Tree) -> bool:
        """Whether the response is this expression, with the tolerance where both are numbers."""
        if not self.is_scalar or self.tries >= MOST_PROOFS or not self._may_equal(tree):
            return False
        self.tries += 1
        if compare(self.tree, tree, self.tolerance, self.context).outcome is Outcome.EQUAL:
            return True
        return self._is_rounded(tree)

    def has_value(self, wanted: Number) -> bool:
        """Whether the response is this number, with the tolerance where there is one."""
        own = self.own
        if not self.is_number or own is None:
            return False
        if self.tolerance is not None:
            value = Bounds(wanted.value, wanted.value)
            return self.tolerance.agrees(Bounds(own.lower, own.upper), value) is True
        if wanted.is_exact and self.exact is not None:
            return self.exact == wanted.value
        if wanted.is_exact:
            return own.lower <= wanted.value <= own.upper and self.equals(number(wanted.value))
        unit, value_typed = decimal_unit(self.tree), literal_value(self.tree)
        if unit is None or value_typed is None:
            return abs(own.middle - wanted.value) <= CLOSE * max(Fraction(1), abs(wanted.value))
        return abs(value_typed) >= unit * 10 ** (LEAST_DIGITS - 1) and abs(value_typed - wanted.value) <= unit / 2

    def beside(self, tree: Tree) -> list[tuple[Certified, Certified]]:
        """The values of the response and of another expression, wherever both are known."""
        pairs = zip(self._values, self._seen(tree, self._points), strict=True)
        return [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]

    def value(self, tree: Tree) -> Certified | None:
        """The value of another expression where the response is looked at first."""
        return self._seen(tree, self._points[:1])[0]

    def distance(self, tree: Tree) -> Fraction:
        """How far the value of another expression is where the response is looked at first; 0 where unknown."""
        return next((abs(mine.middle - theirs.middle) for mine, theirs in self.beside(tree)), Fraction(0))

    @cached_property
    def exact(self) -> Fraction | None:
        """The value of a number, where it is rational and known to be."""
        return exact_value(self.tree) if self.is_number else None

    @property
    def own(self) -> Certified | None:
        """The value of the response where it is looked at first."""
        return self._values[0] if self._values else None

    def _seen(self, tree: Tree, points: tuple[Point, ...]) -> tuple[Certified | None, ...]:
        """The values at the points; None where there is none, or none that can be computed quickly."""
        numbering = Numbering()
        root = numbering.of(tree)
        program = program_of(numbering)
        found: list[Certified | None] = []
        for point in points:
            try:
                found.append(certified(program.at(point, BITS).value(root)))
            except (NoValue, Unclear, NotScalar, MissingName):
                found.append(None)
        return tuple(found)

    def _may_equal(self, tree: Tree) -> bool:
        """Whether no value speaks against it."""
        is_near = self._is_near if self.is_number and not names_in(tree) else Certified.overlaps
        pairs = zip(self._values, self._seen(tree, self._points), strict=True)
        return all(
            (mine is None) == (theirs is None) and (mine is None or theirs is None or is_near(mine, theirs))
            for mine, theirs in pairs
        )

    def _is_near(self, mine: Certified, theirs: Certified) -> bool:
        if mine.overlaps(theirs) or self._unit() is not None:
            return True
        if self.tolerance is None:
            return False
        return self.tolerance.agrees(Bounds(mine.lower, mine.upper), Bounds(theirs.lower, theirs.upper)) is not False

    def _unit(self) -> Fraction | None:
        """One unit in the last place of a decimal with enough digits, where none was asked for."""
        return decimal_unit(self.tree) if self.tolerance is None else None

    def _is_rounded(self, tree: Tree) -> bool:
        """Whether the response is the decimal of a number that has no short one, to all the digits that it has."""
        unit, value = self._unit(), literal_value(self.tree)
        if unit is None or value is None or names_in(tree) or abs(value) < unit * 10 ** (LEAST_DIGITS - 1):
            return False
        fraction = exact_value(tree)
        if fraction is not None and SHORT_DECIMAL % fraction.denominator == 0:
            return False
        exact = self.value(tree)
        if exact is None or exact.exact is not None:
            return False
        return max(abs(value - exact.lower), abs(value - exact.upper)) <= unit / 2
