"""What a variant is like in numbers: how long its answers are, how large, how hard to find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from grader.bank.problem import Problem, Task
from grader.bank.values import Values
from grader.bank.variant import Variant
from grader.bank.variants import draw, made
from grader.errors import BankErrors
from grader.reading.tree import literal_value, walk


@dataclass(frozen=True, slots=True)
class Measure:
    """One variant in numbers.

    `length` counts the characters of its longest answer, `largest` is the greatest absolute number
    in an answer, `nodes` counts the nodes of all its keys, `rules` the steps by which they were
    derived: none where the author wrote them out.
    """

    seed: int
    parameters: Mapping[str, str]
    length: int
    largest: float
    nodes: int
    rules: int


MEASURES: Mapping[str, str] = {
    "length": "Characters of the longest answer",
    "largest": "Largest number in an answer",
    "nodes": "Nodes of the keys",
    "rules": "Steps of the derivation",
}
"""Measure -> what it counts."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure over many variants."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Summary:
        """The summary of some values; zeros where there are none."""
        return cls(min(values), median(values), max(values)) if values else cls(0, 0, 0)


def measure_problem(problem: Problem, seeds: int) -> tuple[Measure, ...]:
    """The variants of the seeds 0, 1, 2, … in numbers; those that cannot be made are left out."""
    return tuple(_measures(problem, range(seeds)))


def _measures(problem: Problem, seeds: range) -> Iterator[Measure]:
    for seed in seeds:
        try:
            values = draw(problem, seed)
            variant, _ = made(problem, values, seed)
        except BankErrors:
            continue  # the sweep reports it, with the seed
        yield _measure(problem, values, variant, seed)


def _measure(problem: Problem, values: Values, variant: Variant, seed: int) -> Measure:
    keys = [part.key for part in variant.parts]
    numbers = [abs(value) for key in keys for node in walk(key) if (value := literal_value(node)) is not None]
    return Measure(
        seed=seed,
        parameters=dict(variant.parameters),
        length=max((len(part.answer_text) for part in variant.parts), default=0),
        largest=float(max(numbers, default=0)),
        nodes=sum(1 for key in keys for _ in walk(key)),
        rules=_rules(problem, values),
    )


def _rules(problem: Problem, values: Values) -> int:
    """The steps of everything that calculus has derived for this variant."""
    solved = [found.solved for found in values.found().values()]
    solved += [values.solve(part.answer).solved for part in problem.parts if isinstance(part.answer, Task)]
    return sum(len(each.steps) for each in solved if each is not None)


def summaries(measures: Sequence[Measure]) -> dict[str, Summary]:
    """Each measure over these variants."""
    return {name: Summary.of([float(getattr(each, name)) for each in measures]) for name in MEASURES}


def measures_to_json(measures: Sequence[Measure]) -> dict[str, Any]:
    """The measures for programs: summaries, and each parameter's values with how often they were drawn."""
    drawn: dict[str, dict[str, int]] = {}
    for each in measures:
        for name, value in each.parameters.items():
            counts = drawn.setdefault(name, {})
            counts[value] = counts.get(value, 0) + 1
    return {
        "variants": len(measures),
        **{name: asdict(summary) for name, summary in summaries(measures).items()},
        "parameters": drawn,
    }
