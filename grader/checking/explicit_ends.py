"""Conditions whose ends can be read off, such as 0 < eta and L*eta < 2: their ends compared as expressions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import permutations

from grader.checking.balls import NoValue, Unclear
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.identical import Numbering
from grader.checking.kernel_ratios import KernelRatios
from grader.checking.polynomials import TooLarge, used_generators
from grader.checking.programs import NotScalar
from grader.checking.set_conditions import OPPOSITE
from grader.checking.signs import is_positive
from grader.checking.verdict import Agreement, Outcome, Proof
from grader.reading.tree import Tree, add, divide, literal_value, name, names_in, neg, number

MOST_PIECES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval with expressions for ends; None is an infinite end."""

    lower: Tree | None = None
    lower_closed: bool = False
    upper: Tree | None = None
    upper_closed: bool = False

    @property
    def pattern(self) -> tuple[bool, ...]:
        """Which ends there are, and which belong to it."""
        return (self.lower is None, self.lower_closed, self.upper is None, self.upper_closed)


def same_ends(response: Tree, key: Tree, unknown: str, domain: Domain) -> Proof | Agreement | None:
    """The evidence that both consist of the same intervals, end by end; None where that is not seen."""
    mine, theirs = pieces_of(response, unknown, domain), pieces_of(key, unknown, domain)
    if mine is None or theirs is None or len(mine) != len(theirs) or len(mine) > MOST_PIECES:
        return None
    for order in permutations(mine):
        found = _same(order, theirs, domain)
        if found is not None:
            return found
    return None


def _same(mine: Iterable[Piece], theirs: Iterable[Piece], domain: Domain) -> Proof | Agreement | None:
    evidence: Proof | Agreement = Proof("the same ends")
    for one, other in zip(mine, theirs, strict=True):
        if one.pattern != other.pattern:
            return None
        for first, second in ((one.lower, other.lower), (one.upper, other.upper)):
            if first is None or second is None:
                continue
            verdict = decide(first, second, domain)
            if verdict.outcome is not Outcome.EQUAL or decide(second, first, domain).outcome is not Outcome.EQUAL:
                return None
            if isinstance(verdict.evidence, Agreement):
                evidence = verdict.evidence
    return evidence


def pieces_of(condition: Tree, unknown: str, domain: Domain) -> list[Piece] | None:
    """The intervals of a condition in which the unknown is bounded by expressions; None where it is not."""
    if condition.kind == "or":
        found = [pieces_of(each, unknown, domain) for each in condition.args]
        return None if None in found else [piece for each in found if each is not None for piece in each]
    if condition.kind == "and":
        whole = [Piece()]
        for each in condition.args:
            parts = pieces_of(each, unknown, domain)
            if parts is None or (len(parts) > 1 and whole != [Piece()]):
                return None
            met = [_met(one, other) for one in whole for other in parts]
            if None in met:
                return None
            whole = [piece for piece in met if piece is not None]
        return whole
    return _bounded(condition, unknown, domain)


def _met(first: Piece, second: Piece) -> Piece | None:
    """The part in both, where at most one of them bounds each side or both do so alike."""
    if second.lower is not None:
        if first.lower is not None:
            return _with_larger(first, second)
        first = replace(first, lower=second.lower, lower_closed=second.lower_closed)
    if second.upper is not None:
        if first.upper is not None:
            return _with_smaller(first, second)
        first = replace(first, upper=second.upper, upper_closed=second.upper_closed)
    return first


def _with_larger(first: Piece, second: Piece) -> Piece | None:
    one, other = literal_value(first.lower or number(0)), literal_value(second.lower or number(0))
    if first.lower != second.lower and (one is None or other is None):
        return None
    if one == other:
        closed = first.lower_closed and second.lower_closed
        first = replace(first, lower_closed=closed)
    elif one is not None and other is not None and other > one:
        first = replace(first, lower=second.lower, lower_closed=second.lower_closed)
    return _met(first, replace(second, lower=None, lower_closed=False))


def _with_smaller(first: Piece, second: Piece) -> Piece | None:
    one, other = literal_value(first.upper or number(0)), literal_value(second.upper or number(0))
    if first.upper != second.upper and (one is None or other is None):
        return None
    if one == other:
        return replace(first, upper_closed=first.upper_closed and second.upper_closed)
    if one is not None and other is not None and other < one:
        return replace(first, upper=second.upper, upper_closed=second.upper_closed)
    return first


def _bounded(relation: Tree, unknown: str, domain: Domain) -> list[Piece] | None:
    left, right = relation.args
    operator = relation.value
    if right.kind == "call" and right.value == "abs":
        left, right, operator = right, left, OPPOSITE[operator]
    if left.kind == "call" and left.value == "abs" and unknown in names_in(left) and operator in "<=>=":
        return _between(left.args[0], operator, right, unknown, domain)
    if operator == "=" and left == right == name(unknown):
        return [Piece()]
    end, way = _linear(add(left, neg(right)), operator, unknown, domain) or (None, "")
    if end is None:
        return None
    closed = way in {"<=", ">=", "="}
    if way == "!=":
        return [Piece(upper=end), Piece(lower=end)]
    below = Piece(upper=end, upper_closed=closed)
    above = Piece(lower=end, lower_closed=closed)
    return {"<": [below], ">": [above]}.get(way[0], [replace(above, upper=end, upper_closed=True)])


def _between(inside: Tree, operator: str, bound: Tree, unknown: str, domain: Domain) -> list[Piece] | None:
    """What |u| < c and |u| > c say of u; true whatever the sign of c is."""
    if operator not in {"<", "<=", ">", ">="}:
        return None
    first = Tree("relation", (inside, bound), operator)
    second = Tree("relation", (inside, neg(bound)), OPPOSITE[operator])
    return pieces_of(Tree("and" if operator[0] == "<" else "or", (first, second)), unknown, domain)


def _linear(difference: Tree, operator: str, unknown: str, domain: Domain) -> tuple[Tree, str] | None:
    """The end and the operator of `unknown operator end`, for a difference that is linear in the unknown."""
    others = sorted(names_in(difference) - {unknown})
    try:
        ratios = KernelRatios((unknown, *others))
        ratio = ratios.of_tree(difference)
        if (
            0 in used_generators(ratio.bottom)
            or ratio.top.is_zero()
            or any(0 in used_generators(need.top) | used_generators(need.bottom) for need, _ in ratios.needed)
        ):
            return None
        hidden = [
            index
            for index in used_generators(ratio.top)
            if ratios.kernel(index).kind != "name" and unknown in names_in(ratios.generator_tree(index))
        ]
        if hidden or ratio.top.degrees()[0] != 1:
            return None
        rest, factor = ratios.coefficients(ratio.top, 0)
        over = ratios.tree(ratio.bottom)
    except (Unclear, NoValue, TooLarge, NotScalar):
        return None
    sign = _visible_sign(factor, domain) * _visible_sign(over, domain)
    if not sign:
        return None
    end = neg(divide(rest, factor))
    return end, operator if sign > 0 else OPPOSITE[operator]


def _visible_sign(tree: Tree, domain: Domain) -> int:
    """1 or -1 where that is seen from how the tree is built, else 0."""
    for sign, each in ((1, tree), (-1, neg(tree))):
        numbering = Numbering()
        root = numbering.of(each)
        if is_positive(numbering.nodes, root, domain):
            return sign
    return 0
