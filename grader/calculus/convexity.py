"""Whether a function is convex, concave or neither: only ever by a proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction

from grader.calculus.curvature import Curvature, curvature_of
from grader.calculus.derivatives import differentiate
from grader.calculus.eigenvalues import Definiteness, definiteness_of_numbers
from grader.calculus.exact_matrices import Rows, numbers_of
from grader.calculus.hessians import hessian
from grader.calculus.literal_matrices import grid_of
from grader.calculus.polynomials import coefficients, polynomial_in, signs_taken
from grader.calculus.signs import NOT_NEGATIVE, NOT_POSITIVE, POSITIVE, signs_of
from grader.checking.bounding import NotScalar, NoValue, Unclear, enclose
from grader.checking.domain import Domain
from grader.checking.sampling import Interval, Point
from grader.errors import GraderError
from grader.reading.tree import Tree, add, literal_value, multiply, names_in, neg, walk

WITNESS_PRECISION = 256


class Convexity(StrEnum):
    """The verdict."""

    CONVEX = "convex"
    CONCAVE = "concave"
    NEITHER = "neither"


class ConvexityUnknown(GraderError):
    """No proof was found, so the author must state the verdict."""


EVERYWHERE = Domain()
_AFFINE = "This function is affine, so it is both convex and concave; state the word that is meant."
_UNKNOWN = "Neither a proof of convexity or concavity was found nor of the contrary; state the verdict in the problem."


# Functions with a second derivative wherever they are defined.
SMOOTH = frozenset(
    {"exp", "ln", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "atan"}
) | {"sigmoid", "softplus", "gelu", "erf", "Phi", "phi"}
POSITIVE_ARGUMENT = frozenset({"ln", "log", "log2", "log10", "sqrt"})
ABOVE_ZERO = Interval(Fraction(0), None)
SMOOTH_KINDS = frozenset({"number", "name", "constant", "sum", "neg", "product", "quotient", "power", "call"})


def convexity(function: Tree, variables: Sequence[str], domain: Domain = EVERYWHERE) -> Convexity:
    """The verdict for a function on its domain; raises ConvexityUnknown without a proof."""
    domain = natural_domain(function, variables, domain)
    if any(len(domain.variable(variable).intervals) != 1 for variable in variables):
        raise ConvexityUnknown("A domain in several pieces is not convex; state the verdict in the problem.")
    verdict = (
        _by_constant_hessian(function, variables)
        or _by_polynomial(function, variables, domain)
        or _by_composition(function, variables, domain)
        or _by_sign(function, variables, domain)
        or _by_witnesses(function, variables, domain)
    )
    if verdict is None:
        raise ConvexityUnknown(_UNKNOWN)
    return verdict


def natural_domain(function: Tree, variables: Sequence[str], domain: Domain) -> Domain:
    """The domain without the negative values of variables of which a logarithm or root is taken."""
    found = dict(domain.variables)
    for node in walk(function):
        under = node.args[0].value if node.kind == "call" and node.value in POSITIVE_ARGUMENT else ""
        if under in variables and node.args[0].kind == "name":
            met = (interval.meet(ABOVE_ZERO) for interval in domain.variable(under).intervals)
            rest = tuple(interval for interval in met if interval is not None)
            found[under] = replace(domain.variable(under), intervals=rest)
    return replace(domain, variables=found)


def _by_constant_hessian(function: Tree, variables: Sequence[str]) -> Convexity | None:
    """Quadratic functions, by the definiteness of their Hessian."""
    if polynomial_in(function, variables) is None:
        return None
    grid = grid_of(hessian(function, variables).tree)
    exact = numbers_of(grid.rows) if grid is not None else None
    if exact is None:
        return None
    match definiteness_of_numbers(exact):
        case Definiteness.PD | Definiteness.PSD:
            return Convexity.CONVEX
        case Definiteness.ND | Definiteness.NSD:
            return Convexity.CONCAVE
        case Definiteness.INDEFINITE:
            return Convexity.NEITHER
    raise ConvexityUnknown(_AFFINE)


def _by_polynomial(function: Tree, variables: Sequence[str], domain: Domain) -> Convexity | None:
    """A polynomial in one variable: the signs of its second derivative, by counting roots."""
    if len(variables) != 1 or coefficients(function, variables[0]) is None:
        return None
    second = coefficients(second_derivative(function, variables[0]), variables[0]) or []
    (interval,) = domain.variable(variables[0]).intervals
    signs = signs_taken(second, interval.lower, interval.upper)
    if not signs:
        raise ConvexityUnknown(_AFFINE)
    if len(signs) == 2:
        return Convexity.NEITHER
    return Convexity.CONVEX if 1 in signs else Convexity.CONCAVE


def second_derivative(function: Tree, variable: str) -> Tree:
    """The second derivative by one variable."""
    return differentiate(differentiate(function, variable).tree, variable).tree


def _by_composition(function: Tree, variables: Sequence[str], domain: Domain) -> Convexity | None:
    """Sums, multiples and compositions of functions whose curvature is known."""
    match curvature_of(function, frozenset(variables), domain):
        case Curvature.CONVEX:
            return Convexity.CONVEX
        case Curvature.CONCAVE:
            return Convexity.CONCAVE
        case Curvature.AFFINE:
            raise ConvexityUnknown(_AFFINE)
    return None


def _by_sign(function: Tree, variables: Sequence[str], domain: Domain) -> Convexity | None:
    """One variable and a function smooth on all of the domain: the sign of the second derivative."""
    if len(variables) != 1 or not _is_smooth(function) or not _is_defined(function, domain):
        return None
    signs = signs_of(second_derivative(function, variables[0]), domain)
    if signs <= NOT_NEGATIVE:
        return Convexity.CONVEX
    return Convexity.CONCAVE if signs <= NOT_POSITIVE else None


def _is_smooth(function: Tree) -> bool:
    """Whether the function has no kinks or jumps where it is defined."""
    return all(node.kind in SMOOTH_KINDS and (node.kind != "call" or node.value in SMOOTH) for node in walk(function))


def _is_defined(function: Tree, domain: Domain) -> bool:
    """Whether the function is surely defined on the whole domain, of which no part is missing."""
    for node in walk(function):
        if node.kind == "quotient" and 0 in signs_of(node.args[1], domain):
            return False
        if node.kind == "power" and not _is_defined_power(node, domain):
            return False
        if node.kind == "call" and not _is_defined_call(node, domain):
            return False
    return True


def _is_defined_call(node: Tree, domain: Domain) -> bool:
    """Whether a function is defined for all its argument may be."""
    if node.value in POSITIVE_ARGUMENT:
        return signs_of(node.args[0], domain) == POSITIVE
    return node.value != "tan"


def _is_defined_power(node: Tree, domain: Domain) -> bool:
    """Whether a power is defined for all signs that its base may have."""
    exponent = literal_value(node.args[1])
    if exponent is not None and exponent.denominator == 1 and exponent >= 0:
        return True
    return signs_of(node.args[0], domain) == POSITIVE


def _by_witnesses(function: Tree, variables: Sequence[str], domain: Domain) -> Convexity | None:
    """Neither, where certified values of the Hessian show both a rise and a fall of slope."""
    grid = grid_of(hessian(function, variables).tree) if _is_smooth(function) else None
    if grid is None:
        return None
    names = names_in(function) | set(variables)
    if names != set(variables):
        return None
    found: set[int] = set()
    for point in domain.points(names):
        if _has_value(function, point):
            found |= _curvatures_at(grid.rows, point)
        if found >= {-1, 1}:
            return Convexity.NEITHER
    return None


def _curvatures_at(rows: Rows, point: Point) -> set[int]:
    """The certified signs of the second derivative along some directions at a point."""
    found: set[int] = set()
    for place, row in enumerate(rows):
        found.add(_certified_sign(row[place], point))
        for other in range(place):
            minor = add(multiply(row[place], rows[other][other]), neg(multiply(row[other], rows[other][place])))
            if _certified_sign(minor, point) < 0:
                found |= {-1, 1}
    return found - {0}


def _has_value(function: Tree, point: Point) -> bool:
    """Whether the function is surely defined at a point."""
    try:
        enclose(function, point, WITNESS_PRECISION)
    except (NotScalar, NoValue, Unclear):
        return False
    return True


def _certified_sign(tree: Tree, point: Point) -> int:
    """The sign where it is certain, else 0."""
    try:
        value = enclose(tree, point, WITNESS_PRECISION)
    except (NotScalar, NoValue, Unclear):
        return 0
    return (value.lower > 0) - (value.upper < 0)
