"""Certified points of an equation that cannot be solved: between two places where a difference has opposite signs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from grader.checking.balls import NoValue, Unclear, ball, hull
from grader.checking.bounding import Certified, certified, program_of
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.checking.programs import Evaluation, NotScalar, reachable
from grader.checking.sampling import Point
from grader.reading.tree import Tree

PRECISION = 128
HALVINGS = 40
GRID = tuple(
    Fraction(each) for each in ("-19/2", "-17/3", "-3", "-7/4", "-3/4", "-1/8", "1/7", "2/3", "8/5", "11/4", "5", "9")
)
# Functions that change sign without being zero between.
JUMPING = frozenset(
    {"sign", "step", "floor", "ceil", "piecewise", "delta", "atan2", "sigma", "factorial", "huge", "apply"}
)

Ends = tuple[Fraction, Fraction]


class Side:
    """A difference of sides as a function of one of its names, the others having values."""

    def __init__(self, difference: Tree, unknown: str) -> None:
        """Number the nodes; `jumps` says that it may change sign without a zero."""
        numbering = Numbering()
        self._root = numbering.of(difference)
        self._program = program_of(numbering)
        self._unknown = unknown
        nodes = numbering.nodes
        self.jumps = any(nodes[number].kind in JUMPING for number in reachable(nodes, self._root))

    def at(self, point: Point, value: Fraction) -> Certified | None:
        """Its value, None where there is none or it is not clear."""
        return self._certified(Evaluation(self._program, {**point, self._unknown: value}, PRECISION))

    def on(self, point: Point, ends: Ends) -> Certified | None:
        """Bounds of its values between two ends, None where it may lack one."""
        return self._certified(Evaluation(self._program, point, PRECISION, hull(ball(ends[0]), ball(ends[1]))))

    def _certified(self, evaluation: Evaluation) -> Certified | None:
        try:
            return certified(evaluation.value(self._root))
        except (NoValue, Unclear, NotScalar):
            return None


def crossings(side: Side, point: Point, unknown: str, domain: Domain) -> Iterator[Ends]:
    """Short stretches of the unknown that certainly hold a zero of the side."""
    if side.jumps:
        return
    variable = domain.variable(unknown)
    signs = [(value, _sign(side.at(point, value))) for value in GRID if variable.holds(value)]
    for (left, before), (right, after) in pairwise(signs):
        if before * after < 0:
            ends = _halved(side, point, (left, right), before)
            if side.on(point, ends) is not None:
                yield ends


def _sign(value: Certified | None) -> int:
    if value is None:
        return 0
    return 1 if value.lower > 0 else -1 if value.upper < 0 else 0


def _halved(side: Side, point: Point, ends: Ends, before: int) -> Ends:
    """The stretch halved many times, keeping the change of sign within it."""
    left, right = ends
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        sign = _sign(side.at(point, middle))
        if sign == 0:
            break
        left, right = (middle, right) if sign == before else (left, middle)
    return left, right
