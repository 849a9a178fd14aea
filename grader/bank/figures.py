"""Figures of a problem: checked when the file is read, filled with the numbers of each variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from grader.bank.faults import nearest
from grader.bank.figure_schema import FigureFile
from grader.bank.maths import Maths
from grader.bank.naming import DERIVED, PARAMETER
from grader.bank.source import Path
from grader.bank.templates import Template
from grader.calculus.literal_matrices import reduce_literals
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.printing import to_text
from grader.reading.tree import Tree, names_in

NOTHING = Template()
_EXPRESSIONS = ("plot", "contour", "range", "window", "tangent", "secant", "points", "holes", "shade")
_MORE_EXPRESSIONS = ("levels", "gradient", "start", "path")
_OF_VARIABLES = frozenset({"plot", "contour"})


@dataclass(frozen=True, slots=True)
class Plan:
    """A figure before the numbers are put in: its expressions as trees, in the order and nesting of the file."""

    kind: str
    path: Path
    by: tuple[str, ...] = ()
    trees: Mapping[str, Any] = field(default_factory=dict)
    graph: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, Template] = field(default_factory=dict)
    title: Template = NOTHING
    description: Template = NOTHING

    def names(self) -> Iterator[str]:
        """The quantities that the figure is made of."""
        for tree in _leaves(self.trees):
            yield from names_in(tree)

    def templates(self) -> tuple[Template, ...]:
        """The texts of the figure."""
        return (self.title, self.description, *self.labels.values())


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a variant, as data: expressions as texts, nothing about how it looks."""

    kind: str
    by: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """The figure for programs."""
        shown = {"kind": self.kind, "by": list(self.by), **self.data, "labels": dict(self.labels)}
        return {**shown, "title": self.title, "description": self.description}


def compile_figures(files: Sequence[FigureFile], base: Path, maths: Maths) -> tuple[Plan, ...]:
    """The plans of figures; what cannot be read or has no value is a fault at its place."""
    return tuple(_plan(file, (*base, place), maths) for place, file in enumerate(files))


def _plan(file: FigureFile, path: Path, maths: Maths) -> Plan:
    by = tuple(canonical(name) for name in file.by or ())
    trees: dict[str, Any] = {}
    for key in (*_EXPRESSIONS, *_MORE_EXPRESSIONS):
        value = getattr(file, key)
        if value is not None:
            reader = _Reader(maths, frozenset(by) if key in _OF_VARIABLES else frozenset())
            trees[key] = reader.read(value, (*path, key))
    written = file.labels or {}
    listed = enumerate(written) if isinstance(written, list) else written.items()
    labels = {str(key): maths.template(text, (*path, "labels", key)) for key, text in listed}
    graph = {node: tuple(inputs) for node, inputs in (file.graph or {}).items()}
    _check_graph(graph, labels, path, maths)
    title, description = (maths.template(getattr(file, key), (*path, key)) for key in ("title", "description"))
    return Plan(file.kind, path, by, trees, graph, labels, title, description)


@dataclass(frozen=True)
class _Reader:
    """Reads the expressions of one key, in which only these variables may stand."""

    maths: Maths
    variables: frozenset[str]

    def read(self, value: Any, path: Path) -> Any:
        """Texts as trees, in the same lists."""
        if isinstance(value, list):
            written = self.maths.document.value(path)
            if path[-1] == "range" and len(value) == 1 and isinstance(written, list) and len(written) == 2:
                return [[self.read(end, (*path, place)) for place, end in enumerate(value[0])]]
            return [
                self.read(entry, (*path, place) if isinstance(written, list) else path)
                for place, entry in enumerate(value)
            ]
        tree = self.maths.expression(value, path)
        if tree is None:
            return None
        known = {*self.maths.names.of(PARAMETER, DERIVED), *self.variables}
        for name in sorted(names_in(tree) - known):
            message = f"The figure has no value for {name!r}."
            repair = f"Write it in {', '.join(sorted(self.variables))} and quantities." if self.variables else ""
            self.maths.fault(path, message, repair or "Only parameters and derived quantities may stand here.")
            return None
        return tree


def _check_graph(
    graph: Mapping[str, tuple[str, ...]], labels: Mapping[str, Template], path: Path, maths: Maths
) -> None:
    for node, inputs in graph.items():
        for place, other in enumerate(inputs):
            if other not in graph:
                maths.fault((*path, "graph", node, place), f"There is no node {other!r}.", nearest(other, graph))
    for node in labels if graph else ():
        if node not in graph:
            maths.fault((*path, "labels", node), f"There is no node {node!r}.", nearest(node, graph))
    try:
        TopologicalSorter({node: set(inputs) for node, inputs in graph.items()}).prepare()
    except CycleError as error:
        row = " -> ".join(error.args[1])
        maths.fault((*path, "graph"), f"The graph goes round in a circle: {row}.", "Break the circle.")


def fill(plan: Plan, put_in: Callable[[Tree], Tree], text_of: Callable[[Template], str]) -> Figure:
    """The figure of a variant; raises AnswerError where a value in it is missing."""
    data: dict[str, Any] = {}
    for key, value in plan.trees.items():
        allowed = frozenset(plan.by) if key in _OF_VARIABLES else frozenset()
        data[key] = _filled(value, put_in, allowed)
    if plan.graph:
        data["graph"] = {node: list(inputs) for node, inputs in plan.graph.items()}
    labels = {key: text_of(text) for key, text in plan.labels.items()}
    title, description = text_of(plan.title).strip(), text_of(plan.description).strip()
    return Figure(plan.kind, plan.by, data, labels, title, description)


def _filled(value: Any, put_in: Callable[[Tree], Tree], allowed: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_filled(entry, put_in, allowed) for entry in value]
    tree = reduce_literals(put_in(value))
    strange = sorted(names_in(tree) - allowed)
    if strange:
        message = f"The figure has no value for {strange[0]!r}, which stands in {to_text(tree)[:60]}."
        raise AnswerError(message, value.start, value.end, "Give it a value, or name it in `by`.")
    return to_text(tree)


def _leaves(value: Any) -> Iterator[Tree]:
    if isinstance(value, Tree):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
