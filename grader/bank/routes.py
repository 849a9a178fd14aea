"""A second way to the key of each kind of task, which shares nothing with the way it was found.

Derivatives are compared with SymPy's and with finite differences, points with their recurrence,
eigenvalues with NumPy's, words about curvature with the sign of the form along many directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, product
from typing import Any

from grader.bank.drawing import Value, Word
from grader.calculus.derivatives import differentiate
from grader.calculus.finite_differences import generic_points, is_near, slope, value
from grader.calculus.literal_matrices import reduce_literals
from grader.calculus.verifying import KeyCheckFailed, compare_at_points, refuse_different, verify_derivative
from grader.checking import symbolic
from grader.checking.domain import Domain
from grader.checking.matrices import eigenvalues
from grader.reading.tree import Tree, add, call, multiply, names_in, neg, number, power, substitute, vector

CURVATURE_POINTS = 6
NUMERIC = Fraction(1, 10**7)  # eigenvalues come as doubles, and repeated ones with half of their digits
ROUND_TO = 10**60


@dataclass(frozen=True, slots=True)
class Check:
    """A task with all values put in, its key, and the domain."""

    kind: str
    task: Mapping[str, Any]
    key: Value
    domain: Domain

    @property
    def tree(self) -> Tree:
        """The key, where it is no word."""
        assert isinstance(self.key, Tree)  # noqa: S101 - only routes for trees ask
        return self.key

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in `by`."""
        by = self.task["by"]
        return (by,) if isinstance(by, str) else tuple(by)

    @property
    def point(self) -> Mapping[str, Tree]:
        """The values in `at`; a list belongs to the names in `by`."""
        at = self.task.get("at")
        if at is None or isinstance(at, Mapping):
            return at or {}
        return dict(zip(dict.fromkeys(self.variables), entries(at), strict=True))


def verify(check: Check) -> None:
    """Check the key by the route of its kind; raises KeyCheckFailed."""
    route = ROUTES.get(check.kind)
    if route is not None:
        route(check)


def entries(value: Any) -> tuple[Tree, ...]:
    """The trees of a list or vector, or of one tree."""
    if isinstance(value, Tree):
        return value.args if value.kind in {"vector", "list", "set"} else (value,)
    return tuple(value)


def rows(tree: Tree) -> tuple[tuple[Tree, ...], ...]:
    """The rows of a matrix, or the entries of a vector one by one."""
    return tuple(row.args if row.kind == "row" else (row,) for row in tree.args)


def _derivative_at(check: Check, function: Tree, variable: str, key: Tree) -> None:
    """One derivative, or its value at the point of the task."""
    if not check.point:
        verify_derivative(function, variable, key, check.domain)
        return
    general = differentiate(function, variable).tree
    verify_derivative(function, variable, general, check.domain)
    refuse_different(key, substitute(general, check.point), check.domain, "the derivative at the point")


def _derivative(check: Check) -> None:
    function = check.task["derivative"]
    order = int(Fraction(check.task["order"].value)) if "order" in check.task else 1
    variables = check.variables * order if len(check.variables) == 1 else check.variables
    if not variables:
        refuse_different(check.tree, function, check.domain)
        return
    for variable in variables[:-1]:
        following = differentiate(function, variable).tree
        verify_derivative(function, variable, following, check.domain)
        function = following
    _derivative_at(check, function, variables[-1], check.tree)


def _gradient(check: Check) -> None:
    for variable, key in zip(check.variables, entries(check.tree), strict=True):
        _derivative_at(check, check.task["gradient"], variable, key)


def _jacobian(check: Check) -> None:
    functions = entries(_listed(check.task["jacobian"]))
    for function, row in zip(functions, rows(check.tree), strict=True):
        for variable, key in zip(check.variables, row, strict=True):
            _derivative_at(check, function, variable, key)


def _listed(value: Any) -> Any:
    """A matrix of one column, or an expression that works out to a vector, as a vector."""
    if isinstance(value, Tree) and value.kind != "vector":
        tree = reduce_literals(value)
        return vector(*(row[0] for row in rows(tree))) if tree.kind == "matrix" else tree
    return value


def _hessian(check: Check) -> None:
    function = check.task["hessian"]
    for first, row in zip(check.variables, rows(check.tree), strict=True):
        slope_of = differentiate(function, first).tree
        verify_derivative(function, first, slope_of, check.domain)
        for second, key in zip(check.variables, row, strict=True):
            _derivative_at(check, slope_of, second, key)


