"""The ladder of evidence: whether a response equals an answer, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from grader.checking.agreeing import FIRST, JUMPING, Comparison, Tally, enough
from grader.checking.balls import NoValue, Unclear, ball
from grader.checking.conditions import is_infinite
from grader.checking.domain import ANYTHING, Domain
from grader.checking.partiality import partial_nodes
from grader.checking.printed import beside, two_texts
from grader.checking.programs import NotScalar
from grader.checking.quotients import is_same_quotient
from grader.checking.verdict import (
    Counterexample,
    Outcome,
    OutOfBudget,
    Proof,
    TypeMismatch,
    Undefined,
    Verdict,
    against,
)
from grader.loading import later
from grader.reading.tree import Tree, names_in, walk

if TYPE_CHECKING:
    from grader.checking.breakpoints import around_breakpoints, between
    from grader.checking.cells import is_proved_on_cells
    from grader.checking.closed_numbers import is_same_number
    from grader.checking.constant_parts import is_proved_by_coefficients
    from grader.checking.constants import pin_constants
    from grader.checking.definedness import is_defined, undefined_point
    from grader.checking.extremes import at_extremes
    from grader.checking.normal import constant_of, is_proved
    from grader.checking.rotations import is_proved_by_rotation
    from grader.checking.symbolic import prove_zero
    from grader.checking.turning_signs import turning_signs
else:
    around_breakpoints = later("grader.checking.breakpoints:around_breakpoints")
    between = later("grader.checking.breakpoints:between")
    is_proved_on_cells = later("grader.checking.cells:is_proved_on_cells")
    is_same_number = later("grader.checking.closed_numbers:is_same_number")
    is_proved_by_coefficients = later("grader.checking.constant_parts:is_proved_by_coefficients")
    pin_constants = later("grader.checking.constants:pin_constants")
    is_defined = later("grader.checking.definedness:is_defined")
    undefined_point = later("grader.checking.definedness:undefined_point")
    at_extremes = later("grader.checking.extremes:at_extremes")
    constant_of = later("grader.checking.normal:constant_of")
    is_proved = later("grader.checking.normal:is_proved")
    is_proved_by_rotation = later("grader.checking.rotations:is_proved_by_rotation")
    prove_zero = later("grader.checking.symbolic:prove_zero")
    turning_signs = later("grader.checking.turning_signs:turning_signs")

# The first points end most wrong answers; a proof is tried before all the others are looked at.
FIRST_POINTS = 3
DEFINED_POINTS = 24
# Kinds whose normal form holds but for single points: a proof with one of them is held against all points.
STEPPED = JUMPING - {"tan"}
MULTIPLIED = "multiplying out"
NORMAL_FORM = "exact normal form"
ALGEBRA = "computer algebra"
SEPARATED = "a separation bound of algebraic numbers"
SHAPED = frozenset({"vector", "matrix", "set", "list", "interval", "relation", "and", "or", "union", "empty", "row"})


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on one verdict.

    With `prove` SymPy is asked for a proof before a verdict rests on agreement; without, only where
    there is no agreement either. With it a proof is also held against all points. Larger trees than
    `nodes` are never given to SymPy.
    """

    prove: bool = False
    nodes: int = 120


def decide(response: Tree, answer: Tree, domain: Domain = ANYTHING, budget: Budget = Budget()) -> Verdict:
    """Whether the response has the answer's value wherever the answer has one, with the evidence."""
    if response == answer:
        return _equal("the same expression")
    mismatch = _mismatch(response, answer, domain)
    if mismatch is not None:
        return mismatch
    comparison = Comparison(response, answer, domain)
    if comparison.response == comparison.answer:
        return _equal("the same expression up to order")
    try:
        return _climb(comparison, response, answer, budget)
    except NotScalar as error:
        return _not_scalar(comparison, error)


@lru_cache(maxsize=32)
def _equal(method: str) -> Verdict:
    return Verdict(Outcome.EQUAL, Proof(method))


