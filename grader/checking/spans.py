"""Whether two points lie in one connected part of where an expression has a value."""

from __future__ import annotations

from fractions import Fraction

from grader.checking.agreeing import everything_below
from grader.checking.balls import Ball, NoValue, Unclear, ball, hull
from grader.checking.bounding import program_of
from grader.checking.domain import Domain
from grader.checking.identical import Node, Numbering
from grader.checking.nodes import literal_exponent
from grader.checking.programs import Evaluation, Program
from grader.checking.sampling import Point
from grader.reading.tree import Tree, add, multiply, name, number, substitute

# Pieces of a span are halved until they are this short; so many are looked at in all.
SHORTEST = Fraction(1, 2**40)
MOST_PIECES = 400
PRECISION = 128
ALONG = "t along the span"


def is_connected(tree: Tree, start: Point, end: Point, domain: Domain) -> bool | None:
    """Whether the tree has a value all the way between two points of the domain.

    True is certified by balls around every piece of the way. False says that there is a gap or a pole
    on the way. None: the balls do not tell.
    """
    if any(_leaves(domain, each, start[each], end[each]) for each in start):
        return False
    numbering = Numbering()
    root = numbering.of(_along(tree, start, end))
    program = program_of(numbering)
    pieces = [(Fraction(0), Fraction(1))]
    is_doubtful = False
    for _ in range(MOST_PIECES):
        if not pieces:
            return None if is_doubtful else True
        low, high = pieces.pop()
        around = hull(ball(low), ball(high))
        try:
            Evaluation(program, {}, PRECISION, around).value(root)
        except NoValue:
            return False
        except Unclear:
            if high - low < SHORTEST:
                if _has_pole(program, root, around):
                    return False
                is_doubtful = True
                continue
            middle = (low + high) / 2
            pieces += [(low, middle), (middle, high)]
    return None


def _along(tree: Tree, start: Point, end: Point) -> Tree:
    """The tree with every name moving from its start to its end."""
    moving = {
        each: add(number(start[each]), multiply(number(end[each] - start[each]), name(ALONG)))
        if end[each] != start[each]
        else number(start[each])
        for each in start
    }
    return substitute(tree, moving)


def _leaves(domain: Domain, variable: str, start: Fraction, end: Fraction) -> bool:
    """Whether the way of one variable leaves its domain."""
    if start == end:
        return False
    declared = domain.variable(variable)
    return declared.integer or not any(one.holds(start) and one.holds(end) for one in declared.intervals)


def _has_pole(program: Program, root: int, around: Ball) -> bool:
    """Whether something that is divided by, or whose logarithm is taken, may be zero in so short a piece."""
    evaluation = Evaluation(program, {}, PRECISION, around)
    for below in everything_below(program.nodes, root):
        node = program.nodes[below]
        if node.kind == "tan" and _value(evaluation, below) is None and _value(evaluation, node.args[0]) is not None:
            return True
        if not _is_singular_at_zero(program, node):
            continue
        base = _value(evaluation, node.args[0])
        if base is not None and base.contains(0):
            return True
    return False


def _value(evaluation: Evaluation, number: int) -> Ball | None:
    try:
        return evaluation.value(number)
    except (NoValue, Unclear):
        return None


def _is_singular_at_zero(program: Program, node: Node) -> bool:
    if node.kind == "ln":
        return True
    if node.kind != "power":
        return False
    exponent = literal_exponent(program.nodes, node)
    return exponent is not None and exponent < 0
