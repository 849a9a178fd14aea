"""Taylor polynomials about a point, and the tangent line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from math import factorial, prod

from grader.calculus.derivatives import DerivativeTooLong, differentiate
from grader.calculus.evaluating import evaluate
from grader.calculus.polynomials import expand
from grader.calculus.simplifying import simplify
from grader.calculus.steps import Derivation, Step
from grader.errors import GraderError
from grader.reading.tree import ZERO, Tree, add, divide, multiply, name, neg, number, power, walk

# The derivatives of a product grow with every order.
MOST_DEGREE = 12
MOST_DERIVATIVES = 200
MOST_NODES = 4_000


class DegreeTooHigh(GraderError):
    """More derivatives would be needed than is reasonable."""


def taylor(function: Tree, around: Mapping[str, Tree], degree: int) -> Derivation:
    """The Taylor polynomial of a degree in the variables of `around`, lowest powers first."""
    variables = tuple(around)
    _refuse_high(len(variables), degree)
    terms: list[Tree] = []
    steps: tuple[Step, ...] = ()
    known: dict[tuple[str, ...], Tree] = {(): function}
    written = 0
    for order in range(degree + 1):
        for wanted in combinations_with_replacement(variables, order):
            if wanted:
                derivation = differentiate(known[wanted[:-1]], wanted[-1], order=variables)
                known[wanted] = derivation.tree
                steps += derivation.steps
                written += sum(1 for _ in walk(derivation.tree))
                if written > MOST_NODES:
                    raise DerivativeTooLong
            value = evaluate(known[wanted], around)
            steps += (Step("value-at", known[wanted], value, " ".join(wanted)),)
            if value != ZERO:
                terms.append(_term(value, wanted, around))
    return Derivation(_joined(terms), steps)


def _refuse_high(variables: int, degree: int) -> None:
    """Raise where the number of derivatives is out of all proportion."""
    count = prod(range(degree + 1, degree + variables + 1)) // factorial(variables)
    if not 0 <= degree <= MOST_DEGREE or count > MOST_DERIVATIVES:
        raise DegreeTooHigh(f"A Taylor polynomial has a degree from 0 to {MOST_DEGREE}, here it is {degree}.")


def _term(value: Tree, wanted: tuple[str, ...], around: Mapping[str, Tree]) -> Tree:
    """The derivative's value over the factorials, times the powers of the distances."""
    counts = {variable: wanted.count(variable) for variable in around if variable in wanted}
    powers = [power(distance(variable, around[variable]), count) for variable, count in counts.items()]
    whole = prod(factorial(count) for count in counts.values())
    return simplify(multiply(divide(value, number(whole)), *powers), tuple(around))


def distance(variable: str, around: Tree) -> Tree:
    """The variable minus the point."""
    return simplify(add(name(variable), neg(around)))


def _joined(terms: Sequence[Tree]) -> Tree:
    """The sum in the order given; sums among the terms are opened."""
    flat = [part for term in terms for part in (term.args if term.kind == "sum" else (term,))]
    return add(*flat)


def tangent(function: Tree, variable: str, at: Tree) -> Derivation:
    """The tangent line `m x + c` as an expression in the variable."""
    derivation = differentiate(function, variable)
    slope = evaluate(derivation.tree, {variable: at})
    value = evaluate(function, {variable: at})
    line = expand(add(value, multiply(slope, add(name(variable), neg(at)))), (variable,))
    steps = (
        *derivation.steps,
        Step("value-at", derivation.tree, slope, variable),
        Step("value-at", function, value),
        Step("tangent-line", function, line, variable),
    )
    return Derivation(line, steps)
