"""Comparing two trees at points: certified differences, undefined regions, agreement to many digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from grader.checking.balls import Ball, NoValue, Unclear, ball
from grader.checking.bounding import program_of
from grader.checking.domain import Domain
from grader.checking.exact import exact_node
from grader.checking.generic import OTHERS, describe
from grader.checking.identical import Node, Numbering, numbered
from grader.checking.magnitudes import FOR_LITERALS, ORDINARY, at_point, of_constants
from grader.checking.nodes import literal_exponent
from grader.checking.printed import decimal, short, two_texts
from grader.checking.programs import MissingName, NotScalar, reachable
from grader.checking.sampling import Point
from grader.checking.verdict import Agreement, Counterexample, Evidence, Outcome, Undefined, Verdict
from grader.errors import GraderError
from grader.loading import later
from grader.reading.tree import Tree

if TYPE_CHECKING:
    from grader.checking.constants import is_nowhere
    from grader.checking.normal import constant_of
else:
    is_nowhere = later("grader.checking.constants:is_nowhere")
    constant_of = later("grader.checking.normal:constant_of")

FIRST = 64
PRECISIONS = (192, 384, 1024)
# What agreement must rest on: certified digits (as bits), and points where there are that many.
DIGITS = 40
BITS = 135
POINTS = 20
# Functions that jump; a difference at one of their points must persist beside it.
JUMPING = frozenset({"sign", "step", "floor", "ceil", "piecewise", "delta", "atan2", "sigma", "factorial", "tan"})
RATIONAL = frozenset({"number", "name", "sum", "product"})
TREACHEROUS = frozenset({"huge", "factorial", "sigma", "apply"})
LARGEST_CONSTANT = 10**9


class Finding(Enum):
    """What one point says."""

    AGREES = "agrees"
    UNCLEAR = "unclear"
    SKIPPED = "skipped"
    ISOLATED = "isolated"


@dataclass
class Tally:
    """The points at which the two agreed, could not be told, or had no answer to compare with."""

    agreed: list[Point] = field(default_factory=list)
    unclear: list[Point] = field(default_factory=list)
    skipped: list[Point] = field(default_factory=list)
    isolated: list[Point] = field(default_factory=list)

    def note(self, point: Point, finding: Finding) -> None:
        """Count one point."""
        if finding is Finding.AGREES:
            self.agreed.append(point)
        elif finding is Finding.UNCLEAR:
            self.unclear.append(point)
        elif finding is Finding.SKIPPED:
            self.skipped.append(point)
        else:
            self.isolated.append(point)


class Comparison:
    """A response and an answer as nodes of one numbering, compared at points."""

    def __init__(self, response: Tree, answer: Tree, domain: Domain) -> None:
        numbering, self.answer = numbered(answer)
        self.response = numbering.of(response)
        self.nodes = numbering.nodes
        self.numbering = numbering
        self.names = _names(numbering)
        self.domain = domain
        self.program = program_of(numbering)

    def is_exactly_equal(self) -> bool:
        """Whether both are the same rational number, without any variable; a step at its kink is any."""
        if self.names and not {self.nodes[self.response].kind, self.nodes[self.answer].kind} & {"step"}:
            return False  # where there are names, the normal form does the same and more
        known: dict[int, Fraction | None] = {}
        response = exact_node(self.nodes, self.response, {}, known)
        answer = exact_node(self.nodes, self.answer, {}, known)
        if response is None or answer is None:
            return self._is_at_kink(self.response, answer) or self._is_at_kink(self.answer, response)
        return response == answer

    def _is_at_kink(self, number: int, value: Fraction | None) -> bool:
        """Whether the node is a step at zero and the value one that books give it there."""
        node = self.nodes[number]
        if node.kind != "step" or value is None or not 0 <= value <= 1:
            return False
        return constant_of(self.nodes, node.args[0]) == 0

    def probe(self, points: Iterable[Point], tally: Tally) -> Verdict | None:
        """The verdict at the first point that gives one, at low precision; notes the others."""
        for point in points:
            found = self.compare(point, FIRST)
            if isinstance(found, Verdict):
                return found
            tally.note(point, found)
        return None

    def compare(self, point: Point, precision: int) -> Verdict | Finding:
        """What the values at one point say."""
        evaluation = self.program.at(point, precision)
        try:
            answer, response = evaluation.values(self.answer, self.response)
        except NoValue:
            return Finding.SKIPPED
        except Unclear:
            return Finding.UNCLEAR
        if isinstance(response, NoValue):
            return self._undefined(point, str(response))
        if isinstance(response, GraderError):
            return Finding.UNCLEAR
        if not response.overlaps(answer):
            return self._different(point, response, answer, precision=precision)
        return Finding.AGREES

    def _different(
        self, point: Point, response: Ball, answer: Ball, apart: Ball | None = None, precision: int = FIRST
    ) -> Verdict | Finding:
        """A counterexample, if it is not one at an isolated point only."""
        if self._jumps() and not any(self._differs_at(near, precision) for near in self._neighbours(point)):
            return Finding.ISOLATED
        values = two_texts(response, answer, response - answer if apart is None else apart)
        return Verdict(Outcome.DIFFERENT, Counterexample(self.printed(point), *values))

    def _differs_at(self, point: Point, wanted: int) -> bool:
        for precision in (wanted, wanted + 256):
            evaluation = self.program.at(point, precision)
            try:
                return not evaluation.value(self.response).overlaps(evaluation.value(self.answer))
            except Unclear:
                continue
            except NoValue:
                return False
        return False

    def _jumps(self) -> bool:
        """Whether values at a single point may differ from those beside it."""
        nodes = self.nodes
        return any([kind in JUMPING or (kind == "power" and nodes[args[1]][0] != "number") for kind, args, _ in nodes])  # noqa: C419 - a list is faster here

    def _undefined(self, point: Point, reason: str) -> Verdict | Finding:
        """The response has no value at a point where the answer has one: in a region, or only there."""
        if not any(self._is_undefined_at(near) for near in self._neighbours(point)):
            return Finding.ISOLATED
        if self.response_has_no_value():
            return Verdict(Outcome.INVALID, Undefined((), reason))
        return Verdict(Outcome.DIFFERENT, Undefined(self.printed(point), reason))

    def _is_undefined_at(self, point: Point) -> bool:
        evaluation = self.program.at(point, FIRST)
        try:
            evaluation.value(self.answer)
            evaluation.value(self.response)
        except NoValue:
            return not self._answer_undefined(point)
        except Unclear:
            return False
        return False

    def _answer_undefined(self, point: Point) -> bool:
        try:
            self.program.at(point, FIRST).value(self.answer)
        except NoValue:
            return True
        except Unclear:
            return False
        return False

    def response_has_no_value(self) -> bool:
        """Whether the response provably has no value anywhere, in the domain or outside."""
        names = [str(self.nodes[n].value) for n in reachable(self.nodes, self.response) if self.nodes[n].kind == "name"]
        for domain in (self.domain, Domain()):
            for point in domain.points(names if domain is not self.domain else self.names):
                full = {**dict.fromkeys(self.names, Fraction(1)), **point}
                try:
                    self.program.at(full, FIRST).value(self.response)
                except (NoValue, Unclear):
                    continue
                return False
        return is_nowhere(self.program, self.numbering, self.response)

    def _neighbours(self, point: Point) -> Iterator[Point]:
        """Points very near in general directions; the point itself where all variables are whole numbers."""
        free = [name for name in point if not self.domain.variable(name).integer]
        if not free:
            yield point
            return
        for turn in range(4):
            moved = dict(point)
            for place, name in enumerate(free):
                sign = -1 if (turn >> (place % 2)) & 1 else 1
                size = (abs(point[name]) or Fraction(1, 2**12)) * Fraction(37 + 6 * place + turn, 2**26)
                moved[name] = self._within(name, point[name], sign * size)
            yield moved

    def _within(self, name: str, value: Fraction, by: Fraction) -> Fraction:
        variable = self.domain.variable(name)
        return next((value + move for move in (by, -by) if variable.holds(value + move)), value)

    def settle(self, point: Point) -> tuple[Verdict | Finding, int]:
        """The finding at a point at rising precision, and the number of certified common bits."""
        found: Verdict | Finding = Finding.UNCLEAR
        best = 0
        for precision in self._precisions(point):
            found = self.compare(point, precision)
            if isinstance(found, Verdict) or found in {Finding.SKIPPED, Finding.ISOLATED}:
                return found, 0
            if found is Finding.AGREES:
                best = max(best, self._common_bits(point, precision))
                if best >= BITS:
                    return self._exact_difference(point) or found, best
        return (self._exact_difference(point) or Finding.UNCLEAR, best)

    def _precisions(self, point: Point) -> tuple[int, ...]:
        """The precisions to try at a point: beyond the bits that separate its smallest part from its largest."""
        evaluation = self.program.at(point, FIRST)
        try:
            evaluation.value(self.answer)
            evaluation.value(self.response)
        except (NoValue, Unclear):
            pass
        literals = self.magnitude or 0
        needed = max(at_point(evaluation), FOR_LITERALS * literals if literals > ORDINARY else 0)
        return tuple([precision + needed for precision in PRECISIONS])

    @cached_property
    def magnitude(self) -> int | None:
        """The bits between the constants and one; None where agreement would mean nothing."""
        return of_constants(self.program)

    def _exact_difference(self, point: Point) -> Verdict | Finding | None:
        """What exact arithmetic says where both values are rational, however close they are."""
        known: dict[int, Fraction | None] = {}
        response = exact_node(self.nodes, self.response, point, known)
        answer = exact_node(self.nodes, self.answer, point, known)
        if response is None or answer is None:
            return Finding.UNCLEAR if self.is_rational else None
        return (
            None
            if response == answer
            else self._different(point, ball(response), ball(answer), ball(response - answer), PRECISIONS[-1])
        )

    @cached_property
    def is_rational(self) -> bool:
        """Whether both are quotients of polynomials with rational coefficients."""
        used = [self.nodes[number] for number in reachable(self.nodes, self.response, self.answer)]
        return all(
            node.kind in RATIONAL or (node.kind == "power" and isinstance(literal_exponent(self.nodes, node), int))
            for node in used
        )

    def _common_bits(self, point: Point, precision: int) -> int:
        """To how many bits the two values are known to agree, relative to their size where that is not zero."""
        evaluation = self.program.at(point, precision)
        response, answer = evaluation.value(self.response), evaluation.value(self.answer)
        if response.contains(0) or answer.contains(0):
            spread = max(response.abs_upper(), answer.abs_upper())
            return _bits_below_one(spread)
        return int(min(response.rel_accuracy_bits(), answer.rel_accuracy_bits())) - 1

    def agreement(self, points: Iterable[Point]) -> tuple[Verdict | None, Tally]:
        """Equal by agreement if it holds at enough points, different at the first that says so."""
        tally = Tally()
        for point in points:
            found, _ = self.settle(point)
            if isinstance(found, Verdict):
                return found, tally
            tally.note(point, found)
        return None, tally

    def is_dark(self, point: Point) -> bool:
        """Whether around an unclear point, where the answer has values, no precision tells what the response has."""
        return all(self._is_dark_at(near) for near in (point, *self._neighbours(point)))

    def _is_dark_at(self, point: Point) -> bool:
        radii = []
        for precision in self._precisions(point)[-2:]:
            try:
                _, response = self.program.at(point, precision).values(self.answer, self.response)
            except (NoValue, Unclear):
                return False
            if isinstance(response, GraderError):
                continue
            radii.append(response.rad())
        # A jump that cannot be told from its two sides is as wide with more digits.
        return len(radii) < 2 or (radii[1] > 0 and 2 * radii[1] >= radii[0])

    def with_other_functions(self, points: Iterable[Point]) -> Verdict | None:
        """The verdict at the first point that gives one with other functions for declared unknown ones.

        Where the two agree for a positive function, they may not for one that takes both signs.
        """
        if "apply" not in self.numbering.unruled:
            return None
        points, usual, found = tuple(points), self.program, None
        for turn in OTHERS:
            self.program = program_of(self.numbering, turn)
            found = found or self.probe(points, Tally())
        self.program = usual
        return found

    def is_tame(self) -> bool:
        """Whether all constants are of a size that computer algebra can be trusted to end on."""
        evaluation = self.program.at({}, FIRST)
        for number, node in enumerate(self.nodes):
            if node.kind in TREACHEROUS:
                return False
            try:
                if not abs(evaluation.value(number)) < LARGEST_CONSTANT:
                    return False
            except MissingName:
                continue
            except (NoValue, Unclear, NotScalar):
                return False
        return True

    def value_of_response(self, point: Point) -> str | None:
        """The response's value as text, if it has one at the point."""
        try:
            return decimal(self.program.at(point, FIRST).value(self.response))
        except (NoValue, Unclear):
            return None

    def has_scalar_answer(self) -> bool:
        """Whether everything in the answer is a number."""
        try:
            self._answer_undefined(self.domain.points(self.names)[0])
        except NotScalar:
            return False
        return True

    def printed(self, point: Point) -> tuple[tuple[str, str], ...]:
        """The point as names and short texts, with the stand-ins of unknown functions."""
        texts = [(name, short(value)) for name, value in point.items()]
        if "apply" not in self.numbering.unruled:
            return tuple(texts)
        stand_ins = {str(value).rstrip("'′"): len(args) for kind, args, value in self.nodes if kind == "apply"}
        letters = ("t", "u", "v", "w")
        turn = self.program.turn
        texts += [(f"{name}({', '.join(letters[:n])})", describe(name, n, turn)) for name, n in stand_ins.items()]
        return tuple(texts)


def _names(numbering: Numbering) -> tuple[str, ...]:
    """The names that a point must give values to, sorted: all but the indices of sums."""
    used = numbering.names()
    if "sigma" in numbering.unruled:
        used -= {str(value) for kind, _, value in numbering.nodes if kind == "sigma"}
    return tuple(sorted(used)) if len(used) > 1 else tuple(used)


def everything_below(nodes: list[Node], root: int) -> set[int]:
    """All nodes of a tree, those in branches too."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            stack.extend(nodes[number].args)
    return seen


def enough(tally: Tally, available: int) -> Evidence | None:
    """The evidence of agreement, if the points that agree are enough and few are unclear."""
    needed = min(POINTS, available)
    if len(tally.agreed) >= needed > 0 and 4 * len(tally.unclear) <= len(tally.agreed):
        return Agreement(len(tally.agreed), DIGITS)
    return None


def _bits_below_one(spread: Ball) -> int:
    """How many bits below one a bound is; many for an exact zero."""
    if spread == 0:
        return 10 * BITS
    mantissa, scale = spread.mid().man_exp()
    return -(int(scale) + int(mantissa).bit_length())
