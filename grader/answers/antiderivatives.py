"""Two expressions that may differ by a constant on every connected part of the domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice, pairwise

from grader.answers.base import Context
from grader.answers.scalars import compare
from grader.answers.up_to import UpTo, constant_letters, with_letters
from grader.calculus.derivatives import DerivativeTooLong, NotDifferentiable, differentiate
from grader.checking.agreeing import POINTS, Comparison
from grader.checking.bounding import Certified, NotScalar, NoValue, Unclear, enclose
from grader.checking.breakpoints import around_breakpoints
from grader.checking.domain import Domain
from grader.checking.printed import short
from grader.checking.sampling import Point
from grader.checking.spans import is_connected
from grader.checking.verdict import Agreement, Counterexample, Outcome, OutOfBudget, Proof, Undefined, Verdict
from grader.reading.tree import Tree, add, names_in, neg, number, substitute

MOST_STARTS = 12
MOST_PAIRS = 200
SIMPLE_POINTS = 5
NUDGE = Fraction(1, 2**24 + 43)
PRECISION = 192
# A difference counts where it is known this well; so many digits are then said to agree.
SURE_DIGITS = 30
SURE = Fraction(1, 10**SURE_DIGITS)
_SIMPLEST = (Fraction(1), Fraction(0))


def compare_antiderivatives(response: Tree, key: Tree, up_to: UpTo, context: Context) -> Verdict:
    """Equal where the difference is constant on every connected part of where the key has a value.

    A letter such as C that is not declared is any constant.
    """
    letters = constant_letters(response, key, context.domain)
    context = replace(context, domain=with_letters(context.domain, letters))
    names = names_in(response) | names_in(key)
    moving = tuple(sorted((names if up_to.names is None else names & set(up_to.names)) - letters))
    start = _start(response, key, names, context)
    if start is None:
        return compare(response, key, None, context)
    shifted = add(key, _constant(response, key, {each: start[each] for each in moving}))
    verdict = compare(response, shifted, None, context)
    if verdict.outcome is Outcome.EQUAL:
        return _equal(verdict)
    if verdict.outcome is Outcome.INVALID or isinstance(verdict.evidence, Undefined):
        return verdict
    if any(context.domain.variable(each).integer for each in moving):
        return verdict
    slopes = [_slopes(response, key, each, context) for each in moving]
    apart = next((each for each in slopes if each.outcome is Outcome.DIFFERENT), None)
    return apart or _by_parts(response, key, shifted, _Way(start, moving), slopes, context)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where the comparison starts and which names move; all others stay as they are at the start."""

    start: Point
    moving: tuple[str, ...]

    def points(self, points: Iterable[Point], domain: Domain) -> list[Point]:
        """The start and points beside these with only the moving names moved, in order.

        Beside them, for a point itself may be one at which a formula has a value of its own.
        """
        moved = [self._beside(point, domain) for point in (self.start, *points)]
        unique = {tuple(point[each] for each in self.moving): point for point in moved}
        return [unique[values] for values in sorted(unique)]

    def _beside(self, point: Point, domain: Domain) -> Point:
        values = dict(self.start)
        for place, each in enumerate(self.moving, start=1):
            moved = point[each] + NUDGE * place * max(abs(point[each]), NUDGE)
            values[each] = moved if domain.variable(each).holds(moved) else point[each]
        return values


def _equal(verdict: Verdict) -> Verdict:
    if isinstance(verdict.evidence, Proof):
        return Verdict(Outcome.EQUAL, Proof("up to an added constant"))
    return verdict


def _start(response: Tree, key: Tree, names: frozenset[str], context: Context) -> Point | None:
    """A simple point at which both have a value that is known well."""
    simplest = (dict.fromkeys(sorted(names), value) for value in _SIMPLEST)
    held = (point for point in simplest if all(context.domain.variable(n).holds(v) for n, v in point.items()))
    for point in (*held, *islice(context.domain.points(names), MOST_STARTS)):
        if all(_is_known(_value(each, point)) for each in (response, key)):
            return point
    return None


def _value(tree: Tree, point: Point) -> Certified | None:
    try:
        return enclose(tree, point, PRECISION)
    except (NoValue, Unclear, NotScalar):
        return None


