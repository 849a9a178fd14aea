"""Verdicts on scalars that may differ by a constant, a factor, a sign or the names of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, permutations

from grader.answers.antiderivatives import compare_antiderivatives
from grader.answers.base import Context
from grader.answers.scalars import compare
from grader.answers.tolerance import Tolerance
from grader.answers.up_to import UpTo, renamed
from grader.checking.bounding import Certified, NotScalar, NoValue, Unclear, enclose
from grader.checking.kinks import without_kinks
from grader.checking.sampling import Point
from grader.checking.verdict import Counterexample, Outcome, Proof, Verdict
from grader.reading.tree import Tree, divide, multiply, names_in, neg, number, substitute

MOST_TRIED = 12
MOST_RENAMINGS = 24


def compare_up_to(response: Tree, key: Tree, up_to: UpTo, context: Context) -> Verdict:
    """The verdict on a scalar that may depart from the key in this way only."""
    response, key = without_kinks(response), without_kinks(key)
    if up_to.way == "constant":
        return compare_antiderivatives(response, key, up_to, context)
    if up_to.way == "renaming":
        return _compare_renamed(response, key, up_to, context)
    return compare_multiples((response,), (key,), up_to, None, context)


def compare_multiples(
    response: Sequence[Tree], key: Sequence[Tree], up_to: UpTo, tolerance: Tolerance | None, context: Context
) -> Verdict:
    """The verdict on entries that may all be the key's times one factor."""
    if up_to.way == "sign":
        return _compare_signed(response, key, tolerance, context)
    factor = _factor(response, key, up_to, context)
    if factor is None:
        return _compare_all(response, key, tolerance, context)
    if isinstance(factor, Verdict):
        return factor
    verdict = _compare_all(response, [multiply(factor, entry) for entry in key], tolerance, context)
    if verdict.outcome is Outcome.EQUAL and up_to.way == "positive-factor" and names_in(factor):
        verdict = _turned(response, key, context) or verdict
    if verdict.outcome is Outcome.EQUAL and isinstance(verdict.evidence, Proof):
        return Verdict(Outcome.EQUAL, Proof("up to a constant factor"))
    return verdict


def _compare_signed(
    response: Sequence[Tree], key: Sequence[Tree], tolerance: Tolerance | None, context: Context
) -> Verdict:
    """Equal to the key or to its opposite."""
    verdict = _compare_all(response, key, tolerance, context)
    if verdict.outcome in {Outcome.EQUAL, Outcome.INVALID}:
        return verdict
    opposite = _compare_all(response, [neg(entry) for entry in key], tolerance, context)
    return opposite if opposite.outcome is not Outcome.DIFFERENT else verdict


def _compare_all(
    response: Sequence[Tree], key: Sequence[Tree], tolerance: Tolerance | None, context: Context
) -> Verdict:
    """The worst verdict on the entries: invalid, then undecided, then different, then equal by the weakest evidence."""
    verdicts = [compare(mine, theirs, tolerance, context) for mine, theirs in zip(response, key, strict=True)]
    order = (Outcome.INVALID, Outcome.UNDECIDED, Outcome.DIFFERENT)
    worst = [each for outcome in order for each in verdicts if each.outcome is outcome]
    weak = [each for each in verdicts if not isinstance(each.evidence, Proof)]
    return (worst or weak or verdicts)[0]


def _factor(response: Sequence[Tree], key: Sequence[Tree], up_to: UpTo, context: Context) -> Tree | Verdict | None:
    """The factor between the two at a point where the key is not zero; None where there is no such point.

    A verdict where the factor would be zero, or have the sign that is not allowed.
    """
    for place, point in _places(response, key, context):
        theirs = _bounds(key[place], point)
        if theirs is None or theirs.lower <= 0 <= theirs.upper:
            continue
        mine = _bounds(response[place], point)
        if mine is None or (mine.lower <= 0 <= mine.upper and mine.exact is None):
            continue
        is_wrong = mine.exact == 0 or (up_to.way == "positive-factor" and _signs_differ(mine, theirs))
        if is_wrong:
            return _no_multiple(point, mine, theirs)
        held = point if up_to.names is None else {name: point[name] for name in up_to.names if name in point}
        at = {name: number(value) for name, value in held.items()}
        return divide(substitute(response[place], at), substitute(key[place], at))
    return None


def _no_multiple(point: Point, mine: Certified, theirs: Certified) -> Verdict:
    """The counterexample of a factor that is zero, or negative where it must be positive."""
    shown = tuple((name, str(value)) for name, value in point.items())
    return Verdict(Outcome.DIFFERENT, Counterexample(shown, _decimal(mine), f"{_decimal(theirs)} times a factor"))


def _turned(response: Sequence[Tree], key: Sequence[Tree], context: Context) -> Verdict | None:
    """The verdict where a factor that depends on names is negative for some of their values."""
    for place, point in _places(response, key, context, None):
        mine, theirs = _bounds(response[place], point), _bounds(key[place], point)
        if mine is not None and theirs is not None and _signs_differ(mine, theirs):
            return _no_multiple(point, mine, theirs)
    return None


def _places(
    response: Sequence[Tree], key: Sequence[Tree], context: Context, most: int | None = MOST_TRIED
) -> Iterator[tuple[int, Point]]:
    """Entries of the key with points to look at them."""
    names = frozenset[str]().union(*map(names_in, (*response, *key)))
    points = list(islice(context.domain.points(names), most))
    for place in range(len(key)):
        for point in points:
            yield place, point


def _bounds(tree: Tree, point: Mapping[str, Fraction]) -> Certified | None:
    try:
        return enclose(tree, point)
    except (NoValue, Unclear, NotScalar):
        return None


def _signs_differ(mine: Certified, theirs: Certified) -> bool:
    return (mine.upper < 0 < theirs.lower) or (theirs.upper < 0 < mine.lower)


def _decimal(value: Certified) -> str:
    return f"{float(value):.6g}"


def _compare_renamed(response: Tree, key: Tree, up_to: UpTo, context: Context) -> Verdict:
    """Equal to the key under some choice of names for its parameters; two parameters never become one."""
    verdict = compare(response, key, None, context)
    if verdict.outcome is Outcome.EQUAL:
        return verdict
    free = up_to.names or ()
    declared = context.domain.variables.keys() if context.domain.declared else names_in(key)
    mine = sorted(names_in(response) & set(free) | (names_in(response) - declared))
    if len(mine) > len(free):
        return verdict
    tried = [verdict] if not names_in(response) - declared else []
    for chosen in islice(permutations(free, len(mine)), MOST_RENAMINGS):
        found = compare(renamed(response, dict(zip(mine, chosen, strict=True))), key, None, context)
        if found.outcome is Outcome.EQUAL:
            return found
        tried.append(found)
    undecided = [each for each in tried if each.outcome is Outcome.UNDECIDED]
    return (undecided or tried or [verdict])[0]
