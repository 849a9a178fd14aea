"""Whether two conditions on an unknown have the same solutions: proved, disproved at a point, or not decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import enclose
from grader.checking.domain import Domain
from grader.checking.explicit_ends import same_ends
from grader.checking.identical import identical
from grader.checking.printed import rounded_words, short
from grader.checking.programs import MissingName, NotScalar
from grader.checking.reals import Real
from grader.checking.sampling import Interval, Point, VariableDomain
from grader.checking.set_conditions import TRUE, at, infinite_sign, pair, relations
from grader.checking.solving import Cells, Unsolved, cells_of, holds_at
from grader.checking.verdict import Agreement, Counterexample, Outcome, OutOfBudget, Proof, Undefined, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, name, names_in, neg, number

WITHIN, WITHOUT = "a set with this point", "a set without this point"
PARAMETER_POINTS = 20
FEWEST_POINTS = 8
DIGITS = 40


@dataclass(frozen=True, slots=True)
class SetsCompared:
    """The verdict, and what a difference looks like: `ends`, `complement`, `missing`, `extra`, `empty` or nothing."""

    verdict: Verdict
    likeness: str = ""
    pieces: tuple[int, int] = (0, 0)


def compare_sets(response: Tree, key: Tree, unknown: str, domain: Domain) -> SetsCompared:
    """Two conditions compared, within the unknown's own domain, for all values of the other names."""
    undefined = _undefined_end(response)
    if undefined is not None:
        return SetsCompared(Verdict(Outcome.INVALID, undefined))
    if response == key:
        return SetsCompared(Verdict(Outcome.EQUAL, Proof("the same condition")))
    parameters = sorted((names_in(response) | names_in(key)) - {unknown})
    variable = domain.variable(unknown)
    region = within(variable, name(unknown))
    mine, theirs = (condition if region == TRUE else Tree("and", (condition, region)) for condition in (response, key))
    if not parameters:
        return _compared(mine, theirs, unknown, variable, {}) or _unsolved(mine, theirs, unknown, domain)
    return _with_parameters(mine, theirs, unknown, domain, tuple(parameters))


def within(variable: VariableDomain, operand: Tree) -> Tree:
    """The condition that the operand lies in the domain of a variable."""
    if variable.intervals == (Interval(None, None),):
        return TRUE
    return Tree("or", tuple(Tree("and", tuple(_ends(interval, operand))) for interval in variable.intervals))


def _ends(interval: Interval, operand: Tree) -> Iterator[Tree]:
    if interval.lower is not None:
        yield pair(operand, ">=" if interval.lower_closed else ">", number(interval.lower))
    if interval.upper is not None:
        yield pair(operand, "<=" if interval.upper_closed else "<", number(interval.upper))


def _undefined_end(condition: Tree) -> Undefined | None:
    """The evidence that a number in the condition has no value."""
    for relation in relations(condition):
        for side in relation.args:
            if not names_in(side) and not infinite_sign(side):
                try:
                    enclose(side, {})
                except NoValue as error:
                    return Undefined(reason=str(error))
                except (Unclear, NotScalar, MissingName):
                    continue
    return None


def _compared(mine: Tree, theirs: Tree, unknown: str, variable: VariableDomain, point: Point) -> SetsCompared | None:
    """The exact comparison where the parameters have these values; None where it is not solved."""
    values = {each: number(value) for each, value in point.items()}
    try:
        cells = cells_of((at(mine, values), at(theirs, values)), unknown)
        difference = _witness(cells, variable)
    except Unsolved:
        return None
    likeness, pieces = _likeness(cells)
    if difference is None:
        return SetsCompared(Verdict(Outcome.EQUAL, Proof("the same solutions, by exact ends")), "", pieces)
    witness, is_mine = difference
    verdict = _apart({**_texts(point), unknown: _text(witness)}, is_mine=is_mine)
    if point and likeness == "complement":
        likeness = ""
    return SetsCompared(verdict, likeness, pieces)


def _apart(point: Mapping[str, str], *, is_mine: bool) -> Verdict:
    values = (WITHIN, WITHOUT) if is_mine else (WITHOUT, WITHIN)
    return Verdict(Outcome.DIFFERENT, Counterexample(tuple(point.items()), *values))


