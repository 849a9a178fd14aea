"""Taylor polynomials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from math import factorial, prod

from grader.calculus.derivatives import differentiate
from grader.mistakes.breaking import Break, broken_derivatives, derivative, relevant, within_reason
from grader.mistakes.points import has_angles, in_degrees, wrong_points
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.mistakes.results import result_mistakes
from grader.mistakes.rules import BREAKS
from grader.mistakes.slopes import CANNOT, is_long
from grader.reading.tree import Tree, add, divide, multiply, name, neg, number, power, substitute

MOST_TERMS = 30
MOST_CHAIN = 4
MOST_BROKEN = 10
Derivatives = Mapping[tuple[str, ...], Tree]
Whole = Callable[[Sequence[int]], int]


def find_in_polynomial(question: Question, response: Tree, _key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in a Taylor polynomial, or in its value at a point."""
    mine = probe(response)
    if not mine.is_scalar:
        return set()
    derivatives = _derivatives(question)
    if len(derivatives) > MOST_TERMS:
        return set()
    right = _polynomial(question, derivatives)
    found = result_mistakes((mine,), (_placed(question, right),), question.functions)
    if question.at and mine.equals(right):
        found.add("not-evaluated")
    for mistake, tree in within_reason(_candidates(question, derivatives)):
        if mistake not in found and mine.equals(_placed(question, tree)):
            found.add(mistake)
    return found


def _placed(question: Question, tree: Tree) -> Tree:
    return substitute(tree, question.at) if question.at else tree


def _derivatives(question: Question) -> Derivatives:
    """All derivatives up to the degree, tidy."""
    known: dict[tuple[str, ...], Tree] = {(): question.functions[0]}
    for order in range(1, question.degree + 1):
        for wanted in combinations_with_replacement(question.variables, order):
            if len(known) > MOST_TERMS:
                return known
            known[wanted] = differentiate(known[wanted[:-1]], wanted[-1], order=question.variables).tree
    return known


def _factorials(counts: Sequence[int]) -> int:
    return prod(map(factorial, counts))


def _polynomial(
    question: Question,
    derivatives: Derivatives,
    around: Sequence[Tree] | None = None,
    distances: Sequence[Tree] | None = None,
    whole: Whole = _factorials,
    signs: Mapping[tuple[str, ...], int] | None = None,
) -> Tree:
    """The sum of the terms; `signs` gives some another sign, zero leaves them out.

    `around` is where the derivatives are taken, and what the powers measure the distance from, unless
    there are `distances` of their own.
    """
    point = dict(zip(question.variables, question.around if around is None else around, strict=True))
    centre = dict(zip(point, distances or point.values(), strict=True))
    terms = []
    for wanted, tree in derivatives.items():
        sign = 1 if signs is None else signs.get(wanted, 1)
        counts = [wanted.count(variable) for variable in point]
        powers = [_power(variable, centre[variable], count) for variable, count in zip(point, counts, strict=True)]
        term = multiply(divide(substitute(tree, point), number(whole(counts))), *powers)
        if sign:
            terms.append(neg(term) if sign < 0 else term)
    return add(*terms)


def _power(variable: str, around: Tree, count: int) -> Tree:
    return power(add(name(variable), neg(around)), count)


def _candidates(question: Question, derivatives: Derivatives) -> Iterator[tuple[str, Tree]]:
    for degree in range(question.degree - 1, 0, -1):
        kept = {wanted: tree for wanted, tree in derivatives.items() if len(wanted) <= degree}
        yield "order-too-low", _polynomial(question, kept)
    yield from _without_factorials(question, derivatives)
    for around in dict.fromkeys(wrong_points(question.around)):
        yield "wrong-point", _polynomial(question, derivatives, around)
    for wanted in derivatives:
        yield "term-missing", _polynomial(question, derivatives, signs={wanted: 0})
    if any(map(has_angles, derivatives.values())):
        yield "degrees", _polynomial(question, {wanted: in_degrees(tree) for wanted, tree in derivatives.items()})
    for broken in _usable(question, derivatives):
        try:
            yield from _with_broken_rule(question, derivatives, broken)
        except CANNOT:
            continue


def _usable(question: Question, derivatives: Derivatives) -> tuple[Break, ...]:
    """The breaks of rules that the function or one of its first derivatives asks for."""
    if len(derivatives) > MOST_BROKEN:
        return ()
    first = [tree for wanted, tree in derivatives.items() if len(wanted) < min(2, question.degree)]
    found = [broken for tree in first for broken in relevant(tree, question.variables, BREAKS)]
    return tuple(broken for broken in BREAKS if broken in found)


def _without_factorials(question: Question, derivatives: Derivatives) -> Iterator[tuple[str, Tree]]:
    yield "taylor-factorial-missing", _polynomial(question, derivatives, whole=lambda _counts: 1)
    for order in range(2, question.degree + 1):

        def whole(counts: Sequence[int], order: int = order) -> int:
            return 1 if sum(counts) == order else _factorials(counts)

        yield "taylor-factorial-missing", _polynomial(question, derivatives, whole=whole)


def _with_broken_rule(question: Question, derivatives: Derivatives, broken: Break) -> Iterator[tuple[str, Tree]]:
    """The rule broken in every differentiation, or in one from which the error carries on."""
    always: dict[tuple[str, ...], Tree] = {}
    for wanted in derivatives:
        always[wanted] = _step(always[wanted[:-1]], wanted[-1], broken) if wanted else derivatives[()]
    if always != derivatives:
        yield broken.mistake, _polynomial(question, always)
    if question.degree > MOST_CHAIN:
        return
    for wanted in list(derivatives)[1:]:
        for _, tree in broken_derivatives(derivatives[wanted[:-1]], wanted[-1], (broken,)):
            later = [each for each in derivatives if each[: len(wanted)] == wanted]
            carried = {wanted: tree}
            for each in later[1:]:
                carried[each] = derivative(carried[each[:-1]], each[-1:])
            yield broken.mistake, _polynomial(question, {**derivatives, **carried})


def _step(tree: Tree, variable: str, broken: Break) -> Tree:
    if is_long(tree):
        return tree
    found = next(broken_derivatives(tree, variable, (broken,)), None)
    return derivative(tree, (variable,)) if found is None else found[1]
