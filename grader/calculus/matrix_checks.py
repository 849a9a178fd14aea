"""Keys of matrix calculus checked by differences at drawn matrices, and keys in indices entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice, product

from grader.calculus.finite_differences import WIDTH, is_near, value
from grader.calculus.second_routes import KeyCheckFailed, NoPoint
from grader.checking.balls import NoValue, Unclear
from grader.checking.domain import Domain
from grader.checking.elaborating import Scope, elaborate
from grader.checking.instances import Instance, Value, Work
from grader.checking.matrix_equality import Comparer
from grader.checking.matrix_slopes import WrongShape, first_slip
from grader.checking.printed import figures
from grader.checking.ranges import Misfit, Ranges, bounded
from grader.reading.tree import Tree, literal_value

ROUTE = "finite differences"
SIZES = (2, 3)
MOST_PLACES = 24


def check_matrix_derivative(function: Tree, by: str, key: Tree, domain: Domain) -> None:
    """Check a derivative by a matrix, a column or a number; raises KeyCheckFailed."""
    scope = Scope.of(domain.shapes)
    terms = elaborate(function, scope), elaborate(key, scope)
    try:
        slip, compared = first_slip(terms[0], by, terms[1], Comparer(domain, scope))
    except WrongShape as error:
        sizes = tuple((letter, str(size)) for letter, size in error.draw.sizes.items())
        raise KeyCheckFailed("shapes", f"The key is {error}.", sizes) from None
    if slip is not None:
        message = f"That is entry ({slip.place[0]}, {slip.place[1]}). One of the two is wrong."
        raise KeyCheckFailed(ROUTE, message, slip.point, slip.found, slip.wanted)
    if not compared:
        raise NoPoint(ROUTE, "There are no matrices at which it could be compared.")


def check_indexed_derivative(function: Tree, by: Tree, key: Tree, ranges: Ranges, domain: Domain) -> None:
    """Check a derivative by an entry such as `X_kl` for all values of the indices; raises KeyCheckFailed."""
    try:
        trees = bounded(function, ranges), bounded(key, ranges)
    except Misfit as error:
        raise KeyCheckFailed("sizes", str(error)) from None
    compared = 0
    for turn in range(len(SIZES)):
        sizes = {letter: SIZES[(place + turn) % len(SIZES)] for place, letter in enumerate(ranges.letters)}
        instance = Instance(turn, sizes, ranges, domain, Work())
        for indices in islice(_places(instance), MOST_PLACES):
            compared += _compare(instance, trees, by, indices)
    if not compared:
        raise NoPoint(ROUTE, "There are no entries at which it could be compared.")


def _places(instance: Instance) -> list[dict[str, int]]:
    """Values of the free indices: one for every pattern of equal ones, then some of all others."""
    names = sorted(instance.ranges.indices)
    counts = [instance.size(instance.ranges.indices[name]) or SIZES[0] for name in names]
    first: dict[tuple[int, ...], tuple[int, ...]] = {}
    tuples = list(product(*(range(1, count + 1) for count in counts)))
    for each in tuples:
        first.setdefault(tuple(each.index(index) for index in each), each)
    others = tuples[:: max(1, len(tuples) // MOST_PLACES)]
    return [dict(zip(names, each, strict=True)) for each in dict.fromkeys((*first.values(), *others))]


def _compare(instance: Instance, trees: tuple[Tree, Tree], by: Tree, indices: Mapping[str, int]) -> bool:
    """Whether the key could be compared at these indices; KeyCheckFailed where it is wrong."""
    place = tuple(instance.index(arg, indices) for arg in by.args)
    try:
        at = instance.drawn(by.value, place)
        sides = []
        for step in (WIDTH, -WIDTH):
            instance.entries[by.value, place] = at + step
            sides.append(_number(instance.value(trees[0], indices)))
        instance.entries[by.value, place] = at
        found = _number(instance.value(trees[1], indices))
    except (NoValue, Unclear):
        return False
    finally:
        instance.entries[by.value, place] = at
    ahead, behind = sides
    if ahead is None or behind is None or found is None:
        return False
    wanted = (ahead - behind) / (2 * WIDTH)
    if not is_near(found, wanted):
        point = tuple((name, str(index)) for name, index in (*indices.items(), *instance.sizes.items()))
        raise KeyCheckFailed(ROUTE, "One of the two is wrong.", point, figures(found, 12), figures(wanted, 12))
    return True


def _number(found: Value) -> Fraction | None:
    if isinstance(found, Fraction):
        return found
    exact = literal_value(found)
    return value(found, {}) if exact is None else exact
