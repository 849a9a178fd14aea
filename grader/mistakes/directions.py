"""Derivatives along a direction, and plain values at a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from grader.mistakes.gradients import Gradient, mistaken_gradients, right_gradient
from grader.mistakes.points import has_angles, in_degrees, other_points
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.mistakes.recipes import entries_of
from grader.mistakes.results import result_mistakes
from grader.reading.tree import Tree, add, call, divide, multiply, names_in, neg, power, substitute


def find_along(question: Question, response: Tree, _key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in the derivative along a direction."""
    mine = probe(response)
    if not mine.is_scalar:
        return set()
    right = right_gradient(question.functions[0], question.variables)
    value = _along(question, right, question.at)
    found = result_mistakes((mine,), (value,), question.functions)
    if question.normalise and mine.equals(substitute(_dot(right, question.along), question.at)):
        found.add("not-normalised")
    for at in other_points(question.at) if question.at else ():
        if mine.equals(_along(question, right, at)):
            found.add("wrong-point")
            break
    if any(map(has_angles, right)) and mine.equals(_along(question, tuple(map(in_degrees, right)), question.at)):
        found.add("degrees")
    if question.at and names_in(mine.tree) & set(question.at) and mine.equals(_along(question, right, {})):
        found.add("not-evaluated")
    for place in range(len(right)):
        kept = [at for at in range(len(right)) if at != place]
        short = _along(question, right, question.at, kept)
        if kept and mine.equals(short):
            found.add("term-missing")
    for mistake, gradient in mistaken_gradients(question.functions[0], question.variables, question.at):
        if mistake not in found and mine.equals(_along(question, gradient, question.at)):
            found.add(mistake)
    return found


def find_in_value(question: Question, response: Tree, _key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in putting a point into an expression, or into each entry of several."""
    mine, right = [probe(entry) for entry in entries_of(response)], entries_of(question.functions[0])
    if len(mine) != len(right) or not all(each.is_scalar for each in mine):
        return set()

    def is_given(change: Callable[[Tree], Tree]) -> bool:
        return all(each.equals(change(tree)) for each, tree in zip(mine, right, strict=True))

    found = set()
    if any(map(has_angles, right)) and is_given(lambda tree: substitute(in_degrees(tree), question.at)):
        found.add("degrees")
    if any(names_in(each.tree) for each in mine) and is_given(lambda tree: tree):
        found.add("not-evaluated")
    if any(is_given(partial(substitute, values=at)) for at in (other_points(question.at) if question.at else ())):
        found.add("wrong-point")
    if is_given(lambda tree: neg(substitute(tree, question.at))):
        found.add("sign-flipped")
    return found


def _along(question: Question, gradient: Gradient, at: Mapping[str, Tree], kept: Sequence[int] | None = None) -> Tree:
    """The gradient times the direction at a point, perhaps with only some of the products."""
    places = range(len(gradient)) if kept is None else kept
    rate = _dot([gradient[place] for place in places], [question.along[place] for place in places])
    if question.normalise:
        rate = divide(rate, call("sqrt", add(*(power(entry, 2) for entry in question.along))))
    return substitute(rate, at) if at else rate


def _dot(one: Sequence[Tree], other: Sequence[Tree]) -> Tree:
    return add(*(multiply(a, b) for a, b in zip(one, other, strict=True)))