def _is_known(value: Certified | None) -> bool:
    """Whether there is a value, known to many digits: not that of a step at its kink."""
    return value is not None and value.upper - value.lower < SURE


def _constant(response: Tree, key: Tree, at: Point) -> Tree:
    """The difference at a point, exactly; names that the constant may depend on stay."""
    values = {each: number(value) for each, value in at.items()}
    return add(substitute(response, values), neg(substitute(key, values)))


def _slopes(response: Tree, key: Tree, variable: str, context: Context) -> Verdict:
    """Whether both have the same derivative; a counterexample is one of derivatives."""
    if context.domain.variable(variable).integer:
        return _undecided("a whole number cannot be varied continuously")
    try:
        mine, theirs = (differentiate(each, variable).tree for each in (response, key))
    except (NotDifferentiable, DerivativeTooLong) as error:
        return _undecided(str(error))
    verdict = compare(mine, theirs, None, context)
    evidence = verdict.evidence
    if verdict.outcome is Outcome.DIFFERENT and isinstance(evidence, Counterexample):
        return Verdict(Outcome.DIFFERENT, replace(evidence, of="derivative"))
    return verdict if verdict.outcome is Outcome.EQUAL else _undecided("the derivatives could not be compared")


def _by_parts(
    response: Tree, key: Tree, shifted: Tree, way: _Way, slopes: Sequence[Verdict], context: Context
) -> Verdict:
    """The verdict where the difference is no single constant: whether it is one on each connected part."""
    comparison = Comparison(response, shifted, context.domain)
    domain = context.domain
    points = way.points([*domain.points(way.start), *around_breakpoints(comparison)], domain)
    missing = _undefined(comparison, points)
    if missing is not None:
        return missing
    known = _differences(response, shifted, points)
    simple = _differences(response, shifted, way.points(domain.points(way.start)[:SIMPLE_POINTS], domain))
    for (first, before), (second, after) in islice(chain(pairwise(simple), _pairs(known, way)), MOST_PAIRS):
        if before.overlaps(after):
            continue
        connected = is_connected(key, first, second, domain)
        if connected:
            return _jumped(response, shifted, first, second)
        if connected is None:
            return _undecided("it is not known whether the answer has a value all the way between two points")
    same = all(each.outcome is Outcome.EQUAL for each in slopes)
    if same and len(known) >= POINTS:
        return Verdict(Outcome.EQUAL, Agreement(len(known), SURE_DIGITS))
    return _undecided("the derivatives could not be compared")


def _undefined(comparison: Comparison, points: Iterable[Point]) -> Verdict | None:
    """The verdict at the first point in a region where the response has no value and the key has one."""
    for point in points:
        found = comparison.compare(point, PRECISION)
        if isinstance(found, Verdict) and isinstance(found.evidence, Undefined):
            return found
    return None


_Known = tuple[Point, Certified]


def _differences(response: Tree, shifted: Tree, points: Iterable[Point]) -> list[_Known]:
    """The difference at every point at which it is known to many digits."""
    apart = add(response, neg(shifted))
    found = ((point, _value(apart, point)) for point in points)
    return [(point, value) for point, value in found if value is not None and _is_known(value)]


def _pairs(known: Sequence[_Known], way: _Way) -> Iterator[tuple[_Known, _Known]]:
    """Neighbours; where several names move, also the first with every other."""
    yield from pairwise(known)
    if len(way.moving) > 1:
        yield from ((known[0], other) for other in known[2:])


def _jumped(response: Tree, shifted: Tree, first: Point, second: Point) -> Verdict:
    """The counterexample of a difference that changes within one connected part."""
    shown = tuple((each, short(value)) for each, value in second.items())
    origin = ", ".join(f"{each} = {short(value)}" for each, value in first.items())
    fitting = add(shifted, _constant(response, shifted, first))
    mine, theirs = _value(response, second), _value(fitting, second)
    texts = tuple("" if value is None else f"{float(value):.6g}" for value in (mine, theirs))
    evidence = Counterexample(shown, texts[0], f"{texts[1]} with the constant that fits at {origin}")
    return Verdict(Outcome.DIFFERENT, evidence)


def _undecided(reason: str) -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))