def _directional(check: Check) -> None:
    function, key = check.task["directional"], check.tree
    along = entries(check.task["along"])
    if check.task.get("normalise", True):
        key = multiply(key, call("sqrt", add(*(power(entry, 2) for entry in along))))
    direction = {name: value(entry, {}) for name, entry in zip(check.variables, along, strict=True)}
    steps = {name: step for name, step in direction.items() if step is not None}
    if len(steps) < len(direction):
        return  # a direction with letters in it has no finite difference
    if check.point:
        at = {name: value(tree, {}) for name, tree in check.point.items()}
        wanted = slope(function, {name: where for name, where in at.items() if where is not None}, steps)
        if wanted is not None:
            _refuse_far(value(key, {}), wanted, "finite differences")
        return
    names = names_in(function) | names_in(key) | {*check.variables}
    compare_at_points(lambda point: slope(function, point, steps), key, names, check.domain, "finite differences")


def _refuse_far(found: Fraction | None, wanted: Fraction, route: str, tolerance: Fraction | None = None) -> None:
    near = found is not None and (is_near(found, wanted, tolerance) if tolerance else is_near(found, wanted))
    if not near:
        shown = "nothing" if found is None else f"{float(found):.12g}"
        raise KeyCheckFailed(route, "One of the two is wrong.", (), shown, f"{float(wanted):.12g}")


def _taylor(check: Check) -> None:
    """All derivatives up to the degree agree at the point, and those beyond are zero, by SymPy."""
    degree = int(Fraction(check.task["degree"].value)) if check.kind == "taylor" else 1
    names = check.variables
    around = dict(zip(names, entries(check.task["around"]), strict=True)) if check.kind == "taylor" else check.point
    _compare_derivatives(check.task[check.kind], check.tree, names, around, degree, check.domain)


def _compare_derivatives(
    function: Tree, key: Tree, names: Sequence[str], around: Mapping[str, Tree], degree: int, domain: Domain
) -> None:
    pending = [(function, key, 0, 0)]
    while pending:
        one, other, first, order = pending.pop()
        if order > degree:
            refuse_different(other, number(0), domain, "the degree of the polynomial")
            continue
        refuse_different(substitute(other, around), substitute(one, around), domain, "the derivatives at the point")
        for place in range(first, len(names)):
            try:
                pair = symbolic.differentiate(one, names[place]), symbolic.differentiate(other, names[place])
            except symbolic.NotConverted:
                return
            pending.append((*pair, place, order + 1))


def _value(check: Check) -> None:
    refuse_different(check.tree, substitute(check.task["value"], check.point), check.domain, "putting the point in")


def _descent(check: Check) -> None:
    """The recurrence with slopes by finite differences; cells beyond the point are left to their own tasks."""
    names, function = check.variables, check.task["descent"]
    columns = check.task.get("columns", ["x"])
    if columns[0] != "x":
        return
    count = int(Fraction(check.task["steps"].value)) if "steps" in check.task else 1
    points = list(islice(_iterates(function, names, check.task), count + 1))
    if check.task.get("last", False):
        keys = [entries(check.tree)]
        points = points[-1:]
    else:
        keys = [row[: len(names)] for row in rows(check.tree)]
        points = points if check.task.get("start_row", False) else points[1:]
    for point, row in zip(points, keys, strict=True):
        for name, key in zip(names, row, strict=True):
            _refuse_far(value(key, {}), point[name], "the recurrence with finite differences", Fraction(1, 10**15))


def _iterates(function: Tree, names: Sequence[str], task: Mapping[str, Any]) -> Iterator[dict[str, Fraction]]:
    """The start and the points after it, ending where a slope has no value."""
    rate, momentum = value(task["rate"], {}), value(task.get("momentum", number(0)), {})
    starts = [value(entry, {}) for entry in entries(task["start"])]
    point = {name: at for name, at in zip(names, starts, strict=True) if at is not None}
    velocity = dict.fromkeys(names, Fraction(0))
    while rate is not None and momentum is not None and len(point) == len(names):
        yield point
        slopes = {name: slope(function, point, {name: Fraction(1)}) for name in names}
        known = {name: rise for name, rise in slopes.items() if rise is not None}
        if len(known) < len(names):
            return
        velocity = {name: momentum * velocity[name] + known[name] for name in names}
        point = {name: _rounded(point[name] - rate * velocity[name]) for name in names}


def _rounded(number: Fraction) -> Fraction:
    return Fraction(round(number * ROUND_TO), ROUND_TO)


