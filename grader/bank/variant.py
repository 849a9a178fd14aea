"""What a student gets: a problem with its numbers put in; the same bytes for ever."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from grader.bank.figures import Figure
from grader.bank.following import Following
from grader.bank.origins import Origin
from grader.bank.wording import ENGLISH
from grader.checking.domain import Domain
from grader.mistakes.recipes import Recipe
from grader.reading.names import Vocabulary
from grader.reading.tree import Tree


@dataclass(frozen=True, slots=True)
class VariantMistake:
    """A mistake that a problem knows: the answer it leads to with these numbers, and what the student is told."""

    id: str
    answer: Tree
    feedback: str


@dataclass(frozen=True)
class VariantPart:
    """One question with its key.

    `settings` are those of the answer type, `variables` and `notation` say what may be typed, all in
    their JSON form. `task` is what the key was derived from, with the numbers put in, None for a key
    that the author wrote. For a choice the key is a list of names, the right options. `notes` say how
    the answer is to be written; `english` is the feedback of a variant in another language as
    results speak of it. `origin` is where the key comes from.
    """

    id: str
    type: str
    ask: str
    points: Fraction
    key: Tree
    answer_text: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    notation: Mapping[str, bool] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    solution: str = ""
    task: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    english: Mapping[str, str] = field(default_factory=dict)
    follows: Following | None = None
    mistakes: tuple[VariantMistake, ...] = ()
    origin: Origin | None = None

    def recipe(self) -> Recipe | None:
        """How the key is worked out, None where nothing is known of that."""
        return None if self.origin is None else self.origin.recipe()

    @cached_property
    def domain(self) -> Domain:
        """Where the variables lie."""
        return Domain.of(self.variables)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What a response may be made of."""
        return self.domain.vocabulary(**self.notation)

    @cached_property
    def packed(self) -> bytes:
        """The part as it is sent to another process of ours, without what has been worked out of it here."""
        return pickle.dumps(replace(self), pickle.HIGHEST_PROTOCOL)

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of the field to fill in, None where the key is no vector or matrix."""
        if self.key.kind == "matrix":
            return len(self.key.args), len(self.key.args[0].args) if self.key.args else 0
        if self.key.kind == "vector":
            count = len(self.key.args)
            return (count, 1) if self.key.value == "column" else (1, count)
        return None


@dataclass(frozen=True)
class Variant:
    """A problem's version at a seed, in a language. `seed` is None for a variant with given parameters.

    `given` is what is known of the variables, a phrase each.
    """

    problem_id: str
    version: str
    seed: int | None
    title: str
    parameters: Mapping[str, str]
    prompt: str
    parts: tuple[VariantPart, ...]
    hints: tuple[str, ...] = ()
    solution: str = ""
    language: str = ENGLISH
    given: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    solution_figures: tuple[Figure, ...] = ()

    def part(self, id: str) -> VariantPart | None:
        """The part with this id."""
        return next((part for part in self.parts if part.id == id), None)

    def without_seed(self) -> Variant:
        """The variant with nothing that a student could not see: no seed and no parameters."""
        return replace(self, seed=None, parameters={})

    @property
    def max_score(self) -> Fraction:
        """The points of all parts together."""
        return sum((part.points for part in self.parts), Fraction(0))


def variant_to_json(variant: Variant) -> dict[str, Any]:
    """The variant as `grader bank show --json` prints it."""
    shown = {
        "id": variant.problem_id,
        "version": variant.version,
        "seed": variant.seed,
        "title": variant.title,
        "parameters": dict(variant.parameters),
        "prompt": variant.prompt,
        "parts": [_part_to_json(part) for part in variant.parts],
        "hints": list(variant.hints),
        "solution": variant.solution,
    }
    added = {
        "language": variant.language if variant.language != ENGLISH else "",
        "given": list(variant.given),
        "figures": [figure.to_json() for figure in variant.figures],
        "solution_figures": [figure.to_json() for figure in variant.solution_figures],
    }
    return {**shown, **{key: value for key, value in added.items() if value}}


def _part_to_json(part: VariantPart) -> dict[str, Any]:
    shown = {
        "id": part.id,
        "type": part.type,
        "ask": part.ask,
        "points": points_to_json(part.points),
        "answer": part.answer_text,
        "solution": part.solution,
        "settings": dict(part.settings),
        "variables": dict(part.variables),
        "notation": dict(part.notation),
        "options": [{"id": option, "text": text} for option, text in part.options],
        "feedback": dict(part.feedback),
    }
    follows = part.follows and {"part": part.follows.part, "as": part.follows.name}
    added = {"notes": list(part.notes), "follows": follows}
    return {**shown, **{key: value for key, value in added.items() if value}}


def points_to_json(points: Fraction) -> int | float:
    """Points as a JSON number: whole where they are whole."""
    return int(points) if points.denominator == 1 else float(points)


def variant_bytes(variant: Variant) -> bytes:
    """The canonical bytes of a variant, for comparing and hashing."""
    text = json.dumps(variant_to_json(variant), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
