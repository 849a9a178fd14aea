"""The ladder of evidence: whether a response equals an answer, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checking.agreeing import Comparison, Tally, enough
from grader.checking.breakpoints import around_breakpoints, between
from grader.checking.conditions import is_infinite
from grader.checking.constants import pin_constants
from grader.checking.domain import ANYTHING, Domain
from grader.checking.normal import is_proved
from grader.checking.programs import NotScalar
from grader.checking.symbolic import prove_zero
from grader.checking.verdict import Counterexample, Outcome, OutOfBudget, Proof, TypeMismatch, Verdict
from grader.reading.tree import Tree, names_in, walk

# The first points end most wrong answers; a proof is tried before all the others are looked at.
FIRST_POINTS = 3
DEFINED_POINTS = 24
SHAPED = frozenset({"vector", "matrix", "set", "list", "interval", "relation", "and", "or", "union", "empty", "row"})


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on one verdict.

    With `prove` SymPy is asked for a proof before a verdict rests on agreement; without, only where
    there is no agreement either. Larger trees than `nodes` are never given to SymPy.
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


def _equal(method: str) -> Verdict:
    return Verdict(Outcome.EQUAL, Proof(method))


def _mismatch(response: Tree, answer: Tree, domain: Domain) -> Verdict | None:
    """The verdict on trees that are no scalar expressions."""
    if answer.kind in SHAPED or domain.shapes.keys() & (names_in(response) | names_in(answer)):
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
    points = comparison.domain.points(comparison.names())
    tally = Tally()
    found = comparison.probe(points[:FIRST_POINTS], tally)
    if found is None and tally.unclear and pin_constants(comparison.program, comparison.numbering):
        tally = Tally()
        found = comparison.probe(points[:FIRST_POINTS], tally)
    if found is not None:
        return found
    if comparison.is_exactly_equal():
        return _equal("exact arithmetic")
    is_tried = bool(tally.agreed)
    proved = is_tried and _is_proved(comparison)
    if proved and not comparison.partial_nodes():
        return _equal("exact normal form")
    more = [*points[FIRST_POINTS:], *around_breakpoints(comparison)]
    found = comparison.probe(more, tally)
    if found is not None:
        return found
    defined = [*tally.agreed, *tally.unclear]
    if not defined:
        return _undecided("the answer has no value at any of the points looked at")
    extra = between(comparison, defined, DEFINED_POINTS) if len(defined) < DEFINED_POINTS else []
    found = comparison.probe(extra, tally)
    if found is not None:
        return found
    if proved or (not is_tried and tally.agreed and _is_proved(comparison)):
        return _equal("exact normal form, and defined wherever the answer is")
    return _without_proof(comparison, response, answer, budget, tally)


def _is_proved(comparison: Comparison) -> bool:
    return is_proved(comparison.nodes, comparison.response, comparison.answer, comparison.domain)


def _without_proof(comparison: Comparison, response: Tree, answer: Tree, budget: Budget, seen: Tally) -> Verdict:
    """SymPy within the budget, and agreement to many digits."""
    points = [*seen.agreed, *seen.unclear]
    found, tally = comparison.agreement(points)
    if found is not None:
        return found
    evidence = enough(tally, len(points)) if comparison.magnitude is not None or comparison.is_rational else None
    is_small = sum(1 for tree in (response, answer) for _ in walk(tree)) <= budget.nodes
    is_wanted = budget.prove or (evidence is None and seen.agreed)
    if is_wanted and is_small and comparison.is_tame() and prove_zero(response, answer, comparison.domain):
        return _equal("computer algebra")
    if evidence is not None:
        return Verdict(Outcome.EQUAL, evidence)
    return _undecided("the values could not be computed well enough to compare them")


def _against_infinity(comparison: Comparison) -> Verdict:
    """An infinite answer equals only itself."""
    for point in comparison.domain.points(comparison.names())[:FIRST_POINTS]:
        value = comparison.value_of_response(point)
        if value is not None:
            return Verdict(Outcome.DIFFERENT, Counterexample(comparison.printed(point), value, "infinite"))
    if is_infinite(comparison.nodes, comparison.response):
        return Verdict(Outcome.DIFFERENT, Counterexample((), "infinite", "infinite with the other sign"))
    return _undecided("the answer is infinite and the response has no value to compare with it")


def _undecided(reason: str) -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))
