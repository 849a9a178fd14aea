"""The step that computes each kind of node from the balls of its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from operator import add as plus

from grader.checking import balls
from grader.checking.balls import Ball, NoValue, Unclear, ball
from grader.checking.conditions import piecewise
from grader.checking.generic import generic_function
from grader.checking.identical import HALF, Node
from grader.checking.programs import Evaluation, MissingName, NotScalar, Step

LARGEST_INDEX = 10**9


def _exact(node: Node) -> Fraction | int:
    """The exact number that a node carries."""
    value = node[2]
    if isinstance(value, str):
        raise TypeError(node)
    return value


def _sum(e: Evaluation, node: Node) -> Ball:
    registers = e.registers
    _, args, value = node
    total: Ball = registers[args[0]]
    for arg in args[1:]:
        total = total + registers[arg]
    return total + ball(_exact(node)) if value else total


def _product(e: Evaluation, node: Node) -> Ball:
    registers = e.registers
    _, args, value = node
    total: Ball = registers[args[0]]
    for arg in args[1:]:
        total = total * registers[arg]
    if value == 1:
        return total
    return -total if value == -1 else total * ball(_exact(node))


def _power(e: Evaluation, node: Node) -> Ball:
    base, exponent = node[1]
    kind, _, by = e.program.nodes[exponent]
    value: Ball = e.registers[base]
    if kind != "number" or isinstance(by, str):
        return balls.general_power(value, e.registers[exponent])
    if by == 2:
        return value * value
    if isinstance(by, int):
        return balls.inverse(value) if by == -1 else balls.whole_power(value, by)
    if by == HALF:
        return balls.root_of_nonnegative(value) if e.program.is_nonnegative(base) else balls.square_root(value)
    return balls.fraction_power(value, by.numerator, by.denominator)


def _number(_: Evaluation, node: Node) -> Ball:
    return ball(_exact(node))


def _name(e: Evaluation, node: Node) -> Ball:
    name = node[2]
    value = e.point.get(name)  # type: ignore[arg-type] # the value of a name is its text
    if value is not None:
        return ball(value)
    if e.others is not None:
        return e.others
    raise MissingName(f"{name} has no value.", str(name))


def _constant(_: Evaluation, node: Node) -> Ball:
    if node.value == "pi":
        return balls.pi()
    if node.value == "e":
        return balls.e()
    raise NoValue("infinity is not a real number" if node.value == "oo" else "i is not a real number")


def _huge(_evaluation: Evaluation, _node: Node) -> Ball:
    raise Unclear("a number with too many digits")


def function(e: Evaluation, node: Node) -> Ball:
    """The step of all kinds that are not in `STEPS`: the function of that name."""
    kind, args, _ = node
    of_balls = balls.FUNCTIONS.get(kind)
    if of_balls is None:
        raise NotScalar(f"A {kind} is not a number.", kind)
    if len(args) == 1:
        return of_balls(e.registers[args[0]])
    return of_balls(*[e.registers[arg] for arg in args])


def _apply(e: Evaluation, node: Node) -> Ball:
    name = str(node.value)
    terms = generic_function(name, len(node.args), e.program.turn)
    if terms is None:
        raise NotScalar(f"{name} with {len(node.args)} arguments has no derivative of its own.", "apply")
    total = balls.ZERO
    for term in terms:
        pairs = zip(node.args, term.rates, strict=True)
        total = total + reduce(plus, [e.registers[arg] * rate for arg, rate in pairs]).exp() * term.factor
    return total


def _sigma(e: Evaluation, node: Node) -> Ball:
    if len(node.args) != 3:
        raise NotScalar("A sum without ends has no value of its own.", "sigma")
    body, lower, upper = node.args
    first, last = [e.registers[end] for end in (lower, upper)]
    is_whole = first.is_integer() and last.is_integer()
    if not is_whole or abs(first) > LARGEST_INDEX or not last - first < e.terms_left:
        raise Unclear
    total = balls.ZERO
    for value in range(int(str(first.unique_fmpz())), int(str(last.unique_fmpz())) + 1):
        total = total + e.term(body, str(node.value), value)
    return total


STEPS: Mapping[str, Step] = {
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