def _witness(cells: Cells, variable: VariableDomain) -> tuple[Real, bool] | None:
    """A number in one of the sets only and whether that is the first; from an interval rather than an end."""
    mine, theirs = cells.members
    apart = [cell for cell in range(len(mine)) if mine[cell] != theirs[cell]]
    if variable.integer:
        for cell in apart:
            found = cells.whole_number(cell)
            if found is not None:
                return found, mine[cell]
        return None
    for cell in sorted(apart, key=lambda each: each % 2):
        return cells.inside(cell), mine[cell]
    return None


def _likeness(cells: Cells) -> tuple[str, tuple[int, int]]:
    """How two sets differ, in one word, and of how many pieces each consists."""
    mine, theirs = cells.members
    counts = (_pieces(mine), _pieces(theirs))
    open_apart = [mine[cell] != theirs[cell] for cell in range(0, len(mine), 2)]
    if not any(mine):
        return "empty", counts
    if not any(open_apart):
        return "ends", counts
    if all(open_apart):
        return "complement", counts
    if all(b or not a for a, b in zip(mine, theirs, strict=True)):
        return "missing", counts
    return ("extra" if all(a or not b for a, b in zip(mine, theirs, strict=True)) else ""), counts


def _pieces(members: tuple[bool, ...]) -> int:
    return sum(1 for cell, here in enumerate(members) if here and (cell == 0 or not members[cell - 1]))


def _text(value: Real) -> str:
    if value.rational is not None:
        return short(value.rational)
    if value.tree is not None or (value.minimal is not None and value.minimal.degree() == 2):
        return to_text(value.as_tree())
    low, high = value.bounds(64)
    return rounded_words((low + high) / 2)


def _texts(point: Point) -> dict[str, str]:
    return {each: short(value) for each, value in point.items()}


def _with_parameters(mine: Tree, theirs: Tree, unknown: str, domain: Domain, names: tuple[str, ...]) -> SetsCompared:
    """The comparison at many values of the other names, and the proof for all of them where the ends are explicit."""
    variable = domain.variable(unknown)
    agreed, unclear = 0, 0
    first: SetsCompared | None = None
    for point in islice(domain.points(names), PARAMETER_POINTS):
        if not _is_defined(theirs, unknown, point):
            continue
        found = _compared(mine, theirs, unknown, variable, point)
        if found is None:
            unclear += 1
            if unclear > 2:
                break
        elif found.verdict.outcome is Outcome.DIFFERENT:
            first = first or found
            if found.likeness in {"ends", "complement", "missing"} or found is not first:
                return first
        else:
            agreed += 1
    if first is not None:
        return first
    proved = same_ends(mine, theirs, unknown, domain)
    if proved is not None and (agreed or not unclear):
        return SetsCompared(Verdict(Outcome.EQUAL, proved))
    if agreed >= FEWEST_POINTS and not unclear:
        return SetsCompared(Verdict(Outcome.EQUAL, Agreement(agreed, DIGITS)))
    return SetsCompared(_undecided())


def _is_defined(condition: Tree, unknown: str, point: Point) -> bool:
    """Whether the ends without the unknown have values at the point."""
    for relation in relations(condition):
        for side in relation.args:
            if unknown not in names_in(side):
                try:
                    enclose(side, point)
                except NoValue:
                    return False
                except (Unclear, NotScalar, MissingName):
                    continue
    return True


def _unsolved(mine: Tree, theirs: Tree, unknown: str, domain: Domain) -> SetsCompared:
    """Without exact ends: the same condition, or a number at which one certainly holds and the other does not."""
    if identical(_canonical(mine), _canonical(theirs)):
        return SetsCompared(Verdict(Outcome.EQUAL, Proof("the same condition up to order")))
    samples = [point[unknown] for point in domain.points([unknown])]
    steps = [Fraction(step, 4) for step in range(-48, 49)]
    variable = domain.variable(unknown)
    for value in [*samples, *(each for each in steps if variable.holds(each))]:
        first = holds_at(mine, unknown, value)
        second = holds_at(theirs, unknown, value)
        if first is not None and second is not None and first is not second:
            return SetsCompared(_apart({unknown: short(value)}, is_mine=first))
    return SetsCompared(_undecided())


def _canonical(condition: Tree) -> Tree:
    """The condition with every comparison written as a difference and zero, the larger side first."""
    if condition.kind in {"and", "or"}:
        return Tree(condition.kind, tuple(map(_canonical, condition.args)))
    left, right = condition.args
    first, second = (right, left) if condition.value[0] == "<" else (left, right)
    way = condition.value.replace("<", ">")
    return Tree("relation", (add(first, neg(second)), number(0)), way)


def _undecided() -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget("the two solution sets could neither be proved equal nor told apart"))
