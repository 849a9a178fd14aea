"""What was asked for, read from a task: functions, variables, point, direction, descent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.calculus.descent import COLUMNS
from grader.calculus.task_fields import Fields
from grader.calculus.tasks import MOST_ORDER, form_of
from grader.checking.domain import ANYTHING, Domain
from grader.reading.tree import ONE, ZERO, Tree

GRIDS = frozenset({"derivative", "gradient", "jacobian", "hessian"})
"""Forms whose answer is made of derivatives, one for each entry."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as trees; what a form has no use for is empty.

    `orders` are the variables to differentiate by, one after the other; `start` is where a descent
    begins, `around` the point of a Taylor polynomial, `factors` what a product of matrices is made of.
    """

    form: str
    functions: tuple[Tree, ...] = ()
    variables: tuple[str, ...] = ()
    at: Mapping[str, Tree] = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    along: tuple[Tree, ...] = ()
    normalise: bool = True
    around: tuple[Tree, ...] = ()
    degree: int = 0
    start: tuple[Tree, ...] = ()
    rate: Tree = ONE
    momentum: Tree = ZERO
    steps: int = 1
    columns: tuple[str, ...] = ("x",)
    factors: tuple[Tree, ...] = ()


def question_of(task: Mapping[str, object], read: Callable[[str], Tree], domain: Domain = ANYTHING) -> Question | None:
    """The question that a sound task asks; None for a form in which no mistakes are known."""
    form = form_of(task)
    reader = _READERS.get(form)
    return None if reader is None else reader(Fields(task, read, form, domain))


def _derivative(fields: Fields) -> Question:
    variables = fields.variables("by")
    order = fields.whole("order", 1, most=MOST_ORDER)
    orders = variables * order if len(variables) == 1 else variables
    names = tuple(dict.fromkeys(variables))
    return Question("derivative", (fields.scalar("derivative"),), names, fields.point("at"), orders=orders)


def _gradient(fields: Fields) -> Question:
    return Question("gradient", (fields.scalar("gradient"),), fields.variables("by"), fields.point("at"))


def _jacobian(fields: Fields) -> Question:
    return Question("jacobian", fields.entries("jacobian"), fields.variables("by"), fields.point("at"))


def _hessian(fields: Fields) -> Question:
    return Question("hessian", (fields.scalar("hessian"),), fields.variables("by"), fields.point("at"))


def _directional(fields: Fields) -> Question:
    return Question(
        "directional",
        (fields.scalar("directional"),),
        fields.variables("by"),
        fields.point("at"),
        along=fields.entries("along"),
        normalise=fields.flag("normalise", default=True),
    )


def _taylor(fields: Fields) -> Question:
    function, variables, around = fields.scalar("taylor"), fields.variables("by"), fields.entries("around")
    degree = fields.whole("degree", None)
    return Question("taylor", (function,), variables, fields.point("at"), around=around, degree=degree)


def _tangent(fields: Fields) -> Question:
    (variable,) = fields.variables("by", most=1)
    around = (fields.point("at")[variable],)
    return Question("taylor", (fields.scalar("tangent"),), (variable,), around=around, degree=1)


def _descent(fields: Fields) -> Question:
    return Question(
        "descent",
        (fields.scalar("descent"),),
        fields.variables("by"),
        start=fields.entries("start"),
        rate=fields.scalar("rate"),
        momentum=fields.scalar("momentum") if fields.has("momentum") else ZERO,
        steps=fields.whole("steps", 1),
        columns=fields.words("columns", COLUMNS, default=("x",)),
    )


def _value(fields: Fields) -> Question:
    at = fields.point("at")
    return Question("value", (fields.tree("value"),), tuple(at), at)


def _unit(fields: Fields) -> Question:
    return Question("unit", fields.entries("unit"))


def _matmul(fields: Fields) -> Question:
    listed = fields.tree("matmul")
    return Question("matmul", factors=listed.args if listed.kind == "vector" else ())


def _transpose(fields: Fields) -> Question:
    return Question("transpose", factors=(fields.tree("transpose"),))


def _words(fields: Fields) -> Question:
    return Question(fields.form)


_READERS: Mapping[str, Callable[[Fields], Question]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "directional": _directional,
    "taylor": _taylor,
    "tangent": _tangent,
    "descent": _descent,
    "value": _value,
    "unit": _unit,
    "matmul": _matmul,
    "transpose": _transpose,
    "convexity": _words,
    "definiteness": _words,
}
