"""The step that computes each kind of node from the balls of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from operator import add as plus
from operator import mul as times

from grader.checking import balls
from grader.checking.balls import Ball, NoValue, Unclear, ball
from grader.checking.conditions import piecewise
from grader.checking.domain import ANYTHING
from grader.checking.generic import generic_function
from grader.checking.identical import Node
from grader.checking.programs import Evaluation, MissingName, NotScalar, Program, Step
from grader.checking.signs import is_nonnegative

MOST_TERMS = 2000
LARGEST_INDEX = 10**9


def step_of(program: Program, node: Node) -> Step:
    """The step for a node."""
    return STEPS.get(node.kind, _function)(program, node)


def _exact(node: Node) -> Fraction | int:
    """The exact number that a node carries."""
    if isinstance(node.value, str):
        raise TypeError(node)
    return node.value


def _sum(program: Program, node: Node) -> Step:
    args = node.args
    constant = program.constant(_exact(node)) if node.value else None
    if len(args) == 2 and constant is None:
        first, second = args
        return lambda e: e.registers[first] + e.registers[second]
    if constant is None:
        return lambda e: reduce(plus, [e.registers[arg] for arg in args])
    if len(args) == 1:
        (first,) = args
        return lambda e: e.registers[first] + constant(e)
    return lambda e: reduce(plus, [e.registers[arg] for arg in args], constant(e))


def _product(program: Program, node: Node) -> Step:
    args = node.args
    if node.value == -1 and len(args) == 1:
        (first,) = args
        return lambda e: -e.registers[first]
    constant = program.constant(_exact(node)) if node.value != 1 else None
    if len(args) == 2 and constant is None:
        first, second = args
        return lambda e: e.registers[first] * e.registers[second]
    if constant is None:
        return lambda e: reduce(times, [e.registers[arg] for arg in args])
    if len(args) == 1:
        (first,) = args
        return lambda e: e.registers[first] * constant(e)
    return lambda e: reduce(times, [e.registers[arg] for arg in args], constant(e))


def _power(program: Program, node: Node) -> Step:
    base, exponent = node.args
    by = program.nodes[exponent]
    if by.kind != "number" or isinstance(by.value, str):
        return lambda e: balls.general_power(e.registers[base], e.registers[exponent])
    if by.value == -1:
        return lambda e: balls.inverse(e.registers[base])
    if by.value == 2:
        return lambda e: e.registers[base] * e.registers[base]
    if isinstance(by.value, int):
        whole = by.value
        return lambda e: balls.whole_power(e.registers[base], whole)
    if by.value == Fraction(1, 2):
        if is_nonnegative(program.nodes, base, ANYTHING):
            return lambda e: balls.root_of_nonnegative(e.registers[base])
        return lambda e: balls.square_root(e.registers[base])
    numerator, denominator = by.value.numerator, by.value.denominator
    return lambda e: balls.fraction_power(e.registers[base], numerator, denominator)


def _number(program: Program, node: Node) -> Step:
    return program.constant(_exact(node))


def _name(_program: Program, node: Node) -> Step:
    name = str(node.value)

    def step(e: Evaluation) -> Ball:
        value = e.point.get(name)
        if value is None:
            if e.others is not None:
                return e.others
            raise MissingName(f"{name} has no value.", name)
        return ball(value)

    return step


def _constant(_program: Program, node: Node) -> Step:
    if node.value == "pi":
        return lambda _: balls.pi()
    if node.value == "e":
        return lambda _: balls.e()
    reason = "infinity is not a real number" if node.value == "oo" else "i is not a real number"
    return _raising(NoValue(reason))


def _huge(_program: Program, _node: Node) -> Step:
    return _raising(Unclear("a number with too many digits"))


def _raising(error: NoValue | Unclear | NotScalar) -> Step:
    def step(_: Evaluation) -> Ball:
        raise type(error)(*error.args)

    return step


def _function(_program: Program, node: Node) -> Step:
    function = balls.FUNCTIONS.get(node.kind)
    args = node.args
    if function is None:
        kind = node.kind
        return _raising(NotScalar(f"A {kind} is not a number.", kind))
    if len(args) == 1:
        (only,) = args
        return lambda e: function(e.registers[only])
    return lambda e: function(*[e.registers[arg] for arg in args])


def _apply(_program: Program, node: Node) -> Step:
    name = str(node.value)
    function = generic_function(name, len(node.args))
    if function is None:
        return _raising(NotScalar(f"{name} with {len(node.args)} arguments has no derivative of its own.", "apply"))

    def step(e: Evaluation) -> Ball:
        total = balls.ZERO
        for term in function:
            pairs = zip(node.args, term.rates, strict=True)
            total = total + reduce(plus, [e.registers[arg] * rate for arg, rate in pairs]).exp() * term.factor
        return total

    return step


def _sigma(program: Program, node: Node) -> Step:
    index = str(node.value)
    if len(node.args) != 3:
        return _raising(NotScalar("A sum without ends has no value of its own.", "sigma"))
    body, lower, upper = node.args

    def step(e: Evaluation) -> Ball:
        first, last = [e.registers[end] for end in (lower, upper)]
        is_whole = first.is_integer() and last.is_integer()
        if not is_whole or abs(first) > LARGEST_INDEX or not last - first < MOST_TERMS:
            raise Unclear
        total = balls.ZERO
        for value in range(int(str(first.unique_fmpz())), int(str(last.unique_fmpz())) + 1):
            inner = Evaluation(program, {**e.point, index: Fraction(value)}, e.precision)
            total = total + inner.compute(body)
        return total

    return step


STEPS: Mapping[str, Callable[[Program, Node], Step]] = {
    "sum": _sum,
    "product": _product,
    "power": _power,
    "number": _number,
    "name": _name,
    "constant": _constant,
    "huge": _huge,
    "apply": _apply,
    "piecewise": piecewise,
    "sigma": _sigma,
}
