"""What kinds of answers there are: one module a type, listed once in `REGISTRY`.

A type's module is loaded when the type is first asked for: a verdict on an expression does not wait for
the modules that judge matrix expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from grader.answers.base import AnswerType

# Name, module and class, in the order in which they are listed to people.
REGISTRY: tuple[tuple[str, str, str], ...] = (
    ("expression", "expression", "ExpressionType"),
    ("number", "number", "NumberType"),
    ("vector", "vector", "VectorType"),
    ("matrix", "matrix", "MatrixType"),
    ("matrix-expression", "matrix_expression", "MatrixExpressionType"),
    ("choice", "choice", "ChoiceType"),
    ("table", "table", "TableType"),
    ("list", "lists", "ListType"),
    ("set", "sets", "SetType"),
    ("interval", "interval", "IntervalType"),
    ("inequality", "inequality", "InequalityType"),
    ("equation", "equation", "EquationType"),
    ("indexed-expression", "indexed_expression", "IndexedExpressionType"),
    ("tensor", "tensor", "TensorType"),
    ("shape", "shape", "ShapeType"),
    ("witness", "witness", "WitnessType"),
    ("written", "written", "WrittenType"),
)


class AnswerTypes(Mapping[str, AnswerType[Any]]):
    """The types by name, each made when it is first asked for."""

    def __init__(self, registry: tuple[tuple[str, str, str], ...]) -> None:
        self._places = {name: (module, kind) for name, module, kind in registry}
        self._made: dict[str, AnswerType[Any]] = {}

    def __getitem__(self, name: str) -> AnswerType[Any]:
        found = self._made.get(name)
        if found is None:
            module, kind = self._places[name]
            found = self._made[name] = getattr(import_module(f"grader.answers.{module}"), kind)()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


BY_NAME = AnswerTypes(REGISTRY)
