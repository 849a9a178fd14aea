"""What can be said for certain about an answer that is wrong, before any rule was recognised in it.

Every sentence was proved by the ladder of evidence first. How much it gives away follows `disclose`:
`none` says nothing, `some` and `point` say what is wrong, only `values` names a factor or constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from grader.answers.base import Answer, Checked, Context, Disclosure, Entry
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.scalars import scalar_of
from grader.answers.wording import NOT_SCALAR, explain, place_words
from grader.checking.bounding import Certified, enclosures
from grader.checking.domain import Domain
from grader.checking.equality import Budget, decide
from grader.checking.identical import Numbering
from grader.checking.nodes import literal_exponent
from grader.checking.programs import reachable
from grader.checking.sampling import Interval, Point
from grader.checking.signs import is_nonnegative, is_positive
from grader.checking.verdict import Counterexample, Outcome, Proof, TypeMismatch, Undefined, Verdict
from grader.reading.tree import Tree, add, multiply, name, names_in, neg, number, substitute, walk

MOST_NODES = 200
MOST_EXPLAINED = 4
MOST_ENTRIES = 16
MOST_NAMES = 2
PRECISION = 64
POINTS = 5
LARGEST_DENOMINATOR = 60
LARGEST_FACTOR = 1000
LARGEST_SHIFT = 10**9
_CHEAP = Budget(nodes=0)  # computer algebra is never asked
_SHOWING = frozenset({"point", "values"})
_HALVES = {"> 0": Interval(Fraction(0), None), "< 0": Interval(None, Fraction(0))}


def sentences(response: Answer, key: Tree, checked: Checked, context: Context, disclose: Disclosure) -> tuple[str, ...]:
    """What a student is told about the verdict on a response, as far as the problem discloses it."""
    words = checked.feedback
    if checked.entries and disclose in _SHOWING:
        words += tuple(_about_entries(checked.entries, disclose))
    elif not words or (isinstance(checked.verdict.evidence, Counterexample) and disclose in _SHOWING):
        words += explain(checked.verdict, disclose)
    return words if checked.mistake else words + observe(response.tree, key, checked.verdict, context, disclose)


def _about_entries(entries: Sequence[Entry], disclose: Disclosure) -> Iterator[str]:
    """The counterexamples of the first wrong entries."""
    wrong = [entry for entry in entries if entry.verdict.outcome is Outcome.DIFFERENT]
    for entry in wrong[:MOST_EXPLAINED]:
        for sentence in explain(entry.verdict, disclose):
            yield f"Entry {place_words(entry.index)}: {sentence}"


def observe(response: Tree, key: Tree, verdict: Verdict, context: Context, disclose: Disclosure) -> tuple[str, ...]:
    """Sentences about a response that is different from the key; none where nothing certain is found cheaply."""
    is_small = sum(1 for tree in (response, key) for _ in islice(walk(tree), MOST_NODES)) < MOST_NODES
    if disclose == "none" or verdict.outcome is not Outcome.DIFFERENT or not is_small:
        return ()
    if context.domain.shapes or context.vocabulary.indices is not None:
        return ()
    mine, theirs = scalar_of(evaluate(response)), scalar_of(evaluate(key))
    first, second = grid_of(mine), grid_of(theirs)
    if first is not None and second is not None:
        found = _about_grids(first, second, verdict, context)
    elif mine.kind in NOT_SCALAR or theirs.kind in NOT_SCALAR or isinstance(verdict.evidence, TypeMismatch):
        return ()
    else:
        found = _about_scalars(mine, theirs, verdict, context)
    return (found.sentence(disclose),) if found is not None else ()


@dataclass(frozen=True, slots=True)
class _Observation:
    """A sentence that gives no value away, and one that may."""

    guarded: str
    open: str = ""

    def sentence(self, disclose: Disclosure) -> str:
        return self.open if self.open and disclose == "values" else self.guarded


def _about_grids(mine: Grid, theirs: Grid, verdict: Verdict, context: Context) -> _Observation | None:
    """A factor common to all entries, or the right entries in another shape."""
    pairs = list(zip(mine.entries, theirs.entries, strict=False))
    if len(mine.entries) != len(theirs.entries) or not 2 <= len(pairs) <= MOST_ENTRIES:
        return None
    if isinstance(verdict.evidence, TypeMismatch):
        is_right = all(_are_equal(entry, right, context) for entry, right in pairs)
        return _Observation("The entries are right, only the shape is not.") if is_right else None
    place = next((place for place, (_, right) in enumerate(pairs) if right.kind != "number" or right.value != "0"), 0)
    factor = _factor(_known(*pairs[place], context.domain))
    if factor is None or not all(_are_equal(entry, multiply(number(factor), right), context) for entry, right in pairs):
        return None
    return _times(factor)


def _about_scalars(mine: Tree, theirs: Tree, verdict: Verdict, context: Context) -> _Observation | None:
    if isinstance(verdict.evidence, Undefined):
        return next((_gap(half, is_whole=whole) for half, whole in _gaps(mine, theirs, context)), None)
    known = _known(mine, theirs, context.domain)
    factor = _factor(known)
    is_single = not names_in(mine) | names_in(theirs)
    if factor == -1 or (factor is not None and not is_single):
        scaled = multiply(number(factor), theirs)
        return _times(factor) if _are_equal(mine, scaled, context) else None
    if is_single or all(each.mine.overlaps(each.theirs) for each in known):
        return None
    shift = _shift(mine, theirs, known, context) or next(_halves(mine, theirs, known, context), None)
    return shift or next((_gap(half, is_whole=True) for half, whole in _gaps(mine, theirs, context) if whole), None)


def _times(factor: Fraction) -> _Observation:
    if factor == -1:
        return _Observation("Your answer has the opposite sign of the right one.")
    guarded = "Your answer is right up to a constant factor."
    return _Observation(guarded, f"Your answer is right up to a constant factor of {factor}.")


@dataclass(frozen=True, slots=True)
class _Known:
    """Both values at a point."""

    point: Point
    mine: Certified
    theirs: Certified

    @property
    def apart(self) -> Certified:
        return Certified(self.mine.lower - self.theirs.upper, self.mine.upper - self.theirs.lower)


def _known(mine: Tree, theirs: Tree, domain: Domain) -> list[_Known]:
    """Both values at a few points, those on both sides of zero among them."""
    points = domain.points(names_in(mine) | names_in(theirs))[:POINTS]
    values = zip(points, *[enclosures(tree, points, PRECISION) for tree in (mine, theirs)], strict=True)
    return [_Known(point, one, other) for point, one, other in values if one is not None and other is not None]


def _factor(known: Sequence[_Known]) -> Fraction | None:
    """The simple rational by which all known values may differ; not one, not zero."""
    usable = [each for each in known if not each.theirs.lower <= 0 <= each.theirs.upper]
    if not usable:
        return None
    first = usable[0]
    factor = (first.mine.middle / first.theirs.middle).limit_denominator(LARGEST_DENOMINATOR)
    fits = all(_holds(each.mine, each.theirs, factor) for each in known)
    return factor if fits and factor not in {0, 1} and abs(factor) <= LARGEST_FACTOR else None


def _holds(mine: Certified, theirs: Certified, factor: Fraction) -> bool:
    ends = sorted((theirs.lower * factor, theirs.upper * factor))
    return ends[0] <= mine.upper and mine.lower <= ends[1]


def _shift(mine: Tree, theirs: Tree, known: Sequence[_Known], context: Context) -> _Observation | None:
    """A constant added to the right answer."""
    first = known[0].apart
    if not all(first.overlaps(each.apart) for each in known) or len(known) < POINTS // 2:
        return None
    simple = first.middle.limit_denominator(LARGEST_DENOMINATOR)
    is_simple = first.lower <= simple <= first.upper and abs(simple) <= LARGEST_SHIFT
    at = {each: number(value) for each, value in known[0].point.items()}
    constant = number(simple) if is_simple else add(substitute(mine, at), neg(substitute(theirs, at)))
    if not _are_equal(mine, add(theirs, constant), context):
        return None
    guarded = "Your answer is right up to an added constant."
    return _Observation(guarded, f"Your answer is right up to an added constant of {simple}." if is_simple else "")


def _halves(mine: Tree, theirs: Tree, known: Sequence[_Known], context: Context) -> Iterator[_Observation]:
    """The sign of one variable for which the answer is right, where it is wrong for the other."""
    for each in sorted(names_in(mine) | names_in(theirs))[:MOST_NAMES]:
        for words, half in _HALVES.items():
            inside = [one for one in known if half.holds(one.point[each])]
            if not inside or len(inside) == len(known) or not all(one.mine.overlaps(one.theirs) for one in inside):
                continue
            if _agree_on(mine, theirs, each, words == "< 0", context):
                other = "< 0" if words == "> 0" else "> 0"
                yield _Observation(f"Your answer is right for {each} {words}, but not for every {each} {other}.")


def _agree_on(mine: Tree, theirs: Tree, variable: str, is_negative: bool, context: Context) -> bool:
    """Whether the two are proved to be equal on one side of zero; the negative side is turned over first."""
    declared = context.domain.variable(variable)
    if is_negative:
        turned = {variable: neg(name(variable))}
        mine, theirs = substitute(mine, turned), substitute(theirs, turned)
        declared = replace(declared, intervals=tuple(map(_mirrored, declared.intervals)))
    domain = replace(context.domain, variables={**context.domain.variables, variable: declared})
    part = _restricted(domain, variable, _HALVES["> 0"])
    return part is not None and _are_equal(mine, theirs, replace(context, domain=part))


def _mirrored(interval: Interval) -> Interval:
    lower, upper = interval.lower, interval.upper
    return Interval(
        None if upper is None else -upper,
        None if lower is None else -lower,
        interval.upper_closed,
        interval.lower_closed,
    )


def _restricted(domain: Domain, variable: str, half: Interval) -> Domain | None:
    """The domain with one variable on one side of zero."""
    declared = domain.variable(variable)
    met = tuple(part for part in (one.meet(half) for one in declared.intervals) if part is not None)
    if not met:
        return None
    return replace(domain, variables={**domain.variables, variable: replace(declared, intervals=met)})


def _gap(half: str, *, is_whole: bool) -> _Observation:
    if is_whole:
        return _Observation(f"Your answer is not defined for {half}, where the right one is.")
    return _Observation(f"Your answer is not defined for {half}.")


def _gaps(mine: Tree, theirs: Tree, context: Context) -> Iterator[tuple[str, bool]]:
    """The sign of one variable for which the response has no value, and whether the key has values there."""
    for each in sorted(names_in(mine))[:MOST_NAMES]:
        for words, half in _HALVES.items():
            part = _restricted(context.domain, each, half)
            if part is not None and _is_nowhere(mine, each, words == "< 0", context.domain):
                points = part.points(names_in(mine) | names_in(theirs))[:POINTS]
                yield f"{each} {words}", all(found is not None for found in enclosures(theirs, points, PRECISION))


def _is_nowhere(tree: Tree, variable: str, is_negative: bool, domain: Domain) -> bool:
    """Whether the tree visibly has no value anywhere on one side of zero of the variable."""
    if is_negative:
        tree = substitute(tree, {variable: neg(name(variable))})
    positive = replace(domain.variable(variable), intervals=(_HALVES["> 0"],))
    half = replace(domain, variables={**domain.variables, variable: positive})
    numbering = Numbering()
    root = numbering.of(tree)
    # What stands in the cases of a piecewise value need not have a value itself.
    for node in [numbering.nodes[each] for each in sorted(reachable(numbering.nodes, root))]:
        if node.kind == "ln" and is_nonnegative(numbering.nodes, numbering.multiply(node.args[:1], -1), half):
            return True
        if node.kind == "power":
            by = literal_exponent(numbering.nodes, node)
            is_root = by is not None and by.denominator % 2 == 0
            if is_root and is_positive(numbering.nodes, numbering.multiply(node.args[:1], -1), half):
                return True
    return False


def _are_equal(mine: Tree, theirs: Tree, context: Context) -> bool:
    """Whether the two are proved to be equal; agreement is not enough to say so."""
    verdict = decide(mine, theirs, context.domain, _CHEAP)
    return verdict.outcome is Outcome.EQUAL and isinstance(verdict.evidence, Proof)
