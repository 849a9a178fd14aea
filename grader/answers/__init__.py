"""What kinds of answers there are: one module a type, listed once in `REGISTRY`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.answers.base import AnswerType
from grader.answers.choice import ChoiceType
from grader.answers.expression import ExpressionType
from grader.answers.lists import ListType
from grader.answers.matrix import MatrixType
from grader.answers.number import NumberType
from grader.answers.sets import SetType
from grader.answers.table import TableType
from grader.answers.vector import VectorType

REGISTRY: tuple[AnswerType[Any], ...] = (
    ExpressionType(),
    NumberType(),
    VectorType(),
    MatrixType(),
    ChoiceType(),
    TableType(),
    ListType(),
    SetType(),
)
BY_NAME: Mapping[str, AnswerType[Any]] = {kind.name: kind for kind in REGISTRY}
