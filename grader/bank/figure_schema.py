"""What may stand in a figure of a problem file: data for one of three kinds of drawing, nothing that draws."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from grader.bank.field_types import STRICT, Maths, Name, Texts, form_fault, kind_of

KINDS = ("plot", "contour", "graph")
MOST_FUNCTIONS = 6
MOST_MARKS = 40
_WITH: dict[str, tuple[str, ...]] = {
    "plot": ("by", "range", "window", "labels", "tangent", "secant", "points", "holes", "shade", "path"),
    "contour": ("by", "range", "levels", "points", "gradient", "start", "path"),
    "graph": ("labels",),
}
_COMMON = ("title", "description")


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _ranges(value: Any) -> Any:
    """One pair of ends, or one for each of two variables, as a list of pairs."""
    if not isinstance(value, list) or len(value) != 2:
        raise form_fault(f"A range has two ends, and here is {kind_of(value)}.", "Write [-3, 3].")
    return value if all(isinstance(end, list) for end in value) else [value]


def _point(value: Any) -> Any:
    """A point as a list: one entry lies on the first curve, two stand for themselves."""
    found = _listed(value)
    if len(found) > 2:
        raise form_fault(f"A point has one or two coordinates, and here are {len(found)}.", "Write [1, 2].")
    return found


_PAIR = Field(min_length=2, max_length=2)
Pair = Annotated[list[Maths], _PAIR]
Point = Annotated[list[Maths], BeforeValidator(_point), WithJsonSchema({"type": ["string", "number", "array"]})]
_ONE_OR_MORE = WithJsonSchema({"type": ["string", "number", "array"]})
Functions = Annotated[
    list[Maths], BeforeValidator(_listed), Field(min_length=1, max_length=MOST_FUNCTIONS), _ONE_OR_MORE
]
Names = Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1, max_length=2), _ONE_OR_MORE]
Ranges = Annotated[list[Pair], BeforeValidator(_ranges), WithJsonSchema({"type": "array"})]
Path = Annotated[list[Point] | Maths, Field(union_mode="left_to_right")]
Levels = Annotated[list[Maths], BeforeValidator(_listed), Field(min_length=1, max_length=MOST_MARKS), _ONE_OR_MORE]


class FigureFile(BaseModel):
    """One figure; exactly one of plot, contour and graph says which kind."""

    model_config = STRICT

    plot: Functions | None = None
    contour: Maths | None = None
    graph: Annotated[dict[str, list[str]], Field(min_length=1, max_length=MOST_MARKS)] | None = None
    by: Names | None = None
    range: Ranges | None = None
    window: Pair | None = None
    labels: list[Texts] | dict[str, Texts] | None = None
    tangent: Maths | None = None
    secant: Pair | None = None
    points: Annotated[list[Point], Field(max_length=MOST_MARKS)] | None = None
    holes: Annotated[list[Point], Field(max_length=MOST_MARKS)] | None = None
    shade: Pair | None = None
    levels: Levels | None = None
    gradient: Pair | None = None
    start: Pair | None = None
    path: Maths | Annotated[list[Point], Field(max_length=MOST_MARKS)] | None = None
    title: Texts | None = None
    description: Texts | None = None

    @property
    def kind(self) -> str:
        """Which kind of figure this is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> FigureFile:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = "both " + " and ".join(given) if given else "none of them"
            raise form_fault(f"A figure is one of {', '.join(KINDS)}; here is {found}.", "Keep exactly one.")
        for key in sorted(self.model_fields_set - {given[0], *_WITH[given[0]], *_COMMON}):
            if getattr(self, key) is not None:
                known = f"Beside it may stand {', '.join((*_WITH[given[0]], *_COMMON))}."
                raise form_fault(f"`{key}` does not go with `{given[0]}`.", known, key)
        for key in ("by", "range") if given[0] != "graph" else ():
            if getattr(self, key) is None:
                raise form_fault(
                    f"A {given[0]} needs `{key}`.", "Add `by: x`." if key == "by" else "Add `range: [-3, 3]`."
                )
        wanted = {"plot": 1, "contour": 2, "graph": 0}[given[0]]
        if len(self.by or ()) != wanted:
            raise form_fault(f"A {given[0]} is by {wanted} variable{'s' * (wanted > 1)}.", "Name them in `by`.", "by")
        if given[0] == "plot" and len(self.range or ()) != 1:
            raise form_fault("A plot has one range.", "Write range: [-3, 3].", "range")
        if given[0] == "graph" and isinstance(self.labels, list):
            raise form_fault("The labels of a graph are a mapping from its nodes.", 'Write {u: "x*y"}.', "labels")
        return self
