"""Values at isolated points: holes of a response, and other values at the points where formulas meet.

Equality counts values in regions only; where a problem is strict, these count too.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from grader.checking.agreeing import JUMPING, Comparison, everything_below
from grader.checking.bounding import Certified, NotScalar, NoValue, Unclear, enclose, exact_value
from grader.checking.breakpoints import roots_along, switches_of
from grader.checking.cases import chosen
from grader.checking.domain import Domain
from grader.checking.printed import figures, short
from grader.checking.sampling import Point
from grader.checking.spans import is_connected
from grader.checking.verdict import Counterexample, Outcome, Undefined, Verdict
from grader.reading.tree import Tree, call, literal_value, names_in, walk

MOST_PLACES = 60
MOST_DIVISORS = 12
LARGEST_DENOMINATOR = 1000
# How near to a zero that is not rational its two sides are looked at.
NEAR = Fraction(1, 2**20)
NARROW = Fraction(1, 10**20)
LOGARITHMS = frozenset({"ln", "log", "log2", "log10"})
POLES = {"tan": "cos", "sec": "cos", "cot": "sin", "csc": "sin"}


def isolated_difference(response: Tree, answer: Tree, domain: Domain) -> Verdict | None:
    """The verdict on two that are equal in regions, from a single point at which they are not; None if there is none.

    At a point where the answer has no value, or any value as a step has at its kink, anything is right.
    """
    for divisor, reason in islice(_divisors(response), MOST_DIVISORS):
        found = _at_hole(divisor, reason, response, answer, domain)
        if found is not None:
            return found
    for point in islice(_meeting_points(Comparison(response, answer, domain)), MOST_PLACES):
        found = _at_point(chosen(response, point), chosen(answer, point), point)
        if found is not None:
            return found
    return None


def _divisors(tree: Tree) -> Iterator[tuple[Tree, str]]:
    """What the tree, as written, has no value at the zeros of, with the reason."""
    for node in walk(tree):
        found = _divisor(node)
        if found is not None and names_in(found[0]):
            yield found


def _divisor(node: Tree) -> tuple[Tree, str] | None:
    if node.kind == "quotient":
        return node.args[1], "division by zero"
    if node.kind == "power" and (literal_value(node.args[1]) or 0) < 0:
        return node.args[0], "division by zero"
    if node.kind != "call":
        return None
    if node.value in LOGARITHMS:
        return node.args[0], "logarithm of zero"
    return (call(POLES[node.value], node.args[0]), f"{node.value} has a pole") if node.value in POLES else None


def _has_hole(tree: Tree, point: Point) -> bool:
    """Whether the tree, as written, divides by zero or takes the logarithm of zero at the point."""
    return any(exact_value(divisor, point) == 0 for divisor, _ in _divisors(tree))


def _at_hole(divisor: Tree, reason: str, response: Tree, answer: Tree, domain: Domain) -> Verdict | None:
    """The verdict at a zero of what the response divides by, where the answer has a value."""
    has_cases = any(node.kind == "piecewise" for tree in (response, answer) for node in walk(tree))
    comparison = Comparison(divisor, answer, domain)
    for name, root, base in _roots(comparison):
        for value in _candidates(root):
            point = {**base, name: value}
            if not all(domain.variable(each).holds(at) for each, at in point.items()):
                continue
            is_hole = exact_value(divisor, point) == 0 and _has_hole(chosen(response, point), point)
            if is_hole and _has_value(chosen(answer, point), point):
                return _hole(point, reason)
        if has_cases:  # near a zero that is not rational it is not known which case applies
            continue
        if domain.variable(name).holds(root) and _is_zero_between(comparison, divisor, answer, name, root, base):
            return _hole({**base, name: root}, reason)
    return None


def _roots(comparison: Comparison) -> list[tuple[str, Fraction, Point]]:
    """Zeros of the divisor along its variables, with zero and the origin, the nearest to zero first."""
    found = list(islice(roots_along(comparison, [comparison.response]), MOST_PLACES))
    bases = comparison.domain.points(comparison.names)[:1]
    zeros = dict.fromkeys((name, Fraction(0), tuple(base.items())) for base in bases for name in base)
    simple = [(name, zero, dict(base)) for name, zero, base in zeros]
    origin = [(name, zero, dict.fromkeys(base, zero)) for name, zero, base in simple[:1]]
    return [*origin, *simple, *sorted(found, key=lambda each: abs(each[1]))]


def _candidates(root: Fraction) -> tuple[Fraction, ...]:
    """The root as found, and the simple number that it may be an approximation of."""
    return tuple(dict.fromkeys((root.limit_denominator(LARGEST_DENOMINATOR), root)))


def _hole(point: Point, reason: str) -> Verdict:
    return Verdict(Outcome.DIFFERENT, Undefined(tuple((name, short(value)) for name, value in point.items()), reason))


def _is_zero_between(
    comparison: Comparison, divisor: Tree, answer: Tree, name: str, root: Fraction, base: Point
) -> bool:
    """Whether the divisor certainly changes its sign near the root, without a jump, where the answer has values."""
    if any(
        comparison.nodes[number].kind in JUMPING for number in everything_below(comparison.nodes, comparison.response)
    ):
        return False
    sides = [{**base, name: root + sign * NEAR * max(abs(root), Fraction(1))} for sign in (-1, 1)]
    low, high = (_value(divisor, point) for point in sides)
    if low is None or high is None or not (low.upper < 0 < high.lower or high.upper < 0 < low.lower):
        return False
    first, second = sides
    return all(is_connected(each, first, second, comparison.domain) for each in (divisor, answer)) and not any(
        _changes_sign(each, first, second) for each, _ in _divisors(answer)
    )


def _changes_sign(tree: Tree, first: Point, second: Point) -> bool:
    low, high = _value(tree, first), _value(tree, second)
    return low is None or high is None or not (low.lower > 0 < high.lower or low.upper < 0 > high.upper)


def _has_value(answer: Tree, point: Point) -> bool:
    """Whether the answer has one definite value at the point, as it is written."""
    if _has_hole(answer, point):
        return False
    value = _value(answer, point)
    return value is not None and value.upper - value.lower < NARROW


def _value(tree: Tree, point: Point) -> Certified | None:
    try:
        return enclose(tree, point)
    except (NoValue, Unclear, NotScalar):
        return None


def _meeting_points(comparison: Comparison) -> Iterator[Point]:
    """Points at which a formula of either changes."""
    for name, root, base in roots_along(comparison, switches_of(comparison)):
        for value in _candidates(root):
            if comparison.domain.variable(name).holds(value):
                yield {**base, name: value}


def _at_point(response: Tree, answer: Tree, point: Point) -> Verdict | None:
    """The verdict at one point where the answer has a value; holes of both have been looked at already."""
    if _has_hole(response, point) or _has_hole(answer, point):
        return None
    theirs = _value(answer, point)
    if theirs is None:
        return None
    shown = tuple((name, short(value)) for name, value in point.items())
    try:
        mine = enclose(response, point)
    except NoValue as error:
        is_definite = theirs.upper - theirs.lower < NARROW
        return Verdict(Outcome.DIFFERENT, Undefined(shown, str(error))) if is_definite else None
    except (Unclear, NotScalar):
        return None
    if mine.overlaps(theirs):
        return None
    return Verdict(Outcome.DIFFERENT, Counterexample(shown, _words(mine), _words(theirs)))


def _words(value: Certified) -> str:
    """The value in six digits; of a step at its kink, the values that it may have."""
    if value.upper - value.lower < NARROW:
        return figures(value.middle, 6)
    lower, upper = (figures(round(end, 6), 6) for end in (value.lower, value.upper))
    return f"anything from {lower} to {upper}"
