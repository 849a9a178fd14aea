"""Steps at their kink, where books give them different values: any value between 0 and 1 is right."""

from __future__ import annotations

from fractions import Fraction

from grader.checking.bounding import Certified, NotScalar, NoValue, Unclear, enclose
from grader.checking.domain import Domain
from grader.checking.equality import Budget, decide
from grader.checking.identical import Numbering
from grader.checking.normal import constant_of
from grader.checking.sampling import Point
from grader.checking.verdict import Outcome, Proof, Verdict
from grader.reading.tree import Tree, add, divide, multiply, names_in, neg, number, rebuild, substitute, walk

USUAL = (Fraction(1), Fraction(0), Fraction(1, 2))
FEW_POINTS = 6


def decide_at_kinks(response: Tree, answer: Tree, domain: Domain, budget: Budget) -> Verdict | None:
    """The verdict where one of the two holds a step of zero; None where neither does, or nothing is certain.

    The value of the step is the same wherever it stands.
    """
    if not any(_is_at_kink(node) for tree in (response, answer) for node in walk(tree)):
        return None
    verdicts = [decide(_with(response, v), _with(answer, v), domain, budget) for v in map(number, USUAL)]
    if any(verdict.outcome is Outcome.EQUAL for verdict in verdicts):
        return Verdict(Outcome.EQUAL, Proof("a step has any value at its kink"))
    first, second, _ = verdicts
    if any(verdict.outcome is not Outcome.DIFFERENT for verdict in (first, second)):
        return None
    return _solved(response, answer, domain, budget, first)


def _is_at_kink(node: Tree) -> bool:
    """Whether the node is a step of zero."""
    if node.kind != "call" or node.value != "step":
        return False
    numbering = Numbering()
    root = numbering.of(node.args[0])
    return constant_of(numbering.nodes, root) == 0


def _with(tree: Tree, value: Tree) -> Tree:
    """The tree with this value for every step of zero."""
    return rebuild(tree, lambda node: value if _is_at_kink(node) else node)


def without_kinks(tree: Tree) -> Tree:
    """The tree with one half for every step of zero, for where a constant or factor is free anyway."""
    return _with(tree, number(Fraction(1, 2)))


def _solved(response: Tree, answer: Tree, domain: Domain, budget: Budget, otherwise: Verdict) -> Verdict | None:
    """The verdict with the one value of the step that fits at a point, where the two depend on it linearly."""
    apart = add(response, neg(answer))
    at_zero, at_half, at_one = (_with(apart, number(value)) for value in (Fraction(0), Fraction(1, 2), Fraction(1)))
    if decide(multiply(number(2), at_half), add(at_zero, at_one), domain, budget).outcome is not Outcome.EQUAL:
        return None
    fitting = divide(at_zero, add(at_zero, neg(at_one)))
    for point in domain.points(names_in(apart))[:FEW_POINTS]:
        found = _value(fitting, point)
        if found is None:
            continue
        if found.upper < 0 or found.lower > 1:
            return otherwise
        if found.lower >= 0 and found.upper <= 1:
            value = substitute(fitting, {name: number(each) for name, each in point.items()})
            return decide(_with(response, value), _with(answer, value), domain, budget)
    return None


def _value(tree: Tree, point: Point) -> Certified | None:
    try:
        return enclose(tree, point)
    except (NoValue, Unclear, NotScalar):
        return None