def _eigenvalues(check: Check) -> None:
    matrix = reduce_literals(check.task["eigenvalues"])
    exact = [[value(entry, {}) or Fraction(0) for entry in row] for row in rows(matrix)]
    wanted = sorted(found.real for found in eigenvalues(exact))
    keys = sorted(float(value(key, {}) or 0) for key in entries(check.tree))
    for number_, others in [(each, keys) for each in wanted] + [(each, wanted) for each in keys]:
        nearest = min(others, key=lambda other: abs(other - number_))
        _refuse_far(Fraction(nearest), Fraction(number_), "NumPy's eigenvalues", NUMERIC)


def _inverse(check: Check) -> None:
    product_of = reduce_literals(multiply(check.task["inverse"], check.tree))
    for i, row in enumerate(rows(product_of)):
        for j, entry in enumerate(row):
            refuse_different(entry, number(int(i == j)), check.domain, "multiplying back")


def _solve_linear(check: Check) -> None:
    back = reduce_literals(multiply(check.task["solve_linear"], check.tree))
    for found, wanted in zip(entries(_listed(back)), entries(check.task["right"]), strict=True):
        refuse_different(found, wanted, check.domain, "putting the solution in")


def _convexity(check: Check) -> None:
    function, names = check.task["convexity"], check.variables
    if names_in(function) - {*names}:
        return
    try:
        second = [[symbolic.differentiate(symbolic.differentiate(function, a), b) for b in names] for a in names]
    except symbolic.NotConverted:
        return
    signs: set[int] = set()
    for point in islice(generic_points(frozenset(names), check.domain), CURVATURE_POINTS):
        numbers = [[value(entry, point) for entry in row] for row in second]
        if all(entry is not None for row in numbers for entry in row):
            signs |= _signs([[entry or Fraction(0) for entry in row] for row in numbers])
    _refuse_word(check, signs, "the curvature along many directions")


def _definiteness(check: Check) -> None:
    matrix = reduce_literals(check.task["definiteness"])
    numbers = [[value(entry, {}) for entry in row] for row in rows(matrix)]
    if all(entry is not None for row in numbers for entry in row):
        signs = _signs([[entry or Fraction(0) for entry in row] for row in numbers])
        _refuse_word(check, signs, "the form along many directions")


def _signs(matrix: list[list[Fraction]]) -> set[int]:
    """The signs of the quadratic form along small whole directions."""
    size = len(matrix)
    found: set[int] = set()
    for direction in product(range(-3, 4), repeat=min(size, 4)):
        if any(direction):
            padded = (*direction, *(0,) * (size - len(direction)))
            form = sum(matrix[i][j] * padded[i] * padded[j] for i in range(size) for j in range(size))
            found.add((form > 0) - (form < 0))
    return found


# The signs that a word rules out, and those that it calls for.
_EXCLUDED = {
    "convex": {-1},
    "concave": {1},
    "positive-definite": {-1, 0},
    "positive-semidefinite": {-1},
    "negative-definite": {1, 0},
    "negative-semidefinite": {1},
}


def _refuse_word(check: Check, signs: set[int], route: str) -> None:
    word = check.key.text if isinstance(check.key, Word) else ""
    against = signs & _EXCLUDED.get(word, set())
    if against:
        shown = {1: "rises", -1: "falls", 0: "is flat"}[min(against)]
        raise KeyCheckFailed(route, f"The key is {word!r}, but it {shown} along one of them.")
    if word == "indefinite" and signs <= {0, 1} and signs <= {0, -1}:
        raise KeyCheckFailed(route, "The key is 'indefinite', but the form is zero along all of them.")


def _norm(check: Check) -> None:
    squares = add(*(power(entry, 2) for entry in entries(_listed(check.task["norm"]))))
    refuse_different(power(check.tree, 2), squares, check.domain, "squaring")


def _unit(check: Check) -> None:
    squares = add(*(power(entry, 2) for entry in entries(check.tree)))
    refuse_different(squares, number(1), check.domain, "the length of the result")
    pairs = list(zip(entries(check.tree), entries(_listed(check.task["unit"])), strict=True))
    for (one, first), (other, second) in pairwise(pairs):
        crossed = add(multiply(one, second), neg(multiply(other, first)))
        refuse_different(crossed, number(0), check.domain, "the direction of the result")


ROUTES: Mapping[str, Callable[[Check], None]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "directional": _directional,
    "taylor": _taylor,
    "tangent": _taylor,
    "value": _value,
    "descent": _descent,
    "eigenvalues": _eigenvalues,
    "inverse": _inverse,
    "solve_linear": _solve_linear,
    "convexity": _convexity,
    "definiteness": _definiteness,
    "norm": _norm,
    "unit": _unit,
}
