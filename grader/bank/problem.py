"""A problem file that was read and found sound: all of its mathematics as trees, all texts as templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from grader.bank.conditions import Condition
from grader.bank.drawing import Parameter, Value
from grader.bank.figures import Plan
from grader.bank.source import Document, Path
from grader.bank.templates import Template
from grader.bank.wording import ENGLISH
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
    """Ids of options that are right, as the author wrote them; none where no particular answer is asked for."""

    ids: tuple[str, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Typed:
    """A key that the reader of its answer type has read; `is_plain` where its terms may be put in order.

    `folds_numbers` where number factors may be multiplied.
    """

    tree: Tree
    path: Path
    is_plain: bool = True
    folds_numbers: bool = True


Quantity = Expression | Task | Typed


def names_of(quantity: Quantity) -> frozenset[str]:
    """The names that a quantity is made of."""
    return quantity.names if isinstance(quantity, Task) else names_in(quantity.tree)


@dataclass(frozen=True, slots=True)
class Follows:
    """The earlier part that a part goes on from, what its answer is called, and what a wrong one must still meet.

    `share` is the share of the points that a right step from a wrong answer earns.
    """

    part: str
    name: str
    conditions: tuple[Condition, ...] = ()
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class OwnMistake:
    """A mistake that a part knows beside the usual ones: the answer it leads to, and what the student is told."""

    id: str
    answer: Quantity | Options
    feedback: Template
    path: Path


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a part says of its key, so that it can be checked: `form` of this tree, by this name or entry."""

    form: str
    tree: Tree
    by: Tree | None
    path: Path


@dataclass(frozen=True, slots=True)
class Part:
    """A question before the numbers are put in; `conditions` are those of a witness, with its names open."""

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
    conditions: tuple[Tree, ...] = ()
    follows: Follows | None = None
    mistakes: tuple[OwnMistake, ...] = ()
    checks: tuple[KeyCheck, ...] = ()
    task: Task | None = None


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
    figures: tuple[Plan, ...] = ()
    solution_figures: tuple[Plan, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """The title in other languages."""

    @property
    def languages(self) -> tuple[str, ...]:
        """English, and the languages into which the prompt is translated."""
        return (ENGLISH, *self.prompt.translations)

    def language_of(self, wished: str) -> str:
        """The language in which the problem is shown to whoever wishes for this one."""
        return wished if wished in self.languages else ENGLISH

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
