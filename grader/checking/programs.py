"""How the nodes of a numbering are computed, each at most once and only those that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from threading import Lock
from typing import Any

from grader.checking.balls import Ball, NoValue, Unclear, ball, set_precision
from grader.checking.exact import exact_node
from grader.checking.identical import Node, Numbering
from grader.errors import CallerError

# The precision of balls belongs to the whole process.
_PRECISION_LOCK = Lock()
# Nodes that compute their arguments themselves, and only those they need.
LAZY = frozenset({"piecewise", "sigma"})

Step = Callable[["Evaluation"], Ball]


class MissingName(CallerError):
    """A name in the tree has no value at the point; `field` is the name."""


class NotScalar(CallerError):
    """The tree holds something that is not a number, such as a vector; `field` is its kind."""


class Program:
    """How to compute the nodes of a numbering; steps are made when they are first needed."""

    def __init__(self, numbering: Numbering, rules: StepRules) -> None:
        self.nodes = numbering.nodes
        self._rules = rules
        self._steps: dict[int, Step] = {}
        self._schedules: dict[int, tuple[tuple[int, Step], ...]] = {}
        self._pinned: Mapping[int, Fraction] = {}
        self.poles: frozenset[int] = frozenset()

    def pin(self, constants: Mapping[int, Fraction], poles: frozenset[int]) -> None:
        """Compute these nodes exactly from now on: proved to be constants, or tangents without a value."""
        self._pinned, self.poles = constants, poles
        self._steps.clear()
        self._schedules.clear()

    def at(self, point: Mapping[str, Fraction], precision: int = 64) -> Evaluation:
        """The values at a point."""
        return Evaluation(self, point, precision)

    def schedule(self, root: int) -> tuple[tuple[int, Step], ...]:
        """The steps that compute a node, arguments first."""
        found = self._schedules.get(root)
        if found is None:
            needed = sorted(reachable(self.nodes, root))
            found = self._schedules[root] = tuple([(number, self._step(number)) for number in needed])
        return found

    def _step(self, number: int) -> Step:
        found = self._steps.get(number)
        if found is None:
            node = self.nodes[number]
            found = self._rules(self, node)
            if number in self.poles:
                found = _pole
            elif number in self._pinned:
                found = self._pinned_step(found, self._pinned[number])
            self._steps[number] = found
        return found

    def _pinned_step(self, step: Step, value: Fraction) -> Step:
        """The step with the exact result in place of a ball around it; it may still find that there is none."""
        exact = self.constant(value)

        def pinned(evaluation: Evaluation) -> Ball:
            found, wanted = step(evaluation), exact(evaluation)
            return wanted if found.overlaps(wanted) else found

        return pinned

    def constant(self, value: Fraction | int) -> Step:
        """The step that gives an exact number, once for each precision."""
        made: dict[int, Ball] = {}

        def step(evaluation: Evaluation) -> Ball:
            found = made.get(evaluation.precision)
            if found is None:
                found = made[evaluation.precision] = ball(value)
            return found

        return step


class Evaluation:
    """The values of nodes at one point and precision."""

    __slots__ = ("others", "point", "precision", "program", "registers")

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

    def value(self, root: int) -> Ball:
        """The finite ball of a node; raises NoValue or Unclear."""
        with _PRECISION_LOCK:
            set_precision(self.precision)
            found = self.compute(root)
        if not found.is_finite():
            raise Unclear
        return found

    def compute(self, root: int) -> Ball:
        """The ball of a node; the precision must be set already."""
        registers = self.registers
        for number, step in self.program.schedule(root):
            if registers[number] is None:
                try:
                    registers[number] = step(self)
                except Unclear:
                    registers[number] = self._from_exact_arguments(number, step)
        found: Ball = registers[root]
        return found

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
        return step(self)


def _pole(_: Evaluation) -> Ball:
    raise NoValue("the tangent of an odd multiple of pi/2")


def reachable(nodes: list[Node], *roots: int) -> set[int]:
    """The numbers of all nodes that must be computed before these; branches are computed on demand."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            node = nodes[number]
            if node.kind == "sigma":
                stack.extend(node.args[1:])
            elif node.kind not in LAZY:
                stack.extend(node.args)
    return seen


StepRules = Callable[[Program, Node], Step]
