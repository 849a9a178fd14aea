"""Two scalars compared: exactly by the ladder of evidence, or within a tolerance by certified bounds."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from grader.answers.base import Context
from grader.answers.grids import grid_of
from grader.answers.tolerance import Bounds, Tolerance, decimal_unit
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.checking.bounding import NoValue, Unclear, value_at
from grader.checking.equality import decide
from grader.checking.verdict import (
    Agreement,
    Counterexample,
    Outcome,
    OutOfBudget,
    Proof,
    TypeMismatch,
    Undefined,
    Verdict,
)
from grader.loading import later
from grader.reading.tree import Tree, literal_value, names_in

if TYPE_CHECKING:
    from grader.checking.isolated import isolated_difference
    from grader.checking.kinks import decide_at_kinks
else:
    isolated_difference = later("grader.checking.isolated:isolated_difference")
    decide_at_kinks = later("grader.checking.kinks:decide_at_kinks")

_DIGITS = (20, 60, 200)  # bounds are narrowed in these steps until they decide
_SHOWN = 12
_BRACKETED = frozenset({"set", "vector", "matrix", "transpose"})


def scalar_of(tree: Tree) -> Tree:
    """What `[x]`, `[[x]]` or `{x}` holds, for where a scalar is asked for brackets only group; else the tree."""
    if tree[0] not in _BRACKETED:
        return tree
    if tree.kind == "set" and len(tree.args) == 1:
        return tree.args[0]
    grid = grid_of(tree)
    return grid.rows[0][0] if grid is not None and grid.shape == (1, 1) else tree


def not_scalar(tree: Tree, expected: str) -> Verdict | None:
    """The verdict on something that is no scalar; None for a scalar."""
    if tree.kind in NOT_SCALAR or grid_of(tree) is not None:
        return Verdict(Outcome.INVALID, TypeMismatch(expected, kind_words(tree)))
    return None


def compare(response: Tree, key: Tree, tolerance: Tolerance | None, context: Context) -> Verdict:
    """The verdict on one scalar; with a tolerance the two must be near enough, without one equal."""
    response, key = scalar_of(response), scalar_of(key)
    mismatch = not_scalar(response, kind_words(key))
    if mismatch is not None:
        return mismatch
    if tolerance is None or names_in(response) or names_in(key):
        return equal(response, key, context)
    return _within(response, key, tolerance)


def equal(response: Tree, key: Tree, context: Context, *, strict: bool = False) -> Verdict:
    """The verdict by the ladder of evidence; where it is strict, values at isolated points count too."""
    verdict = decide(response, key, context.domain, context.budget)
    if verdict.outcome is Outcome.UNDECIDED:
        return decide_at_kinks(response, key, context.domain, context.budget) or verdict
    if strict and verdict.outcome is Outcome.EQUAL:
        return isolated_difference(response, key, context.domain) or verdict
    return verdict


def _within(response: Tree, key: Tree, tolerance: Tolerance) -> Verdict:
    for digits in _DIGITS:
        try:
            theirs = _bounds(key, digits)
        except (NoValue, Unclear) as error:
            return Verdict(Outcome.UNDECIDED, OutOfBudget(f"the answer's own value could not be computed: {error}"))
        try:
            mine = _bounds(response, digits)
        except NoValue as error:
            return Verdict(Outcome.INVALID, Undefined(reason=str(error)))
        except Unclear as error:
            return Verdict(Outcome.UNDECIDED, OutOfBudget(str(error) or "the value is too hard to compute"))
        agrees = tolerance.agrees(mine, theirs)
        if agrees:
            return Verdict(Outcome.EQUAL, Proof(f"within the tolerance: {tolerance.words()}"))
        if agrees is False:
            return Verdict(Outcome.DIFFERENT, Counterexample((), decimal_words(mine), decimal_words(theirs)))
    # A value that cannot be told from the very edge of the tolerance is on the edge, and the edge is inside.
    return Verdict(Outcome.EQUAL, Agreement(1, _DIGITS[-1]))


def _bounds(tree: Tree, digits: int) -> Bounds:
    found = value_at(tree, {}, digits)
    return Bounds(found.lower, found.upper)


def looks_rounded(response: Tree, key: Tree) -> bool:
    """Whether the response is a decimal that agrees with the key to all the digits that it has."""
    unit = decimal_unit(response)
    value = literal_value(response)
    if unit is None or value is None:
        return False
    try:
        right = _bounds(key, _DIGITS[0])
    except (NoValue, Unclear):
        return False
    return max(abs(value - right.low), abs(value - right.high)) <= unit / 2


def decimal_words(value: Bounds) -> str:
    """The value as a decimal of at most 12 digits, for the record.

    >>> from fractions import Fraction
    >>> decimal_words(Bounds(Fraction(1, 64), Fraction(1, 64)))
    '0.015625'
    """
    middle = (value.low + value.high) / 2
    with localcontext(prec=_SHOWN):
        shown = Decimal(middle.numerator) / Decimal(middle.denominator)
    return f"{shown:f}" if -_SHOWN < shown.adjusted() < _SHOWN else f"{shown:e}"
