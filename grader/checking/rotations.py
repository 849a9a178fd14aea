"""Proof that sums of inverse functions are equal, as `atan(x) + atan(1/x)` is pi/2 for positive x.

Where the sine of the difference is zero, the difference is a multiple of pi. Where the difference is
continuous on a box of the variables, it is the same multiple everywhere on it, so that one point tells
which. Boxes end where something is divided by zero or changes its formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from grader.checking.agreeing import Comparison
from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import program_of
from grader.checking.cells import Cell, on_every_cell
from grader.checking.domain import Domain
from grader.checking.nodes import Node, Nodes, literal_exponent
from grader.checking.normal import asked, is_proved
from grader.checking.normal_branches import truth
from grader.checking.normal_forms import Normal
from grader.checking.programs import reachable
from grader.checking.turning_signs import TURNING, turning_signs
from grader.checking.value_ranges import Nowhere, ValueRanges, is_continuous, where_defined

ANGLES = frozenset({"atan", "asin", "acos"})
MOST_NODES = 80
LARGEST_MULTIPLE = 24
PRECISION = 128


def is_proved_by_rotation(comparison: Comparison) -> bool:
    """Whether both sides are proved equal wherever both have values, through the sine of their difference."""
    if any(comparison.domain.variable(name).integer for name in comparison.names):
        return False
    if len(comparison.nodes) > MOST_NODES or not any(node.kind in ANGLES for node in comparison.nodes):
        return False

    def holds(cell: Cell) -> bool:
        # What is known only where a node has some sign need not hold on one box.
        return not cell.assumed and _is_zero_on(comparison, cell.domain)

    divisors = [node.args[0] for node in comparison.nodes if node.kind == "power" and _is_inverse(comparison, node)]
    return on_every_cell(comparison, holds, is_tried_whole=False, divisors=divisors)


def _is_zero_on(comparison: Comparison, domain: Domain) -> bool:
    """Whether the difference is proved to be zero on a cell: its sine is, and so is one value."""
    own = comparison.numbering.copy()
    apart = own.difference(*[_case(own, side, domain) for side in (comparison.response, comparison.answer)])
    below = reachable(own.nodes, apart)
    pi = own.node("constant", (), "pi")
    if own.inverse(pi) in below:  # angles are given in turns
        terms = own.nodes[apart].args if own.nodes[apart].kind == "sum" else (apart,)
        rest = own.exact(Fraction(own.nodes[apart].value) if own.nodes[apart].kind == "sum" else 0)
        apart = own.add([own.multiply((term, pi)) for term in (*terms, rest)])
    multiple = _multiple(own.nodes, apart)
    if multiple > LARGEST_MULTIPLE or not _is_small_somewhere(comparison, apart, own, domain, multiple):
        return False
    sine = own.node("sin", (own.multiply((apart,), multiple),))
    signs = turning_signs(own.nodes, apart, _turning(own, below), domain)
    is_zero = is_proved(own.nodes, sine, own.exact(0), domain, deep=True, assumed=signs)
    return is_zero and _is_continuous(own.nodes, apart, domain)


def _case(own: Nodes, number: int, domain: Domain) -> int:
    """The case of a piecewise that applies on all of the cell, where that is known; else the node itself."""
    if own.nodes[number].kind != "piecewise":
        return number
    for arg in own.nodes[number].args:
        case = own.nodes[arg]
        holds = case.kind == "otherwise" or _holds(own, case.args[1], domain)
        if holds is not False:
            return case.args[0] if holds else number
    return number


def _holds(own: Nodes, condition: int, domain: Domain) -> bool | None:
    """Whether a condition holds everywhere on the cell, or nowhere; None where that is not known."""

    def question(normal: Normal) -> bool | None:
        return truth(normal, condition)

    return asked(own.nodes, domain, question)


def _turning(own: Nodes, below: set[int]) -> int:
    """The sines and cosines of every angle of which there is one, as one node: their signs may be known."""
    angles = [own.nodes[number].args for number in sorted(below) if own.nodes[number].kind in TURNING]
    return own.add([own.node(kind, args) for args in angles for kind in ("sin", "cos")])


def _is_inverse(comparison: Comparison, node: Node) -> bool:
    by = literal_exponent(comparison.nodes, node)
    return by is not None and by < 0


def _multiple(nodes: Sequence[Node], apart: int) -> int:
    """What makes the coefficients of all inverse functions whole."""
    terms = nodes[apart].args if nodes[apart].kind == "sum" else (apart,)
    products = [nodes[term] for term in terms if nodes[term].kind == "product"]
    angles = [each for each in products if _holds_angle(nodes, each)]
    return lcm(*[Fraction(each.value).denominator for each in angles])


def _holds_angle(nodes: Sequence[Node], node: Node) -> bool:
    return any(nodes[number].kind in ANGLES for number in reachable(list(nodes), *node.args))


def _is_continuous(nodes: Sequence[Node], apart: int, domain: Domain) -> bool:
    """Whether the node has a value and is continuous on all of one box, and has no value outside of it."""
    box = where_defined(nodes, apart, domain)
    below = reachable(list(nodes), apart)
    names = [str(nodes[number].value) for number in below if nodes[number].kind == "name"]
    if any(len(box.variable(name).intervals) != 1 for name in names):
        return False
    try:
        ranges = ValueRanges(nodes, apart, box, backwards=False)
    except Nowhere:
        return True
    return all(is_continuous(nodes, number, ranges) for number in below)


def _is_small_somewhere(comparison: Comparison, apart: int, own: Nodes, domain: Domain, multiple: int) -> bool:
    """Whether at some point of the cell the difference is nearer to zero than any other multiple of pi."""
    program = program_of(own)
    for point in domain.points(comparison.names):
        try:
            return bool(abs(program.at(point, PRECISION).value(apart)) * multiple < 3)
        except (NoValue, Unclear):
            continue
    return False
