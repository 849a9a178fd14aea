"""Whether numbers meet a condition: an equation or inequality without names, decided exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grader.checking.bounding import Certified, NotScalar, NoValue, Unclear, value_at
from grader.checking.domain import ANYTHING
from grader.checking.equality import Budget, decide
from grader.checking.verdict import Agreement, Outcome, OutOfBudget, Proof, Undefined, Verdict
from grader.reading.tree import Tree

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_DIGITS = (20, 60, 200)  # bounds are narrowed in these steps until they decide
_ORDERED: Mapping[str, Callable[[Certified, Certified], bool]] = {
    "<": lambda left, right: left.upper < right.lower,
    ">": lambda left, right: left.lower > right.upper,
}

Near = Callable[[Tree, Tree], Verdict]


class Met(NamedTuple):
    """Whether a condition is met, None where that is not decided, with the evidence."""

    holds: bool | None
    evidence: Proof | Agreement | Undefined | OutOfBudget


def met(left: Tree, operator: str, right: Tree, budget: Budget, near: Near | None = None) -> Met:
    """Whether the relation between two numbers holds; `near` says when they are taken for equal."""
    for side in (left, right):
        fault = _without_value(side)
        if fault is not None:
            return fault
    if operator == "!=":
        return _negated(_of(decide(left, right, ANYTHING, budget)))
    if operator == "=":
        return _of(near(left, right) if near is not None else decide(left, right, ANYTHING, budget))
    apart = _apart(left, operator[0], right)
    if operator in {"<", ">"}:
        return _negated(_close(left, right, budget)) if apart is None else Met(apart, Proof("certified bounds"))
    if apart or near is None:
        return _close(left, right, budget) if apart is None else Met(apart, Proof("certified bounds"))
    return _of(near(left, right))


def _close(left: Tree, right: Tree, budget: Budget) -> Met:
    """Whether two numbers that no bounds tell apart are equal; different ones stay undecided."""
    found = _of(decide(left, right, ANYTHING, budget))
    return found if found.holds else Met(None, OutOfBudget("the two sides are too close together to compare them"))


def _of(verdict: Verdict) -> Met:
    if verdict.outcome is Outcome.EQUAL:
        return Met(True, _kept(verdict))
    if verdict.outcome is Outcome.DIFFERENT:
        return Met(False, Proof("certified bounds"))
    return Met(None, OutOfBudget(str(verdict.evidence).rstrip(".")))


def _kept(verdict: Verdict) -> Proof | Agreement:
    evidence = verdict.evidence
    return evidence if isinstance(evidence, Proof | Agreement) else Proof("exact arithmetic")


def _negated(found: Met) -> Met:
    return found if found.holds is None else found._replace(holds=not found.holds)


def _apart(left: Tree, operator: str, right: Tree) -> bool | None:
    """Whether the first is certainly on the side that the operator says; None where bounds do not tell."""
    other = ">" if operator == "<" else "<"
    for digits in _DIGITS:
        try:
            one, two = value_at(left, {}, digits), value_at(right, {}, digits)
        except Unclear:
            return None
        if _ORDERED[operator](one, two):
            return True
        if _ORDERED[other](one, two):
            return False
        if one.exact is not None and two.exact is not None:
            return None
    return None


def _without_value(tree: Tree) -> Met | None:
    """What is to be said of a side that has no real value, or none that can be computed."""
    try:
        value_at(tree, {}, _DIGITS[0])
    except NoValue as error:
        return Met(False, Undefined(reason=str(error)))
    except (Unclear, NotScalar):
        return None
    return None
