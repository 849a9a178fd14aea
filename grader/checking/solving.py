"""Conditions on one unknown as exact subsets of the real line, cut into cells on which nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import enclose
from grader.checking.kernel_ratios import KernelRatios
from grader.checking.polynomials import TooLarge
from grader.checking.programs import MissingName, NotScalar
from grader.checking.reals import Real, in_order, simplest_between
from grader.checking.sign_formulas import FALSE, Every, Formula, Sign, Some, Splitting, atoms
from grader.reading.tree import Tree, add, neg, number

MOST_ATOMS = 600
MOST_WORK = 2_000_000


class Unsolved(Exception):
    """The condition is not of a kind that is solved exactly."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The real line cut at break points; cell 2k is the interval before break k, cell 2k + 1 the break itself.

    `members` says for each set and each cell whether it belongs to the set.
    """

    breaks: tuple[Real, ...]
    members: tuple[tuple[bool, ...], ...]

    def inside(self, cell: int) -> Real:
        """A number of the cell, a simple one where there is a choice."""
        if cell % 2:
            return self.breaks[cell // 2]
        low = self.breaks[cell // 2 - 1].bounds()[1] if cell else None
        high = self.breaks[cell // 2].bounds()[0] if cell // 2 < len(self.breaks) else None
        if low is not None and high is not None and low >= high:
            low, high = self.breaks[cell // 2 - 1].bounds(1024)[1], self.breaks[cell // 2].bounds(1024)[0]
            if low >= high:
                raise Unsolved
        return Real(simplest_between(low, high))

    def whole_number(self, cell: int) -> Real | None:
        """The whole number of the cell nearest to its lower end, or to its upper one; None where there is none."""
        if cell % 2:
            here = self.breaks[cell // 2]
            if here.rational is None and not _is_apart_from_integers(here):
                raise Unsolved
            return here if here.rational is not None and here.rational.denominator == 1 else None
        low = self.breaks[cell // 2 - 1] if cell else None
        high = self.breaks[cell // 2] if cell // 2 < len(self.breaks) else None
        if low is None:
            return Real(Fraction(0) if high is None else Fraction(_ceiling(high) - 1))
        first = _floor(low) + 1
        if high is not None and first >= _ceiling(high):
            return None
        return Real(Fraction(first))


def _floor(value: Real) -> int:
    low, high = value.bounds(128)
    if low.__floor__() != high.__floor__():
        raise Unsolved
    return low.__floor__()


def _ceiling(value: Real) -> int:
    low, high = value.bounds(128)
    if low.__ceil__() != high.__ceil__():
        raise Unsolved
    return low.__ceil__()


def _is_apart_from_integers(value: Real) -> bool:
    low, high = value.bounds(128)
    return low.__floor__() == high.__floor__() and low.denominator != 1


def cells_of(conditions: tuple[Tree, ...], unknown: str) -> Cells:
    """The sets that the conditions describe, on one common subdivision; raises Unsolved."""
    try:
        formulas = [formula_of(each, unknown) for each in conditions]
        used = [atom for formula in formulas for atom in atoms(formula)]
        if len(used) > MOST_ATOMS:
            raise Unsolved
        groups = in_order([root for atom in used for root, _ in atom.roots])
    except (Unclear, TooLarge, NotScalar, MissingName, NoValue) as error:
        raise Unsolved(str(error)) from None
    places = {id(root): place for place, group in enumerate(groups) for root in group}
    count = 2 * len(groups) + 1
    if count * len(used) > MOST_WORK:
        raise Unsolved
    signs = {id(atom): _signs(atom, places, count) for atom in used}
    members = tuple(tuple(_holds(formula, signs, cell) for cell in range(count)) for formula in formulas)
    return Cells(tuple(_plainest(group) for group in groups), members)


def _plainest(group: list[Real]) -> Real:
    """Of equal numbers the one that is best known."""
    return min(group, key=lambda each: (each.rational is None, each.tree is None))


def _signs(atom: Sign, places: Mapping[int, int], count: int) -> list[int]:
    """The sign of the atom's polynomial on every cell."""
    changes = [0] * count
    zeros = set()
    for root, times in atom.roots:
        cell = 2 * places[id(root)] + 1
        zeros.add(cell)
        changes[cell] += times
    signs = [0] * count
    current = atom.leading
    for cell in range(count - 1, -1, -1):
        if cell in zeros:
            current *= (-1) ** changes[cell]
        else:
            signs[cell] = current
    return signs


def _holds(formula: Formula, signs: Mapping[int, list[int]], cell: int) -> bool:
    if isinstance(formula, Sign):
        return signs[id(formula)][cell] in formula.allowed
    parts = (_holds(part, signs, cell) for part in formula.parts)
    return all(parts) if isinstance(formula, Every) else any(parts)


def formula_of(condition: Tree, unknown: str) -> Formula:
    """The condition as a formula of signs; raises Unclear, TooLarge or NotScalar where there is none."""
    if condition.kind == "and":
        return Every(tuple(formula_of(each, unknown) for each in condition.args))
    if condition.kind == "or":
        return Some(tuple(formula_of(each, unknown) for each in condition.args))
    left, right = condition.args
    ratios = KernelRatios((unknown,))
    try:
        difference = ratios.of_tree(add(left, neg(right)))
        return Splitting(ratios).relation(difference, condition.value)
    except NoValue:
        return FALSE


def holds_at(condition: Tree, unknown: str, value: Fraction) -> bool | None:
    """Whether the condition certainly holds at a rational number; None where that is not clear."""
    if condition.kind in {"and", "or"}:
        decisive = condition.kind == "or"
        parts = [holds_at(each, unknown, value) for each in condition.args]
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    case = Tree("piecewise", (Tree("case", (number(1), condition)), Tree("otherwise", (number(0),))))
    for precision in (128, 512):
        try:
            found = enclose(case, {unknown: value}, precision)
        except NoValue:
            return False
        except (Unclear, NotScalar, MissingName):
            continue
        if found.exact is not None:
            return bool(found.exact)
    return None
