"""How the nodes of a numbering are computed, each at most once and only those that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from threading import Lock
from typing import Any

from grader.checking.balls import Ball, NoValue, Unclear, ball, set_precision
from grader.checking.domain import ANYTHING
from grader.checking.exact import exact_node
from grader.checking.nodes import Node, Nodes
from grader.checking.signs import is_nonnegative
from grader.errors import CallerError, GraderError

# The precision of balls belongs to the whole process.
_PRECISION_LOCK = Lock()
# Nodes that compute their arguments themselves, and only those they need.
LAZY = frozenset({"piecewise", "sigma"})

Step = Callable[["Evaluation", Node], Ball]
# Terms of sums that are added up at one point, those of sums within sums too; without names there is one point only.
MOST_TERMS, MOST_TERMS_OF_NUMBERS = 400, 20_000


class MissingName(CallerError):
    """A name in the tree has no value at the point; `field` is the name."""


class NotScalar(CallerError):
    """The tree holds something that is not a number, such as a vector; `field` is its kind."""


class Program:
    """How to compute the nodes of a numbering, in an order that is made when it is first needed."""

    __slots__ = ("_nonnegative", "_of_function", "_pinned", "_schedules", "_steps", "nodes", "poles", "turn")

    def __init__(self, numbering: Nodes, steps: Mapping[str, Step], of_function: Step, turn: int = 0) -> None:
        """Compute nodes by the steps of their kinds, those of any other kind by that of functions.

        `turn` says by which functions declared unknown ones are replaced.
        """
        self.nodes = numbering.nodes
        self.turn = turn
        self._steps = steps
        self._of_function = of_function
        self._schedules: dict[int, tuple[tuple[int, Step, Node], ...]] = {}
        self._nonnegative: dict[int, bool] = {}
        self._pinned: Mapping[int, Fraction] = {}
        self.poles: frozenset[int] = frozenset()

    def pin(self, constants: Mapping[int, Fraction], poles: frozenset[int]) -> None:
        """Compute these nodes exactly from now on: proved to be constants, or tangents without a value."""
        self._pinned, self.poles = constants, poles
        self._schedules.clear()

    def at(self, point: Mapping[str, Fraction], precision: int = 64) -> Evaluation:
        """The values at a point."""
        return Evaluation(self, point, precision)

    def schedule(self, root: int) -> tuple[tuple[int, Step, Node], ...]:
        """The steps that compute a node, arguments first."""
        found = self._schedules.get(root)
        if found is None:
            found = self._schedules[root] = self._scheduled(root)
        return found

    def _scheduled(self, root: int) -> tuple[tuple[int, Step, Node], ...]:
        """Collected from the root downwards: arguments have smaller numbers than what they stand in."""
        nodes, steps, of_function = self.nodes, self._steps, self._of_function
        needed = {root}
        found = []
        for number in range(root, -1, -1):
            if number in needed:
                node = nodes[number]
                kind, args, _ = node
                if kind in LAZY:
                    args = args[1:] if kind == "sigma" else ()
                elif kind == "power" and nodes[args[1]][0] == "number":
                    args = args[:1]  # such an exponent is read as it is
                needed.update(args)
                found.append((number, steps.get(kind, of_function), node))
        if self._pinned or self.poles:
            found = [self._exactly(*each) for each in found]
        return tuple(reversed(found))

    def is_nonnegative(self, number: int) -> bool:
        """Whether the node is visibly never below zero, whatever its variables are."""
        found = self._nonnegative.get(number)
        if found is None:
            found = self._nonnegative[number] = is_nonnegative(self.nodes, number, ANYTHING)
        return found

    def _exactly(self, number: int, step: Step, node: Node) -> tuple[int, Step, Node]:
        """The step of a node, or one that gives what is proved about it."""
        if number in self.poles:
            step = _pole
        elif number in self._pinned:
            step = _pinned_step(step, self._pinned[number])
        return number, step, node


def _pinned_step(step: Step, value: Fraction) -> Step:
    """The step with the exact result in place of a ball around it; it may still find that there is none."""

    def pinned(evaluation: Evaluation, node: Node) -> Ball:
        found, wanted = step(evaluation, node), ball(value)
        return wanted if found.overlaps(wanted) else found

    return pinned


class Evaluation:
    """The values of nodes at one point and precision."""

    __slots__ = ("others", "point", "precision", "program", "registers", "terms_left")

    def __init__(
        self, program: Program, point: Mapping[str, Fraction], precision: int, others: Ball | None = None
    ) -> None:
        self.program = program
        self.point = point
        self.precision = precision
        # What names have that the point has no value for; None where that is an error.
        self.others = others
        # None until computed; steps run after those of their arguments, so they read balls only.
        self.registers: list[Any] = [None] * len(program.nodes)
        self.terms_left = MOST_TERMS if point else MOST_TERMS_OF_NUMBERS

    def term(self, body: int, index: str, value: int) -> Ball:
        """The value of what a sum adds up, where its letter has this value; Unclear once there were too many terms."""
        inner = Evaluation(self.program, {**self.point, index: Fraction(value)}, self.precision, self.others)
        inner.terms_left = self.terms_left - 1
        if inner.terms_left < 0:
            raise Unclear("the sums have too many terms")
        found = inner.compute(body)
        self.terms_left = inner.terms_left
        return found

    def value(self, root: int) -> Ball:
        """The finite ball of a node; raises NoValue or Unclear."""
        with _PRECISION_LOCK:
            set_precision(self.precision)
            found = self.compute(root)
        if not found.is_finite():
            raise Unclear
        return found

    def values(self, first: int, second: int) -> tuple[Ball, Ball | GraderError]:
        """The finite balls of two nodes; what stands in the way of the second is given in its place."""
        with _PRECISION_LOCK:
            set_precision(self.precision)
            found = self.compute(first)
            if not found.is_finite():
                raise Unclear
            try:
                other = self.compute(second)
            except (NoValue, Unclear) as error:
                return found, error
        return found, other if other.is_finite() else Unclear()

    def compute(self, root: int) -> Ball:
        """The ball of a node; the precision must be set already."""
        registers = self.registers
        for number, step, node in self.program.schedule(root):
            if registers[number] is None:
                try:
                    registers[number] = step(self, node)
                except Unclear:
                    try:
                        registers[number] = self._from_exact_arguments(number, step)
                    except Unclear:
                        self._look_for_no_value(root, number)
                        raise
        found: Ball = registers[root]
        return found

    def _look_for_no_value(self, root: int, failed: int) -> None:
        """Raise NoValue if some other node below the root has none; one that is unclear must not hide it."""
        registers = self.registers
        unclear = {failed}
        for number, step, node in self.program.schedule(root):
            if registers[number] is not None or number == failed:
                continue
            if node.kind in LAZY or not unclear.isdisjoint(node.args):
                unclear.add(number)
                continue
            try:
                registers[number] = step(self, node)
            except Unclear:
                unclear.add(number)

    def _from_exact_arguments(self, number: int, step: Step) -> Ball:
        """The step once more with arguments that turn out to be exact rationals; 1/(x/3 - 1) at 3."""
        nodes = self.program.nodes
        known: dict[int, Fraction | None] = {}
        values = {arg: exact_node(nodes, arg, self.point, known) for arg in nodes[number].args}
        exact = {arg: value for arg, value in values.items() if value is not None}
        if not exact or nodes[number].kind in LAZY:
            raise Unclear
        for arg, value in exact.items():
            self.registers[arg] = ball(value)
        return step(self, nodes[number])


def _pole(_evaluation: Evaluation, _node: Node) -> Ball:
    raise NoValue("the tangent of an odd multiple of pi/2")


def reachable(nodes: list[Node], *roots: int) -> set[int]:
    """The numbers of all nodes that must be computed before these; branches are computed on demand."""
    seen: set[int] = set(roots)
    stack = list(roots)
    while stack:
        kind, args, _ = nodes[stack.pop()]
        if kind in LAZY:
            args = args[1:] if kind == "sigma" else ()
        for arg in args:
            if arg not in seen:
                seen.add(arg)
                stack.append(arg)
    return seen
