"""Indexed expressions at drawn sizes and entries: exact numbers, or trees of numbers for ball arithmetic."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from grader.checking.balls import NoValue, Unclear
from grader.checking.domain import Domain
from grader.checking.ranges import Misfit, Ranges
from grader.checking.sampling import Interval, VariableDomain
from grader.reading.tree import Tree, literal_value, number

MOST_VISITS = 400_000
MOST_BITS = 12_000  # fewer digits than Python writes out at once
LARGEST_POWER = 200
PARTS = 64
# Draws by their numbers: the last of eight kinds are like the first, but for one of tiny and one of large values.
KINDS, FAR, TINY = 8, 5, 6
WIDE = 1009  # no power of two: at multiples of 1/8 even sin(8 pi x) is zero
INTEGERS = 12

Value = Fraction | Tree
Key = tuple[str, tuple[int, ...]]


class TooMuchWork(Exception):
    """The sums are too long, or nested too deep, to be added up."""


@dataclass(slots=True)
class Work:
    """How much has been done for one verdict."""

    visits: int = 0
    most: int = MOST_VISITS

    def spend(self, visits: int) -> None:
        """Count; TooMuchWork past the bound."""
        self.visits += visits
        if self.visits > self.most:
            raise TooMuchWork


@dataclass(slots=True)
class Instance:
    """One draw: the size of each letter, and entries that are drawn when they are first asked for."""

    number: int
    sizes: Mapping[str, int]
    ranges: Ranges
    domain: Domain
    work: Work
    entries: dict[Key, Fraction] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)

    def size(self, size: int | str | None) -> int | None:
        """The size as a number."""
        return self.sizes[size] if isinstance(size, str) else size

    def value(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        """The value with these indices; a tree of numbers where it is no rational that is easy to have.

        Raises NoValue where there is none, Misfit for an index past its axis.
        """
        self.work.spend(1)
        rule = _RULES.get(tree.kind)
        if rule is not None:
            return rule(self, tree, indices)
        if self.ranges.is_delta(tree):
            return self._delta(tree, indices)
        return tree._replace(args=tuple(as_tree(self.value(arg, indices)) for arg in tree.args))

    def index(self, tree: Tree, indices: Mapping[str, int]) -> int:
        """The whole number that stands where an index stands."""
        value = self.value(tree, indices)
        if isinstance(value, Tree) or value.denominator != 1:
            raise Misfit("a whole number as an index", "another value")
        return int(value)

    def drawn(self, name: str, place: tuple[int, ...]) -> Fraction:
        """The entry of an array, or with no place the value of a name."""
        variable = self.domain.variable(name)
        if "symmetric" in variable.assumptions:
            place = tuple(sorted(place))
        key = (name, place)
        self.asked.add(key)
        found = self.entries.get(key)
        if found is None:
            chance = random.Random(f"{self.number}/{name}/{place}")
            found = self.entries[key] = _draw(variable, self.number, place, chance)
        return found

    def _delta(self, tree: Tree, indices: Mapping[str, int]) -> Fraction:
        first, second = (self.index(arg, indices) for arg in tree.args)
        return Fraction(int(first == second))

    def _entry(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        if self.ranges.is_delta(tree):
            return self._delta(tree, indices)
        place = tuple(self.index(arg, indices) for arg in tree.args)
        for index, axis in zip(place, self.ranges.shapes.get(tree.value, ()), strict=False):
            if not 1 <= index <= (self.size(axis) or index):
                raise Misfit(f"an index from 1 to {axis} for {tree.value}", "one past that")
        return self.drawn(tree.value, place)

    def _name(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        if tree.value in indices:
            return Fraction(indices[tree.value])
        if tree.value in self.sizes:
            return Fraction(self.sizes[tree.value])
        return self.drawn(tree.value, ())

    def _sigma(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        body, *ends = tree.args
        lower, upper = (self.index(end, indices) for end in ends)
        if upper - lower > MOST_VISITS:
            raise TooMuchWork
        return _total([self.value(body, {**indices, tree.value: index}) for index in range(lower, upper + 1)])

    def _sum(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        return _total([self.value(arg, indices) for arg in tree.args])

    def _product(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        exact, others = Fraction(1), []
        for arg in tree.args:
            value = self.value(arg, indices)
            if isinstance(value, Tree):
                others.append(value)
            else:
                exact *= value
        return Tree("product", (number(exact), *others)) if others else _short(exact)

    def _quotient(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        above, below = (self.value(arg, indices) for arg in tree.args)
        if isinstance(above, Tree) or isinstance(below, Tree):
            return Tree("quotient", (as_tree(above), as_tree(below)))
        if below == 0:
            raise NoValue("it divides by zero")
        return _short(above / below)

    def _power(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        base, exponent = (self.value(arg, indices) for arg in tree.args)
        if isinstance(base, Tree) or isinstance(exponent, Tree) or exponent.denominator != 1:
            return Tree("power", (as_tree(base), as_tree(exponent)))
        if abs(exponent) > LARGEST_POWER:
            return Tree("power", (as_tree(base), as_tree(exponent)))
        if base == 0 and exponent < 0:
            raise NoValue("it divides by zero")
        return _short(base ** int(exponent))

    def _neg(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        value = self.value(tree.args[0], indices)
        return Tree("neg", (value,)) if isinstance(value, Tree) else -value

    def _number(self, tree: Tree, indices: Mapping[str, int]) -> Value:  # noqa: ARG002 - a number has no index
        return literal_value(tree) or Fraction(0)

    def _piecewise(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        """The first case whose condition holds, where all conditions compare exact numbers."""
        for case in tree.args:
            holds = case.kind == "otherwise" or self._holds(case.args[1], indices)
            if holds is None:
                return self._all_cases(tree, indices)
            if holds:
                return self.value(case.args[0], indices)
        raise NoValue("no case applies")

    def _all_cases(self, tree: Tree, indices: Mapping[str, int]) -> Tree:
        """All cases with their numbers put in; a case without a value may be one that does not apply."""
        try:
            return tree._replace(args=tuple(self._case(case, indices) for case in tree.args))
        except NoValue as error:
            raise Unclear("one of the cases has no value") from error

    def _apply(self, tree: Tree, indices: Mapping[str, int]) -> Value:
        """The value of a declared function, drawn for each argument; Unclear where one is no exact number."""
        values = [self.value(arg, indices) for arg in tree.args]
        if any(isinstance(value, Tree) for value in values):
            raise Unclear("a function that is not known has an argument that is no exact number")
        return self.drawn(f"{tree.value}({', '.join(map(str, values))})", ())

    def _case(self, case: Tree, indices: Mapping[str, int]) -> Tree:
        value = self.value(case.args[0], indices)
        tests = [self._relation(test, indices) for test in case.args[1:]]
        return case._replace(args=(as_tree(value), *tests))

    def _relation(self, test: Tree, indices: Mapping[str, int]) -> Tree:
        if test.kind in {"relation", "and", "or"}:
            return test._replace(args=tuple(self._relation(arg, indices) for arg in test.args))
        return as_tree(self.value(test, indices))

    def _holds(self, test: Tree, indices: Mapping[str, int]) -> bool | None:
        """Whether a condition holds; None where it is not one between exact numbers."""
        if test.kind in {"and", "or"}:
            found = [self._holds(arg, indices) for arg in test.args]
            return None if None in found else (all(found) if test.kind == "and" else any(found))
        operators = test.value.split()
        if test.kind != "relation" or not set(operators) <= set(_COMPARED):
            return None
        values = [self.value(arg, indices) for arg in test.args]
        exact = [value for value in values if not isinstance(value, Tree)]
        if len(exact) < len(values):
            return None
        pairs = zip(operators, exact, exact[1:], strict=False)
        return all((left > right) - (left < right) in _COMPARED[operator] for operator, left, right in pairs)


# For each relation the signs that the difference of its sides may have.
_COMPARED = {"=": {0}, "!=": {-1, 1}, "<": {-1}, ">": {1}, "<=": {-1, 0}, ">=": {0, 1}}
_RULES = {
    "number": Instance._number,  # noqa: SLF001 - the table of this class
    "name": Instance._name,  # noqa: SLF001
    "entry": Instance._entry,  # noqa: SLF001
    "sigma": Instance._sigma,  # noqa: SLF001
    "sum": Instance._sum,  # noqa: SLF001
    "neg": Instance._neg,  # noqa: SLF001
    "product": Instance._product,  # noqa: SLF001
    "quotient": Instance._quotient,  # noqa: SLF001
    "power": Instance._power,  # noqa: SLF001
    "piecewise": Instance._piecewise,  # noqa: SLF001
    "apply": Instance._apply,  # noqa: SLF001
}


def as_tree(value: Value) -> Tree:
    """The value as a tree."""
    return value if isinstance(value, Tree) else number(value)


def _total(values: list[Value]) -> Value:
    exact = sum((value for value in values if not isinstance(value, Tree)), Fraction(0))
    others = [value for value in values if isinstance(value, Tree)]
    return Tree("sum", (number(exact), *others)) if others else _short(exact)


def _short(value: Fraction) -> Fraction:
    """The value, unless it is too long."""
    if value.numerator.bit_length() + value.denominator.bit_length() > MOST_BITS:
        raise Unclear("the value is too long")
    return value


def _draw(variable: VariableDomain, number: int, place: tuple[int, ...], chance: random.Random) -> Fraction:
    """A value of the variable: simple in the first draw, small and positive in the second, then of every kind.

    One draw is of very small values and one of large ones, beyond the bounds at which min and floor change.
    """
    interval, kind = chance.choice(variable.intervals), number % KINDS
    if variable.integer:
        return _whole(interval, chance)
    if interval != Interval(None, None):
        part = Fraction(chance.randrange(1, PARTS), PARTS)
        return interval.inside(1 - part / WIDE if kind == TINY else part / WIDE if kind == FAR else part)
    if kind == TINY:
        return Fraction(chance.choice((-1, 1)) * chance.randrange(1, PARTS), WIDE * PARTS)
    if kind == FAR:
        # Both signs surely occur, whatever the size: entries 1 and 4 are positive, 2 and 3 negative.
        sign = (-1) ** (sum(place) // 2) if place else chance.choice((1, -1))
        return Fraction(sign * chance.randint(WIDE**2 // 4, WIDE**2), WIDE)
    if kind % 4 == 0:
        return Fraction(chance.randint(1, 9) * chance.choice((1, 1, -1)))
    if kind == 1:
        return Fraction(chance.randrange(1, PARTS), PARTS)
    if kind == 2:
        return Fraction(chance.randint(-200, 200) * 2 + 1, 8 * chance.choice((1, 2, 4)))
    return Fraction(chance.randint(1, 400), 16)


def _whole(interval: Interval, chance: random.Random) -> Fraction:
    value = chance.choice(list(interval.integers(INTEGERS)) or [Fraction(0)])
    is_free = interval.lower is None and interval.upper is None
    return -value if is_free and chance.random() < 0.5 else value
