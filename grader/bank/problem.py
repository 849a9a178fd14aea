"""A problem file that was read and found sound: all of its mathematics as trees, all texts as templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from grader.bank.conditions import Condition
from grader.bank.drawing import Parameter, Value
from grader.bank.source import Document, Path
from grader.bank.templates import Template
from grader.checking.domain import Domain
from grader.reading.names import Vocabulary
from grader.reading.tree import Tree, names_in


@dataclass(frozen=True, slots=True)
class Expression:
    """A quantity that is written out."""

    tree: Tree
    path: Path


@dataclass(frozen=True, slots=True)
class Task:
    """A quantity that calculus derives; every text of `mapping` reads in `vocabulary`."""

    kind: str
    mapping: Mapping[str, Any]
    vocabulary: Vocabulary
    names: frozenset[str]
    path: Path


@dataclass(frozen=True, slots=True)
class Options:
    """Ids of options that are right, as the author wrote them."""

    ids: tuple[str, ...]
    path: Path


Quantity = Expression | Task


def names_of(quantity: Quantity) -> frozenset[str]:
    """The names that a quantity is made of."""
    return names_in(quantity.tree) if isinstance(quantity, Expression) else quantity.names


@dataclass(frozen=True, slots=True)
class Part:
    """A question before the numbers are put in."""

    id: str
    type: str
    ask: Template
    answer: Quantity | Options
    points: Fraction
    settings: Mapping[str, Any]
    options: Mapping[str, Template]
    feedback: Mapping[str, Template]
    solution: Template
    path: Path


@dataclass(frozen=True, slots=True)
class Example:
    """Responses and the marks that they must get: with given parameters, on one seed, or on every seed."""

    parameters: Mapping[str, Value] | None
    seed: int | None
    responses: Mapping[str, Template]
    marks: Mapping[str, Fraction]
    path: Path


@dataclass(frozen=True, slots=True)
class KnownCase:
    """Parameters and the answers that must come out for them."""

    parameters: Mapping[str, Value]
    answers: Mapping[str, str]
    path: Path


NOTHING = Template()


@dataclass(frozen=True)
class Problem:
    """One problem; `version` is the SHA-256 of its text, `source` the text itself."""

    id: str
    version: str
    title: str
    topic: str
    family: str
    level: str
    file: str
    source: str = field(repr=False)
    document: Document = field(repr=False)
    variables: Mapping[str, Any]
    notation: Mapping[str, bool]
    vocabulary: Vocabulary
    parameters: Mapping[str, Parameter]
    conditions: tuple[Condition, ...]
    derived: Mapping[str, Quantity]
    prompt: Template
    parts: tuple[Part, ...]
    hints: tuple[Template, ...] = ()
    solution: Template = NOTHING
    examples: tuple[Example, ...] = ()
    known_cases: tuple[KnownCase, ...] = ()

    @cached_property
    def domain(self) -> Domain:
        """Where the variables lie."""
        return Domain.of(self.variables)

    @property
    def max_score(self) -> Fraction:
        """The points of all parts together."""
        return sum((part.points for part in self.parts), Fraction(0))

    def part(self, id: str) -> Part | None:
        """The part with this id."""
        return next((part for part in self.parts if part.id == id), None)
