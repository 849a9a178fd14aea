"""Second routes to a derivative, which share nothing with the table of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from grader.calculus.finite_differences import TOLERANCE, Point, generic_points, is_near, slope, value
from grader.calculus.literal_matrices import scalarise
from grader.calculus.sympy_derivatives import derivative_by_sympy
from grader.checking.domain import Domain
from grader.checking.equality import Budget, decide
from grader.checking.printed import figures
from grader.checking.verdict import Counterexample, Outcome
from grader.errors import GraderError
from grader.reading.tree import Tree, names_in

WANTED_POINTS = 5
MOST_POINTS = 60
ANYWHERE = Domain()
# No time is spent on a proof: a wrong key shows at the first points.
QUICK = Budget()


@dataclass
class KeyCheckFailed(GraderError):
    """A key and a second route to it disagree; with the point and both values where there are any."""

    route: str
    message: str
    point: tuple[tuple[str, str], ...] = ()
    key_value: str = ""
    route_value: str = ""

    def __str__(self) -> str:
        """The sentence for the author."""
        at = ", ".join(f"{name} = {text}" for name, text in self.point)
        where = f" at {at}" if at else ""
        values = f": the key is {self.key_value}, this route gives {self.route_value}" if self.key_value else ""
        return f"The key fails the check by {self.route}{where}{values}. {self.message}".strip()


class NoPoint(KeyCheckFailed):
    """There was no point at which function and key both have values."""


@lru_cache(maxsize=512)
def verify_derivative(function: Tree, variable: str, key: Tree, domain: Domain = ANYWHERE) -> None:
    """Check a derivative against SymPy and against finite differences; raises KeyCheckFailed.

    What was found right is kept: gradient, Jacobian and Hessian of one function share derivatives.
    """
    function = scalarise(function)
    by_sympy = verify_by_sympy(function, variable, key, domain)
    try:
        verify_by_differences(function, variable, key, domain)
    except NoPoint:
        if not by_sympy:
            raise


def verify_by_sympy(function: Tree, variable: str, key: Tree, domain: Domain = ANYWHERE) -> bool:
    """Compare with SymPy's derivative; False where SymPy has no such function."""
    other = derivative_by_sympy(function, variable)
    if other is None:
        return False
    refuse_different(key, other, domain)
    return True


def refuse_different(key: Tree, other: Tree, domain: Domain, route: str = "SymPy") -> None:
    """Raise where the two provably have different values somewhere in the domain."""
    verdict = decide(key, other, domain, QUICK)
    evidence = verdict.evidence
    if verdict.outcome is Outcome.DIFFERENT and isinstance(evidence, Counterexample):
        message = "One of the two is wrong."
        raise KeyCheckFailed(route, message, evidence.point, evidence.response_value, evidence.answer_value)


def verify_by_differences(function: Tree, variable: str, key: Tree, domain: Domain = ANYWHERE) -> None:
    """Compare with high-precision central differences at several points of the domain."""
    names = names_in(function) | names_in(key) | {variable}
    direction = {variable: Fraction(1)}
    compare_at_points(lambda point: slope(function, point, direction), key, names, domain, "finite differences")


def compare_at_points(
    expected: Callable[[Point], Fraction | None], key: Tree, names: frozenset[str], domain: Domain, route: str
) -> None:
    """Compare a key with another way to its value at the first points where both have one."""
    compared = missing = 0
    for place, point in enumerate(generic_points(names, domain)):
        if compared == WANTED_POINTS or place == MOST_POINTS:
            break
        wanted = expected(point)
        if wanted is None:
            continue
        found = value(key, point)
        if found is None:
            missing += 1
            continue
        refuse_far(found, wanted, point, route)
        compared += 1
    if not compared and missing:
        raise KeyCheckFailed(route, "The key has no value where this route gives one.")
    if not compared:
        raise NoPoint(route, "There is no point of the domain at which it could be compared.")


def refuse_far(
    found: Fraction, wanted: Fraction, point: Mapping[str, Fraction], route: str, tolerance: Fraction = TOLERANCE
) -> None:
    """Raise where two values differ."""
    if not is_near(found, wanted, tolerance):
        at = tuple((name, str(number)) for name, number in point.items())
        raise KeyCheckFailed(route, "One of the two is wrong.", at, figures(found, 12), figures(wanted, 12))
