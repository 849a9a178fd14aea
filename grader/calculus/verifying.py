"""Each key of a task checked by a second route before a student meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from grader.calculus.curvature_checks import check_convexity, check_definiteness, check_eigenvalues
from grader.calculus.derivatives import differentiate
from grader.calculus.descent_checks import check_descent
from grader.calculus.finite_differences import Point, slope, value
from grader.calculus.literal_matrices import grid_of
from grader.calculus.second_routes import (
    KeyCheckFailed,
    compare_at_points,
    refuse_different,
    verify_derivative,
)
from grader.calculus.sympy_derivatives import derivative_by_sympy
from grader.calculus.task_fields import Fields
from grader.calculus.tasks import Solved, descent_of, form_of
from grader.calculus.taylor_checks import check_taylor
from grader.checking.bounding import NotScalar
from grader.checking.domain import Domain
from grader.reading.tree import Tree, add, call, multiply, names_in, power, substitute

__all__ = ["KeyCheckFailed", "verify_derivative", "verify_task"]

ANYWHERE = Domain()


def verify_task(
    task: Mapping[str, object], solved: Solved, read: Callable[[str], Tree], domain: Domain = ANYWHERE
) -> None:
    """Check the key of a task by routes of its own; raises KeyCheckFailed where they disagree."""
    form = form_of(task)
    check = _Check(Fields(task, read, form, domain), solved.key, domain)
    if form in CHECKS:
        CHECKS[form](check)


@dataclass(frozen=True, slots=True)
class _Check:
    """A task, the key to be checked, and where its variables lie."""

    fields: Fields
    key: Tree | str
    domain: Domain

    @property
    def tree(self) -> Tree:
        """The key, which must be a tree."""
        if isinstance(self.key, str):
            raise KeyCheckFailed("type", f"The key is the word {self.key!r} where an expression is due.")
        return self.key

    def rows(self) -> Sequence[tuple[Tree, ...]]:
        """The entries of a key that is a vector or matrix."""
        grid = grid_of(self.tree)
        if grid is None:
            raise KeyCheckFailed("type", f"The key is a {self.tree.kind} where a vector or matrix is due.")
        return grid.rows

    def entries(self, wanted: int) -> tuple[Tree, ...]:
        """The entries of a key that is a vector."""
        found = tuple(entry for row in self.rows() for entry in row)
        if len(found) != wanted:
            raise KeyCheckFailed("size", f"The key has {len(found)} entries where {wanted} are due.")
        return found


def _partial(check: _Check, function: Tree, variable: str, key: Tree) -> None:
    """One derivative, as an expression or at the point of the task."""
    at = check.fields.point("at")
    if not at:
        verify_derivative(function, variable, key, check.domain)
        return
    fixed = {name: found for name, tree in at.items() if (found := value(tree, {})) is not None}
    if len(fixed) < len(at):
        raise KeyCheckFailed("evaluation", "The point has coordinates without a value.")
    other = derivative_by_sympy(function, variable)
    if other is not None:
        # Where SymPy has no such function, finite differences stand alone.
        refuse_different(key, substitute(other, at), check.domain)
    free = (names_in(function) | names_in(key)) - set(at)
    direction = {variable: Fraction(1)}
    compare_at_points(
        lambda point: slope(function, {variable: Fraction(0), **point, **fixed}, direction),
        key,
        free,
        check.domain,
        "finite differences",
    )


def _verified_derivative(check: _Check, function: Tree, variable: str) -> Tree:
    """A derivative on the way to a higher one, itself checked."""
    found = differentiate(function, variable).tree
    verify_derivative(function, variable, found, check.domain)
    return found


def _derivative(check: _Check) -> None:
    variables = check.fields.variables("by")
    order = check.fields.whole("order", 1)
    wanted = variables * order if len(variables) == 1 else variables
    function = check.fields.scalar("derivative")
    if not wanted:
        return
    for variable in wanted[:-1]:
        function = _verified_derivative(check, function, variable)
    _partial(check, function, wanted[-1], check.tree)


def _gradient(check: _Check) -> None:
    variables = check.fields.variables("by")
    function = check.fields.scalar("gradient")
    for variable, entry in zip(variables, check.entries(len(variables)), strict=True):
        _partial(check, function, variable, entry)


def _matrix(check: _Check, functions: Sequence[Tree], variables: Sequence[str]) -> None:
    """Row by row the derivatives of the functions."""
    rows = check.rows()
    if [len(row) for row in rows] != [len(variables)] * len(functions):
        raise KeyCheckFailed("size", f"The key is not {len(functions)} x {len(variables)}.")
    for function, row in zip(functions, rows, strict=True):
        for variable, entry in zip(variables, row, strict=True):
            _partial(check, function, variable, entry)


def _jacobian(check: _Check) -> None:
    _matrix(check, check.fields.entries("jacobian"), check.fields.variables("by"))


def _hessian(check: _Check) -> None:
    variables = check.fields.variables("by")
    function = check.fields.scalar("hessian")
    _matrix(check, [_verified_derivative(check, function, variable) for variable in variables], variables)


def _directional(check: _Check) -> None:
    fields = check.fields
    variables, along = fields.variables("by"), fields.entries("along")
    function, at = fields.scalar("directional"), fields.point("at")
    normalise = fields.flag("normalise", default=True)
    fixed = {name: found for name, tree in at.items() if (found := value(tree, {})) is not None}
    length = call("sqrt", add(*(power(entry, 2) for entry in along)))

    def expected(point: Point) -> Fraction | None:
        whole = {**point, **fixed}
        size = value(length, whole) if normalise else Fraction(1)
        sizes = [value(entry, whole) for entry in along]
        parts = [part for part in sizes if part is not None]
        if not size or len(parts) != len(sizes):
            return None
        return slope(function, whole, {name: part / size for name, part in zip(variables, parts, strict=True)})

    names = frozenset(variables).union(names_in(function), names_in(check.tree), *map(names_in, along)) - set(at)
    compare_at_points(expected, check.tree, names, check.domain, "finite differences")


def _taylor(check: _Check) -> None:
    variables, around = check.fields.variables("by"), check.fields.entries("around")
    if check.fields.has("at"):
        return
    point = dict(zip(variables, around, strict=True))
    check_taylor(check.fields.scalar("taylor"), point, check.fields.whole("degree", None), check.tree, check.domain)


def _tangent(check: _Check) -> None:
    check_taylor(check.fields.scalar("tangent"), check.fields.point("at"), 1, check.tree, check.domain)


def _descent(check: _Check) -> None:
    fields = check.fields
    columns = fields.words("columns", ("x", "gradient", "norm", "value"), default=("x",))
    last, start_row = fields.flag("last", default=False), fields.flag("start_row", default=False)
    cells = [check.entries(len(fields.variables("by")))] if last and check.tree.kind == "vector" else None
    if cells is None:
        cells = [(check.tree,)] if last else list(check.rows())
    check_descent(descent_of(fields), cells, ("x",) if last else columns, start_row=start_row, last=last)


def _value(check: _Check) -> None:
    asked = substitute(check.fields.tree("value"), check.fields.point("at"))
    try:
        _same(check, asked, check.tree)
    except NotScalar:
        return  # arithmetic on vectors, which has no other route here


def _same(check: _Check, asked: Tree, key: Tree, route: str = "evaluation") -> None:
    """Two expressions have the same values."""
    compare_at_points(lambda point: value(asked, point), key, names_in(asked) | names_in(key), check.domain, route)


def _determinant(check: _Check) -> None:
    rows = check.fields.square("determinant")
    terms = []
    for order in permutations(range(len(rows))) if len(rows) <= 5 else ():
        swaps = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
        factors = [row[place] for row, place in zip(rows, order, strict=True)]
        terms.append(multiply(Tree("neg", (Tree("number", (), "1"),)), *factors) if swaps % 2 else multiply(*factors))
    if terms:
        _same(check, add(*terms), check.tree, "the sum over permutations")


def _product_is(check: _Check, left: Sequence[Sequence[Tree]], right: Sequence[Sequence[Tree]], wanted: object) -> None:
    """A matrix product has the wanted entries, at sample points."""
    columns = list(zip(*right, strict=True))
    for i, row in enumerate(left):
        for j, column in enumerate(columns):
            entry = add(*(multiply(a, b) for a, b in zip(row, column, strict=True)))
            target = wanted[i][j] if isinstance(wanted, Sequence) else Tree("number", (), str(int(i == j)))
            _same(check, entry, target, "the matrix product")


def _inverse(check: _Check) -> None:
    _product_is(check, check.fields.square("inverse"), check.rows(), None)


def _solve_linear(check: _Check) -> None:
    rows, right = check.fields.square("solve_linear"), check.fields.entries("right")
    unknown = [(entry,) for entry in check.entries(len(rows))]
    _product_is(check, rows, unknown, [(entry,) for entry in right])


def _norm(check: _Check) -> None:
    _same(check, power(check.tree, 2), add(*(power(entry, 2) for entry in check.fields.grid("norm").entries)))


def _unit(check: _Check) -> None:
    entries = check.fields.grid("unit").entries
    key = check.entries(len(entries))
    squares = add(*(power(entry, 2) for entry in entries))
    for part, entry in zip(key, entries, strict=True):
        _same(check, multiply(part, call("sqrt", squares)), entry)


def _eigenvalues(check: _Check) -> None:
    check_eigenvalues(check.fields.square("eigenvalues"), check.tree.args)


def _definiteness(check: _Check) -> None:
    check_definiteness(check.fields.square("definiteness"), str(check.key))


def _convexity(check: _Check) -> None:
    check_convexity(check.fields.scalar("convexity"), check.fields.variables("by"), str(check.key), check.domain)


CHECKS: Mapping[str, Callable[[_Check], None]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "directional": _directional,
    "taylor": _taylor,
    "tangent": _tangent,
    "descent": _descent,
    "value": _value,
    "eigenvalues": _eigenvalues,
    "definiteness": _definiteness,
    "convexity": _convexity,
    "determinant": _determinant,
    "inverse": _inverse,
    "solve_linear": _solve_linear,
    "norm": _norm,
    "unit": _unit,
}
