"""A task, such as `{derivative: x^2, by: x}`, to its key, the type of answer and the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.calculus.convexity import convexity
from grader.calculus.derivatives import differentiate_repeatedly
from grader.calculus.descent import COLUMNS, Descent, descend, steps_of, table
from grader.calculus.directional import directional, unit
from grader.calculus.eigenvalues import Definiteness, definiteness, eigenvalues
from grader.calculus.evaluating import evaluate
from grader.calculus.exact_matrices import determinant, inverse, solve_linear
from grader.calculus.gradients import gradient
from grader.calculus.hessians import hessian
from grader.calculus.jacobians import jacobian
from grader.calculus.literal_matrices import Grid, reduce_literals, times
from grader.calculus.steps import Derivation, Step
from grader.calculus.task_fields import Fields, TaskError
from grader.calculus.taylor import tangent, taylor
from grader.checking.domain import Domain
from grader.errors import GraderError
from grader.reading.tree import ZERO, Tree, call, literal_value, vector

__all__ = ["TASKS", "Solved", "TaskError", "solve"]

MOST_ORDER = 10
ANYWHERE = Domain()


@dataclass(frozen=True, slots=True)
class Solved:
    """The key, a tree or a word; the type of answer; how it was found; whether nothing was rounded."""

    key: Tree | str
    type: str
    steps: tuple[Step, ...] = ()
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """One form of task: which further keys it needs and allows, and how it is solved."""

    solve: Callable[[Fields], Solved]
    needs: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()


def solve(task: Mapping[str, object], read: Callable[[str], Tree], domain: Domain = ANYWHERE) -> Solved:
    """The key of a task; its texts are read with `read`, or are trees already.

    Raises TaskError, which names the key of the mapping at fault.
    """
    form = form_of(task)
    fields = Fields(task, read, form, domain)
    wanted = TASKS[form]
    fields.refuse_others(wanted.needs, wanted.allows)
    try:
        return wanted.solve(fields)
    except TaskError:
        raise
    except GraderError as error:
        raise TaskError(str(error), form) from error


def form_of(task: Mapping[str, object]) -> str:
    """The one key of the task that says what is asked for."""
    found = [key for key in task if key in TASKS]
    if len(found) != 1:
        asked = " and ".join(found) if found else "none of them"
        raise TaskError(f"A task asks for exactly one of {', '.join(TASKS)}; here it is {asked}.", asked)
    return found[0]


def _scalar(tree: Tree, steps: tuple[Step, ...] = ()) -> Solved:
    """A key that is one expression; a number where it is a rational one."""
    return Solved(tree, type_of(tree), steps)


def type_of(tree: Tree) -> str:
    """The type of answer that a key asks for."""
    if literal_value(tree) is not None:
        return "number"
    return {"vector": "vector", "matrix": "matrix", "set": "set", "list": "list"}.get(tree.kind, "expression")


def _at_point(fields: Fields, derivation: Derivation) -> Solved:
    """The result, at the point where the task names one."""
    at = fields.point("at")
    if not at:
        return _scalar(derivation.tree, derivation.steps)
    value = evaluate(derivation.tree, at)
    return _scalar(value, (*derivation.steps, Step("value-at", derivation.tree, value)))


def _derivative(fields: Fields) -> Solved:
    variables = fields.variables("by")
    order = fields.whole("order", 1, most=MOST_ORDER)
    wanted = variables * order if len(variables) == 1 else variables
    return _at_point(fields, differentiate_repeatedly(fields.scalar("derivative"), wanted, variables))


def _gradient(fields: Fields) -> Solved:
    layout = fields.word("layout", ("", "row", "column"))
    return _at_point(fields, gradient(fields.scalar("gradient"), fields.variables("by"), layout))


def _jacobian(fields: Fields) -> Solved:
    return _at_point(fields, jacobian(fields.entries("jacobian"), fields.variables("by")))


def _hessian(fields: Fields) -> Solved:
    return _at_point(fields, hessian(fields.scalar("hessian"), fields.variables("by")))


def _directional(fields: Fields) -> Solved:
    variables, along = fields.variables("by"), fields.entries("along")
    fields.refuse_lengths("along", len(along), len(variables))
    function, normalise = fields.scalar("directional"), fields.flag("normalise", default=True)
    return _at_point(fields, directional(function, variables, along, normalise=normalise))


def _taylor(fields: Fields) -> Solved:
    variables, around = fields.variables("by"), fields.entries("around")
    fields.refuse_lengths("around", len(around), len(variables))
    degree = fields.whole("degree", None)
    point = dict(zip(variables, around, strict=True))
    return _at_point(fields, taylor(fields.scalar("taylor"), point, degree))


def _tangent(fields: Fields) -> Solved:
    (variable,) = fields.variables("by", most=1)
    at = fields.point("at")
    if set(at) != {variable}:
        raise TaskError(f"The tangent needs the value of {variable} at which it touches.", "at")
    derivation = tangent(fields.scalar("tangent"), variable, at[variable])
    return _scalar(derivation.tree, derivation.steps)


def descent_of(fields: Fields) -> Descent:
    """The descent that a task describes."""
    variables, start = fields.variables("by"), fields.entries("start")
    fields.refuse_lengths("start", len(start), len(variables))
    momentum = fields.scalar("momentum") if fields.has("momentum") else ZERO
    count = fields.whole("steps", 1)
    return Descent(fields.scalar("descent"), variables, start, fields.scalar("rate"), count, momentum)


def _descent(fields: Fields) -> Solved:
    descent = descent_of(fields)
    rows = descend(descent)
    is_exact = all(row.is_exact for row in rows)
    steps = steps_of(descent, rows)
    if fields.flag("last", default=False):
        point = rows[-1].point
        key = point[0] if len(point) == 1 else vector(*point)
        return Solved(key, type_of(key), steps, is_exact)
    columns = fields.words("columns", COLUMNS, default=("x",))
    shown = rows if fields.flag("start_row", default=False) else rows[1:]
    return Solved(table(shown, columns), "table", steps, is_exact)


def _value(fields: Fields) -> Solved:
    return _scalar(evaluate(fields.tree("value"), fields.point("at")))


def _eigenvalues(fields: Fields) -> Solved:
    found = eigenvalues(fields.square("eigenvalues"))
    return Solved(Tree("set", found), "set")


def _definiteness(fields: Fields) -> Solved:
    verdict = definiteness(fields.square("definiteness"))
    if verdict is Definiteness.ZERO:
        message = "The zero matrix is positive and negative semidefinite; state the word that is meant."
        raise TaskError(message, "definiteness")
    return Solved(str(verdict), "choice")


def _convexity(fields: Fields) -> Solved:
    return Solved(str(convexity(fields.scalar("convexity"), fields.variables("by"), fields.domain)), "choice")


def _entry(fields: Fields) -> Solved:
    grid, index = fields.grid("entry"), fields.wholes("index")
    if grid.is_vector and len(index) == 1:
        index = (index[0], 1) if len(grid.rows) > 1 or len(grid.entries) == 1 else (1, index[0])
    sizes = grid.shape
    if len(index) != 2 or not all(1 <= place <= size for place, size in zip(index, sizes, strict=True)):
        raise TaskError(f"There is no such entry in {grid}; places are counted from 1.", "index")
    return _scalar(reduce_literals(grid.rows[index[0] - 1][index[1] - 1]))


def _determinant(fields: Fields) -> Solved:
    return _scalar(determinant(fields.square("determinant")))


def _inverse(fields: Fields) -> Solved:
    return _scalar(Grid(inverse(fields.square("inverse"))).tree())


def _solve_linear(fields: Fields) -> Solved:
    rows, right = fields.square("solve_linear"), fields.entries("right")
    fields.refuse_lengths("right", len(right), len(rows))
    return _scalar(vector(*solve_linear(rows, right)))


def _norm(fields: Fields) -> Solved:
    return _scalar(reduce_literals(call("norm", fields.grid("norm").tree())))


def _unit(fields: Fields) -> Solved:
    grid = fields.grid("unit")
    if not grid.is_vector:
        raise TaskError(f"Only a vector has a direction, not {grid}.", "unit")
    return _scalar(vector(*unit(grid.entries), layout=grid.layout))


def _matmul(fields: Fields) -> Solved:
    first, *others = fields.grids("matmul")
    total: Grid | Tree = first
    for other in others:
        total = times(total, other)
    return _scalar(total.tree() if isinstance(total, Grid) else reduce_literals(total))


def _transpose(fields: Fields) -> Solved:
    return _scalar(fields.grid("transpose").transposed().tree())


TASKS: Mapping[str, Task] = {
    "derivative": Task(_derivative, ("by",), ("order", "at")),
    "gradient": Task(_gradient, ("by",), ("at", "layout")),
    "jacobian": Task(_jacobian, ("by",), ("at",)),
    "hessian": Task(_hessian, ("by",), ("at",)),
    "directional": Task(_directional, ("by", "along"), ("normalise", "at")),
    "taylor": Task(_taylor, ("by", "around", "degree"), ("at",)),
    "tangent": Task(_tangent, ("by", "at")),
    "descent": Task(_descent, ("by", "start", "rate"), ("steps", "momentum", "columns", "start_row", "last")),
    "value": Task(_value, (), ("at",)),
    "eigenvalues": Task(_eigenvalues),
    "definiteness": Task(_definiteness),
    "convexity": Task(_convexity, ("by",)),
    "entry": Task(_entry, ("index",)),
    "determinant": Task(_determinant),
    "inverse": Task(_inverse),
    "solve_linear": Task(_solve_linear, ("right",)),
    "norm": Task(_norm),
    "unit": Task(_unit),
    "matmul": Task(_matmul),
    "transpose": Task(_transpose),
}
