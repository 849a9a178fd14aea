"""Whether the response has a value wherever the answer has one: proved, refuted at a point, or not known.

Sample points alone cannot tell that `sqrt(sin(x) + 0.999999)` lacks a value in a narrow window, nor balls
that `|sin(x)| + sin(x)` is exactly zero in a whole region.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from grader.checking.agreeing import Comparison, everything_below
from grader.checking.balls import NoValue, Unclear
from grader.checking.cells import holds_on_cells
from grader.checking.domain import Domain
from grader.checking.normal import asked
from grader.checking.normal_branches import truth
from grader.checking.normal_forms import Normal
from grader.checking.partiality import partial_nodes
from grader.checking.polynomials import Ratio, used_generators
from grader.checking.programs import reachable
from grader.checking.sampling import Interval, Point, VariableDomain
from grader.checking.value_ranges import nodes_with_values, where_defined

# Kernels that are analytic everywhere, so that what is built on them is zero at single points or everywhere.
ENTIRE = frozenset({"name", "constant", "exp", "rotation", "imaginary"})
MOST_TRIED = 6
PRECISION = 128
BELOW, ABOVE = Interval(None, Fraction(0)), Interval(Fraction(0), None)


def is_defined(comparison: Comparison) -> bool:
    """Whether it is proved that the response has a value wherever the answer has one, but for single points."""
    partial = sorted(partial_nodes(comparison))
    nodes, domain = comparison.nodes, comparison.domain

    def have_values(numbers: list[int]) -> Callable[[Normal], bool]:
        def question(normal: Normal) -> bool:
            normal.learn(comparison.answer)
            return all(_has_value(comparison, normal, number) for number in numbers)

        return question

    if not partial or asked(nodes, domain, have_values(partial), deep=True):
        return True
    # The ranges know less of polynomials and roots, but more of sines.
    given = where_defined(nodes, comparison.answer, domain)
    left = sorted(set(partial) - nodes_with_values(nodes, comparison.response, given))
    return not left or holds_on_cells(comparison, have_values(left))


def _has_value(comparison: Comparison, normal: Normal, number: int) -> bool:
    kind, args, _ = normal.nodes[number]
    if kind == "ln":
        return normal.sign_of(normal.of(args[0])) > 0
    if kind in {"asin", "acos", "atanh"}:
        inside = normal.field.reduced(normal.of(args[0]))
        return normal.side_of(normal.minus(normal.field.constant(1), normal.field.multiply(inside, inside))) > 0
    if kind == "acosh":
        return normal.side_of(normal.minus(normal.of(args[0]), normal.field.constant(1))) > 0
    if kind == "factorial":
        of = normal.field.reduced(normal.of(args[0]))
        return normal.kernels.is_whole(of.top) and of.bottom.is_constant() and normal.side_of(of) > 0
    if kind == "piecewise":
        return _has_case(normal, args)
    return kind == "power" and _has_power(comparison, normal, args)


def _has_case(normal: Normal, cases: tuple[int, ...]) -> bool:
    """Whether the conditions tell which case applies, and one does."""
    for number in cases:
        case = normal.nodes[number]
        holds = True if case.kind == "otherwise" else truth(normal, case.args[1])
        if holds is not False:
            return bool(holds)
    return False


def _has_power(comparison: Comparison, normal: Normal, args: tuple[int, ...]) -> bool:
    base, by = args[0], normal.nodes[args[1]].value
    form = normal.field.reduced(normal.of(base))
    if isinstance(by, str) or normal.nodes[args[1]].kind != "number":
        exponent = normal.field.reduced(normal.of(args[1]))
        is_whole = normal.kernels.is_whole(exponent.top) and exponent.bottom.is_constant()
        return normal.sign_of(form) > 0 or (is_whole and _is_zero_rarely(comparison, normal, base))
    if form.top.is_zero():
        return by > 0
    if by.denominator % 2 == 0 and normal.side_of(form) <= 0:
        return False
    if by > 0 or normal.sign_of(form) or _is_turn(normal, form):
        return True
    used = used_generators(form.top) | used_generators(form.bottom)
    is_entire = all(normal.kernels.key_of(index)[0] in ENTIRE for index in used)
    return is_entire and not form.top.is_zero() and not _has_whole(comparison) and _is_somewhere(comparison, base)


def _is_zero_rarely(comparison: Comparison, normal: Normal, number: int) -> bool:
    """Whether a node is zero at single points at most, none of which counts because of a whole number in it."""
    form = normal.field.reduced(normal.of(number))
    if form.top.is_constant() and form.bottom.is_constant():
        return not form.top.is_zero()
    below = [comparison.nodes[each] for each in everything_below(comparison.nodes, number)]
    if any(node.kind == "name" and comparison.domain.variable(str(node.value)).integer for node in below):
        return False
    used = used_generators(form.top) | used_generators(form.bottom)
    is_entire = all(normal.kernels.key_of(index)[0] in ENTIRE for index in used)
    return is_entire and not form.top.is_zero() and _is_somewhere(comparison, number)


def _is_turn(normal: Normal, form: Ratio) -> bool:
    """Whether it is a number times rotations, which are never zero, as (-1)^n is."""
    kinds = {normal.kernels.key_of(index)[0] for index in used_generators(form.top)}
    return len(form.top) == 1 and kinds <= {"turn", "rotation", "imaginary"}


def _has_whole(comparison: Comparison) -> bool:
    return any(comparison.domain.variable(name).integer for name in comparison.names)


def _is_somewhere(comparison: Comparison, number: int) -> bool:
    """Whether the node is certainly not zero at one of the first sample points."""
    for point in comparison.domain.points(comparison.names)[:MOST_TRIED]:
        try:
            value = comparison.program.at(point, PRECISION).value(number)
        except (NoValue, Unclear):
            continue
        if not value.contains(0):
            return True
    return False


def undefined_point(comparison: Comparison, unclear: list[Point]) -> tuple[Point, str] | None:
    """A point, of those that balls leave unclear, around which the response provably has no value, and why."""
    needed = [_not_zero(comparison, number) for number in sorted(reachable(comparison.nodes, comparison.response))]
    for point in unclear[:MOST_TRIED]:
        for number, reason in filter(None, needed):
            if _is_zero_around(comparison, number, point):
                return point, reason
    return None


def _not_zero(comparison: Comparison, number: int) -> tuple[int, str] | None:
    """What must not be zero for a node to have a value, and what it would be then."""
    kind, args, _ = comparison.nodes[number]
    if kind == "ln":
        return args[0], "logarithm of zero"
    by = comparison.nodes[args[1]] if kind == "power" else None
    if by is not None and by.kind == "number" and not isinstance(by.value, str) and by.value < 0:
        return args[0], "division by zero"
    return None


def _is_zero_around(comparison: Comparison, number: int, point: Point) -> bool:
    """Whether a node is zero on a neighbourhood of a point; at the point itself where all names are whole numbers."""
    if _is_apart_from_zero(comparison, number, point):
        return False
    whole = all(comparison.domain.variable(name).integer for name in comparison.names)
    resolved = _resolved(comparison, number, point, {}, replaces_names=whole)
    domain = comparison.domain if whole else _around(comparison.domain, point)
    return asked(comparison.nodes, domain, lambda normal: normal.constant(resolved)) == 0


def _is_apart_from_zero(comparison: Comparison, number: int, point: Point) -> bool:
    """Whether the node is certainly not zero at a point, or has no value there."""
    try:
        return not comparison.program.at(point, PRECISION).value(number).contains(0)
    except NoValue:
        return True
    except Unclear:
        return False  # the sign of what is zero, but not visibly so


def _around(domain: Domain, point: Point) -> Domain:
    """The domain with every variable kept on the side of zero on which it is."""
    sides = {
        name: VariableDomain((BELOW if value < 0 else ABOVE,))
        for name, value in point.items()
        if value and not domain.variable(name).integer
    }
    return Domain({**domain.variables, **sides}, domain.declared, domain.functions)


def _resolved(comparison: Comparison, number: int, point: Point, known: dict[int, int], *, replaces_names: bool) -> int:
    """The node with each kink and jump replaced by the formula that holds around the point."""
    if number in known:
        return known[number]
    numbering = comparison.numbering
    kind, args, value = comparison.nodes[number]
    if kind == "name" and replaces_names and value in point:
        return numbering.exact(point[str(value)])
    new = tuple(_resolved(comparison, arg, point, known, replaces_names=replaces_names) for arg in args)
    whole = _level(comparison, number, args[0], point) if kind in {"floor", "ceil"} else None
    if whole is not None:
        known[number] = numbering.exact(whole)
        return known[number]
    sign = _sign(comparison, args[0], point) if kind in {"abs", "sign", "step"} else 0
    known[number] = _rebuilt(numbering, kind, new, value, sign)
    return known[number]


def _rebuilt(numbering: Any, kind: str, args: tuple[int, ...], value: Any, sign: int) -> int:
    if kind == "sum":
        return int(numbering.add(args, value))
    if kind == "product":
        return int(numbering.multiply(args, value))
    if kind == "power":
        return int(numbering.power(*args))
    if sign and kind == "abs":
        return int(numbering.multiply(args, sign))
    if sign and kind == "sign":
        return int(numbering.exact(sign))
    if sign and kind == "step":
        return int(numbering.exact(max(sign, 0)))
    return int(numbering.node(kind, args, value))


def _sign(comparison: Comparison, number: int, point: Point) -> int:
    try:
        value = comparison.program.at(point, PRECISION).value(number)
    except (NoValue, Unclear):
        return 0
    return 1 if value > 0 else -1 if value < 0 else 0


def _level(comparison: Comparison, number: int, arg: int, point: Point) -> Fraction | None:
    """The whole number that a floor or ceiling is around the point; None at one of its jumps, or if not certain."""
    evaluation = comparison.program.at(point, PRECISION)
    try:
        value = evaluation.value(number)
        is_jump = evaluation.value(arg).overlaps(value)
    except (NoValue, Unclear):
        return None
    whole = value.unique_fmpz() if value.is_exact() and not is_jump else None
    return None if whole is None else Fraction(int(whole))