def _mismatch(response: Tree, answer: Tree, domain: Domain) -> Verdict | None:
    """The verdict on trees that are no scalar expressions."""
    is_shaped = bool(domain.shapes) and domain.shapes.keys() & (names_in(response) | names_in(answer))
    if is_shaped or answer.kind in SHAPED:
        return _undecided("vectors and matrices are compared entry by entry, not as one expression")
    if response.kind in SHAPED:
        return Verdict(Outcome.INVALID, TypeMismatch("an expression", _kind(response)))
    return None


def _kind(tree: Tree) -> str:
    """The kind of a tree in words, with its article."""
    names = {"relation": "an equation or inequality", "interval": "an interval", "empty": "an empty set"}
    return names.get(tree.kind, f"a {tree.kind}")


def _not_scalar(comparison: Comparison, error: NotScalar) -> Verdict:
    """The verdict where one of the two holds something inside that is not a number."""
    if not comparison.has_scalar_answer():
        return _undecided("the answer holds something that is not a number")
    return Verdict(Outcome.INVALID, TypeMismatch("an expression", _inside(error.field)))


def _inside(kind: str) -> str:
    """What was found where a number should stand, in words."""
    return f"one that holds a {kind}" if kind in SHAPED else f"{kind}, which is not one number"


def _climb(comparison: Comparison, response: Tree, answer: Tree, budget: Budget) -> Verdict:
    """The rungs after the first, in their order."""
    if is_infinite(comparison.nodes, comparison.answer):
        return _against_infinity(comparison)
    points = comparison.domain.simple_points(comparison.names)[:FIRST_POINTS]
    tally = Tally()
    found = comparison.probe(points[:1], tally)
    if found is None and tally.agreed and not budget.prove and _is_same_quotient(comparison):
        return _equal(MULTIPLIED)
    found = found or comparison.probe(points[1:], tally)
    if found is None and tally.unclear and pin_constants(comparison.program, comparison.numbering):
        tally = Tally()
        found = comparison.probe(points, tally)
    if found is not None:
        return found
    closed = _exactly(comparison, is_agreed=bool(tally.agreed))
    if closed is not None:
        return closed
    is_tried = bool(tally.agreed)
    proved = is_tried and _is_proved(comparison)
    is_everywhere = proved and not budget.prove and not partial_nodes(comparison)
    if is_everywhere and not any(node.kind in STEPPED for node in comparison.nodes):
        return _equal(NORMAL_FORM)
    found = _look_everywhere(comparison, tally, len(points))
    found = found or comparison.with_other_functions(comparison.domain.points(comparison.names))
    if found is not None:
        return against(Proof(NORMAL_FORM), found) if proved else found
    if is_everywhere:
        return _equal(NORMAL_FORM)
    if not tally.agreed and not tally.unclear:
        return _undecided("the answer has no value at any of the points looked at")
    proved = proved or (not is_tried and bool(tally.agreed) and _is_proved(comparison))
    if proved and is_defined(comparison):
        return _equal(f"{NORMAL_FORM}, and defined wherever the answer is")
    found = _look_closely(comparison, tally)
    return found or _without_proof(comparison, response, answer, budget, tally)


def _look_everywhere(comparison: Comparison, tally: Tally, seen: int) -> Verdict | None:
    """The verdict at one of all the other sample points, those beside breakpoints among them."""
    more = [*comparison.domain.points(comparison.names)[seen:], *around_breakpoints(comparison)]
    found = comparison.probe(more, tally)
    defined = [*tally.agreed, *tally.unclear]
    if found is not None or not defined or len(defined) >= DEFINED_POINTS:
        return found
    return comparison.probe(between(comparison, defined, DEFINED_POINTS), tally)


def _look_closely(comparison: Comparison, tally: Tally) -> Verdict | None:
    """The verdict where something is largest or smallest, or where a divisor is exactly zero around a point."""
    missing = undefined_point(comparison, tally.unclear)
    if missing is not None:
        point, reason = missing
        return Verdict(Outcome.DIFFERENT, Undefined(comparison.printed(point), reason))
    return comparison.probe(at_extremes(comparison), tally)


