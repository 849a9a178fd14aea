"""Whether two matrix equations say the same.

They do when one difference of sides is a number other than 0 times the other, or times its transpose;
and when both, at every draw, have the same solutions for a variable that both are affine in.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from flint import fmpq, fmpq_mat

from grader.checking.balls import NoValue, Unclear
from grader.checking.matrix_equality import ENOUGH_DRAWS, EXACT_DIGITS, Comparer, matrix_text, point_words
from grader.checking.matrix_terms import Term, names_in, scaled, transposed
from grader.checking.matrix_values import EXACT, Draw, NotExact, Value, value_of
from grader.checking.shapes import match_shapes
from grader.checking.verdict import Agreement, Counterexample, Outcome, OutOfBudget, Proof, Verdict

MOST_UNKNOWNS = 36
DRAWS_SOLVED = 12
LEAST_SOLVED = 6


class Solutions(NamedTuple):
    """The solutions of an affine equation as reduced rows, with the constant in the last column."""

    rows: fmpq_mat
    rank: int
    consistent: bool


def decide_equations(response: Term, answer: Term, comparer: Comparer) -> Verdict:
    """The verdict on two equations, each given as its left side minus its right."""
    for mine in dict.fromkeys((response, transposed(response))):
        if match_shapes(mine.shape, answer.shape):
            if comparer.is_proved(mine, answer):
                return Verdict(Outcome.EQUAL, Proof("normal form of matrices"))
            found = _multiple(mine, answer, comparer)
            if found is not None:
                return found
    try:
        return _by_solutions(response, answer, comparer)
    except NotExact:
        return _undecided("their solutions cannot be worked out exactly")


def _undecided(reason: str) -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))


def _multiple(response: Term, answer: Term, comparer: Comparer) -> Verdict | None:
    """Equal, if one is a number times the other; the number may depend on the sizes alone."""
    try:
        ratios = list(_ratios(response, answer, comparer))
    except NotExact:
        return _same_up_to_sign(response, answer, comparer)
    if len(ratios) < ENOUGH_DRAWS or None in ratios:
        return None
    by_sizes: dict[str, set[fmpq]] = {}
    for ratio in ratios:
        if ratio is not None:
            by_sizes.setdefault(str(sorted(ratio[0].sizes.items())), set()).add(ratio[1])
    factors = set[fmpq]().union(*by_sizes.values())
    if any(len(found) > 1 for found in by_sizes.values()) or 0 in factors:
        return None
    if len(factors) == 1:
        factor = factors.pop()
        if comparer.is_proved(response, scaled(Fraction(int(factor.p), int(factor.q)), answer)):
            return Verdict(Outcome.EQUAL, Proof("normal form of matrices"))
    return Verdict(Outcome.EQUAL, Agreement(len(ratios), EXACT_DIGITS))


def _same_up_to_sign(response: Term, answer: Term, comparer: Comparer) -> Verdict | None:
    for sign in (1, -1):
        verdict = comparer.decide(response, scaled(sign, answer))
        if verdict.outcome is Outcome.EQUAL:
            return verdict
    return None


def _ratios(response: Term, answer: Term, comparer: Comparer) -> Iterator[tuple[Draw, fmpq] | None]:
    """At every draw the number that takes the answer to the response; None where there is none."""
    for draw in comparer.draws((response, answer), EXACT):
        theirs, mine = _value(answer, draw), _value(response, draw)
        if theirs is None or mine is None:
            yield None
            return
        entry = next((pair for pair in zip(mine.entries(), theirs.entries(), strict=True) if pair[1] != 0), None)
        if entry is None:
            continue
        ratio = entry[0] / entry[1]
        if mine != theirs * ratio:
            yield None
            return
        yield draw, ratio


def _value(term: Term, draw: Draw) -> Value | None:
    try:
        return value_of(term, draw, EXACT)
    except (NoValue, Unclear):
        return None


def _by_solutions(response: Term, answer: Term, comparer: Comparer) -> Verdict:
    """Compare the solutions for a variable that stands in both, all else as drawn."""
    for name in sorted(names_in(response) & names_in(answer)):
        verdict = _for_unknown(name, response, answer, comparer)
        if verdict is not None:
            return verdict
    return _undecided("the two equations could not be solved to compare them")


def _for_unknown(name: str, response: Term, answer: Term, comparer: Comparer) -> Verdict | None:
    """None where the equations are not affine in this variable."""
    agreed = undefined = 0
    for draw in comparer.draws((response, answer), EXACT):
        if not draw.is_generic:
            continue
        try:
            theirs = solutions(answer, name, draw)
        except (NoValue, Unclear):
            continue
        try:
            mine = solutions(response, name, draw)
        except (NoValue, Unclear):
            undefined += 1
            continue
        if mine is None or theirs is None:
            return None
        if not theirs.consistent:
            continue
        if mine != theirs:
            return Verdict(Outcome.DIFFERENT, _counterexample(name, draw, mine, theirs))
        agreed += 1
        if agreed >= DRAWS_SOLVED:
            break
    if agreed < LEAST_SOLVED:
        return None
    if undefined:
        return _undecided("the response has no value for some sizes for which the answer has one")
    return Verdict(Outcome.EQUAL, Agreement(agreed, EXACT_DIGITS))


def solutions(term: Term, name: str, draw: Draw) -> Solutions | None:
    """For which values of the variable the term is zero; None where it is not affine in it."""
    current = draw.values[name]
    rows, columns = current.nrows(), current.ncols()
    count = rows * columns
    if count > MOST_UNKNOWNS:
        raise Unclear("the matrices are too large")

    def at(entries: list[int]) -> list[fmpq]:
        return _at(term, name, draw, fmpq_mat(rows, columns, entries))

    constant = at([0] * count)
    units = [[int(i == j) for j in range(count)] for i in range(count)]
    parts = [[a - b for a, b in zip(at(unit), constant, strict=True)] for unit in units]
    there = _at(term, name, draw, current)
    for row, value in enumerate(there):
        if constant[row] + sum((parts[i][row] * current.entries()[i] for i in range(count)), fmpq(0)) != value:
            return None
    system = [entry for row in range(len(constant)) for entry in (*(part[row] for part in parts), constant[row])]
    reduced, rank = fmpq_mat(len(constant), count + 1, system).rref()
    kept = fmpq_mat(rank, count + 1, reduced.entries()[: rank * (count + 1)])
    consistent = all(any(kept[i, j] != 0 for j in range(count)) for i in range(rank))
    return Solutions(kept, rank, consistent)


def _at(term: Term, name: str, draw: Draw, value: fmpq_mat) -> list[fmpq]:
    entries: list[fmpq] = value_of(term, Draw(draw.sizes, {**draw.values, name: value}), EXACT).entries()
    return entries


def _counterexample(name: str, draw: Draw, mine: Solutions, theirs: Solutions) -> Counterexample:
    point = tuple(pair for pair in point_words(draw) if pair[0] != name)
    shape = draw.values[name].nrows(), draw.values[name].ncols()
    return Counterexample(point, _solution_words(name, mine, shape), _solution_words(name, theirs, shape))


def _solution_words(name: str, found: Solutions, shape: tuple[int, int]) -> str:
    count = shape[0] * shape[1]
    if not found.consistent:
        return f"an equation without solution {name}"
    if found.rank == count:
        solution = fmpq_mat(*shape, [-found.rows[i, count] for i in range(count)])
        text = matrix_text(solution)
        return f"true for {name} = {text}" if len(text) <= 80 else f"true for one {name}"
    return f"true for infinitely many {name} ({count - found.rank} entries are free)"
