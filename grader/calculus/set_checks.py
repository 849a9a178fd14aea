"""Sets of solutions checked by their condition, a little to both sides of every end and on it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise

from grader.calculus.finite_differences import generic_points
from grader.calculus.second_routes import KeyCheckFailed, NoPoint
from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import Certified, value_at
from grader.checking.domain import Domain
from grader.checking.set_conditions import NoSet, condition_of, infinite_sign, relations
from grader.checking.solution_sets import compare_sets
from grader.checking.verdict import Counterexample, Outcome
from grader.reading.tree import Tree, names_in

ROUTE = "the condition"
DIGITS = 30
NEAR = Fraction(1, 10**9)
FAR = 1000
PARAMETER_POINTS = 3


def check_solutions(condition: Tree, unknown: str, key: Tree, domain: Domain) -> None:
    """Check that the key is where the condition holds, within the domain; raises KeyCheckFailed."""
    try:
        within = condition_of(key, unknown)
    except NoSet as error:
        raise KeyCheckFailed("type", f"The key is no set of numbers: {error}.") from None
    others = (names_in(within) | names_in(condition)) - {unknown}
    compared = 0
    for point in islice(generic_points(others, domain), PARAMETER_POINTS) if others else ({},):
        for number in _tried(within, unknown, point, domain):
            compared += _compare(within, condition, {**point, unknown: number})
    if not compared:
        raise NoPoint(ROUTE, "There is no number at which it could be tried.")
    _compare_solved(condition, within, unknown, domain)


def _compare_solved(condition: Tree, within: Tree, unknown: str, domain: Domain) -> None:
    """The condition solved exactly, where that is possible: so that a solution that the key has not is found."""
    verdict = compare_sets(within, condition, unknown, domain).verdict
    if verdict.outcome is Outcome.DIFFERENT and isinstance(verdict.evidence, Counterexample):
        found = verdict.evidence
        raise KeyCheckFailed(
            ROUTE, "One of the two is wrong.", found.point, f"{found.response_value}", f"{found.answer_value}"
        )


def _tried(within: Tree, unknown: str, point: dict[str, Fraction], domain: Domain) -> Iterator[Fraction]:
    """Every end that is a fraction, numbers right beside every end, between two and far away."""
    sides = [side for relation in relations(within) for side in relation.args if unknown not in names_in(side)]
    found = [_value(side, point) for side in sides if not infinite_sign(side)]
    ends = sorted({(each.middle, each.lower == each.upper) for each in found if each is not None})
    values = [end for end, _ in ends]
    numbers = [end for end, is_exact in ends if is_exact]
    numbers += [end + NEAR * sign for end in values for sign in (-1, 1)]
    numbers += [(low + high) / 2 for low, high in pairwise(values)]
    numbers += [-FAR - Fraction(1, 7), -Fraction(1, 3), Fraction(0), Fraction(2, 7), FAR + Fraction(1, 7)]
    variable = domain.variable(unknown)
    yield from (number for number in sorted(set(numbers)) if variable.holds(number))


def _value(tree: Tree, point: dict[str, Fraction]) -> Certified | None:
    try:
        return value_at(tree, point, DIGITS)
    except (NoValue, Unclear):
        return None


def _compare(within: Tree, condition: Tree, point: dict[str, Fraction]) -> bool:
    mine, theirs = truth(within, point), truth(condition, point)
    if mine is None or theirs is None:
        return False
    if mine != theirs:
        at = tuple((name, str(number)) for name, number in point.items())
        words = ("a set with this number", "a set without it")
        raise KeyCheckFailed(ROUTE, "One of the two is wrong.", at, *(words if mine else words[::-1]))
    return True


def truth(condition: Tree, point: dict[str, Fraction]) -> bool | None:
    """Whether a condition holds at a point; None where that cannot be told."""
    if condition.kind in {"and", "or"}:
        decisive = condition.kind == "or"
        truths = [truth(each, point) for each in condition.args]
        return decisive if decisive in truths else None if None in truths else not decisive
    operators = condition.value.split()
    pairs = zip(condition.args, operators, condition.args[1:], strict=False)
    truths = [_related(left, operator, right, point) for left, operator, right in pairs]
    return False if False in truths else None if None in truths else True


def _related(left: Tree, operator: str, right: Tree, point: dict[str, Fraction]) -> bool | None:
    infinite = infinite_sign(right) - infinite_sign(left)
    if infinite:
        return operator in {"<", "<=", "!="} if infinite > 0 else operator in {">", ">=", "!="}
    try:
        found = value_at(Tree("sum", (left, Tree("neg", (right,)))), point, DIGITS)
    except NoValue:
        return False
    except Unclear:
        return None
    if found.lower > 0 or found.upper < 0:
        sign = 1 if found.lower > 0 else -1
        return operator in _SIGNS[sign]
    return operator in _SIGNS[0] if found.lower == found.upper == 0 else None


_SIGNS = {1: (">", ">=", "!="), -1: ("<", "<=", "!="), 0: ("=", "<=", ">=")}