def _exactly(comparison: Comparison, *, is_agreed: bool) -> Verdict | None:
    """The verdict of exact arithmetic; beyond rational numbers it says something where there is no variable."""
    if comparison.is_exactly_equal():
        return _equal("exact arithmetic")
    # A step may have any value at its kink, so what is built on one is no single number.
    if comparison.names or any(node.kind in {"step", "sign"} for node in comparison.nodes):
        return None
    if is_agreed and is_same_number(comparison.numbering, comparison.response, comparison.answer):
        return _equal(SEPARATED)
    texts = _apart(comparison)
    return None if texts is None else Verdict(Outcome.DIFFERENT, Counterexample((), *texts))


def _apart(comparison: Comparison) -> tuple[str, str] | None:
    """Both values as texts, where the exact difference of two numbers is a rational that is not zero."""
    nodes, sides = comparison.nodes, (comparison.response, comparison.answer)
    own = comparison.numbering.copy()
    distance = constant_of(own.nodes, own.difference(*sides))
    if not distance:
        return None
    response, answer = [constant_of(nodes, side) for side in sides]
    if response is not None and answer is not None:
        return two_texts(ball(response), ball(answer), ball(distance))
    try:
        return beside(comparison.program.at({}, FIRST).value(comparison.answer), ball(distance))
    except (NoValue, Unclear):
        return None


def _is_same_quotient(comparison: Comparison) -> bool:
    """Whether multiplying out proves both equal, and the response defined wherever the answer is."""
    is_same = is_same_quotient(comparison.nodes, comparison.response, comparison.answer)
    return is_same and not partial_nodes(comparison)


def _is_proved(comparison: Comparison) -> bool:
    sides = (comparison.nodes, comparison.response, comparison.answer, comparison.domain)
    return (
        is_proved(*sides)
        or is_proved(*sides, deep=True, assumed=turning_signs(*sides))
        or is_proved_by_coefficients(*sides)
        or is_proved_on_cells(comparison)
        or is_proved_by_rotation(comparison)
    )


def _without_proof(comparison: Comparison, response: Tree, answer: Tree, budget: Budget, seen: Tally) -> Verdict:
    """SymPy within the budget, and agreement to many digits."""
    points = [*seen.agreed, *seen.unclear]
    found, tally = comparison.agreement(points)
    if found is not None:
        is_doubted = budget.prove and _is_proved_by_algebra(comparison, response, answer, budget)
        return against(Proof(ALGEBRA), found) if is_doubted else found
    is_told = comparison.magnitude is not None or comparison.is_rational
    is_told = is_told and not any(comparison.is_dark(point) for point in tally.unclear)
    evidence = enough(tally, len(points)) if is_told else None
    is_wanted = budget.prove or (evidence is None and seen.agreed)
    if is_wanted and _is_proved_by_algebra(comparison, response, answer, budget):
        return _equal(ALGEBRA)
    if evidence is not None:
        return Verdict(Outcome.EQUAL, evidence)
    return _undecided("the values could not be computed well enough to compare them")


def _is_proved_by_algebra(comparison: Comparison, response: Tree, answer: Tree, budget: Budget) -> bool:
    """Whether SymPy proves it; larger or wilder trees it is not asked about, it might not end."""
    is_small = sum(1 for tree in (response, answer) for _ in walk(tree)) <= budget.nodes
    return is_small and comparison.is_tame() and prove_zero(response, answer, comparison.domain)


def _against_infinity(comparison: Comparison) -> Verdict:
    """An infinite answer equals only itself."""
    for point in comparison.domain.points(comparison.names)[:FIRST_POINTS]:
        value = comparison.value_of_response(point)
        if value is not None:
            return Verdict(Outcome.DIFFERENT, Counterexample(comparison.printed(point), value, "infinite"))
    if is_infinite(comparison.nodes, comparison.response):
        return Verdict(Outcome.DIFFERENT, Counterexample((), "infinite", "infinite with the other sign"))
    if comparison.response_has_no_value():
        return Verdict(Outcome.INVALID, Undefined())
    return _undecided("the answer is infinite and the response has no value to compare with it")


def _undecided(reason: str) -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))
