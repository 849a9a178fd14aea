"""Small formulas in the quantities of a problem, looked up by the values that they have in its variants."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log, sqrt

from grader.reading.tree import Tree, add, call, divide, multiply, name, neg, number, power

MOST_FORMULAS = 9000
MOST_NAMES = 16
MOST_LONG_NAMES = 7
"""So many names are put together three at a time."""
LARGEST = 1e9
CONSTANTS = (0, 1, 2, 3, 4, 5, 6, 10)
SIMPLE, SHORT, MIDDLING, LONG = range(4)
Column = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with its value in each variant; `size` tells simple ones from long ones."""

    tree: Tree
    values: Column
    size: int


class Library:
    """Different formulas, the simplest first; of those that are equal in every variant only one is kept."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.formulas: list[Formula] = []
        self.counts = [0, 0, 0, 0]
        self._known: set[tuple[str, ...]] = set()
        self._variants = len(next(iter(columns.values()), ()))
        self._sorted: dict[int, tuple[list[float], list[int]]] = {}
        for formula in _made(columns, self._variants):
            self._keep(formula)
            if len(self.formulas) >= MOST_FORMULAS:
                break

    def _keep(self, formula: Formula) -> None:
        defined = sum(value is not None for value in formula.values)
        if 2 * defined < self._variants:
            return
        key = tuple(["" if value is None else f"{value + 0.0:.9e}" for value in formula.values])
        if key in self._known:
            return
        self._known.add(key)
        self.formulas.append(formula)
        self.counts[formula.size] += 1

    def upto(self, size: int) -> int:
        """How many formulas are at most of this size."""
        return max(1, sum(self.counts[: size + 1]))

    def matching(self, variant: int, value: float, slack: float) -> list[int]:
        """The formulas, by their numbers, that have this value in this variant."""
        values, numbers = self._in(variant)
        reach = max(slack, 1e-9 * max(1.0, abs(value)))
        found = []
        place = bisect_left(values, value - reach)
        while place < len(values) and values[place] <= value + reach:
            found.append(numbers[place])
            place += 1
        return found

    def _in(self, variant: int) -> tuple[list[float], list[int]]:
        known = self._sorted.get(variant)
        if known is None:
            column = (
                (formula.values[variant], place)
                for place, formula in enumerate(self.formulas)
                if formula.values[variant] is not None
            )
            pairs = sorted((value, place) for value, place in column if value is not None)
            known = self._sorted[variant] = [value for value, _ in pairs], [place for _, place in pairs]
        return known


def surprise(formulas: int, among: int, shares: Sequence[float]) -> float:
    """How unlikely it is that chance makes some formula fit, as a negative logarithm; the larger, the surer.

    `shares` says of each variant that it fits in, which share of all formulas fits there; `among` is how
    many variants there are to fit in.
    """
    choices = sum(log((among - k) / (k + 1)) for k in range(len(shares)))
    return -(log(formulas) + choices + sum(log(max(share, 1e-9)) for share in shares))


Operation = tuple[Callable[[float, float], float | None], Callable[[Tree, Tree], Tree]]


def _quotient(x: float, y: float) -> float | None:
    return x / y if y else None


def _raised(x: float, y: float) -> float | None:
    if not -4 <= y <= 12 or y != int(y) or (x == 0 and y <= 0) or abs(x) > 100:
        return None
    return float(x ** int(y))


def _subtracted(x: Tree, y: Tree) -> Tree:
    return add(x, neg(y))


PLUS: Operation = (lambda x, y: x + y, add)
MINUS: Operation = (lambda x, y: x - y, _subtracted)
TIMES: Operation = (lambda x, y: x * y, multiply)
OVER: Operation = (_quotient, divide)
TO_THE: Operation = (_raised, power)


def _made(columns: Mapping[str, Column], variants: int) -> Iterator[Formula]:
    """All formulas, simple ones first."""
    names = [Formula(name(each), column, SIMPLE) for each, column in list(columns.items())[:MOST_NAMES]]
    constants = [Formula(number(value), (float(value),) * variants, SIMPLE) for value in CONSTANTS]
    yield from constants[:3]
    yield from names
    short = [formula for atom in names for formula in _alone(atom)]
    yield from short
    yield from constants[3:]
    yield Formula(neg(number(1)), (-1.0,) * variants, SIMPLE)
    pairs = list(_pairs(names, constants[2:6]))
    yield from pairs
    few = names[:MOST_LONG_NAMES]
    yield from _powers(few)
    inner = [formula for formula in _pairs(few, constants[1:3]) if formula.size == MIDDLING]
    for formula in inner:
        yield _negated(formula, LONG)
        for atom in [*few, *constants[1:3]]:
            for operation in (TIMES, PLUS, MINUS, OVER):
                yield _joined(operation, formula, atom, LONG)
            yield _joined(MINUS, atom, formula, LONG)
            yield _joined(OVER, atom, formula, LONG)


def _alone(atom: Formula) -> Iterator[Formula]:
    """What is made of one quantity."""
    one, two = (Formula(number(value), (float(value),) * len(atom.values), SIMPLE) for value in (1, 2))
    yield _negated(atom, SHORT)
    yield _joined(TIMES, two, atom, SHORT)
    yield _joined(OVER, atom, two, SHORT)
    yield _joined(TO_THE, atom, two, SHORT)
    yield _joined(PLUS, atom, one, SHORT)
    yield _joined(MINUS, atom, one, SHORT)
    yield _joined(MINUS, one, atom, SHORT)
    yield _joined(OVER, one, atom, SHORT)
    roots = tuple(sqrt(value) if value is not None and value >= 0 else None for value in atom.values)
    yield Formula(call("sqrt", atom.tree), roots, SHORT)


def _pairs(names: Sequence[Formula], constants: Sequence[Formula]) -> Iterator[Formula]:
    """What is made of two quantities, or of one and a small number."""
    for place, first in enumerate(names):
        for second in [*names[place + 1 :], *constants]:
            for operation in (PLUS, TIMES):
                yield _joined(operation, first, second, MIDDLING)
            product = _joined(TIMES, first, second, MIDDLING)
            yield _negated(product, MIDDLING)
            for one, other in ((first, second), (second, first)):
                for operation in (MINUS, OVER, TO_THE):
                    yield _joined(operation, one, other, MIDDLING)


def _powers(names: Sequence[Formula]) -> Iterator[Formula]:
    """Powers as derivatives have them: a quantity to another less one, with a third one in front."""
    for exponent in names:
        one = Formula(number(1), (1.0,) * len(exponent.values), SIMPLE)
        lower = _joined(MINUS, exponent, one, SHORT)
        for base in names:
            for shifted in (lower, exponent):
                raised = _joined(TO_THE, base, shifted, LONG)
                yield raised
                for factor in names:
                    yield _joined(TIMES, factor, raised, LONG)


def _negated(formula: Formula, size: int) -> Formula:
    return Formula(neg(formula.tree), tuple(None if v is None else -v for v in formula.values), size)


def _joined(operation: Operation, first: Formula, second: Formula, size: int) -> Formula:
    work, write = operation
    pairs = zip(first.values, second.values, strict=True)
    values = tuple([None if x is None or y is None else _bounded(work(x, y)) for x, y in pairs])
    return Formula(write(first.tree, second.tree), values, size)


def _bounded(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) and abs(value) <= LARGEST else None
