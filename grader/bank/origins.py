"""Where a key comes from: the quantities that a part's answer is worked out from, for recognising mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from grader.bank.drawing import Value, Word
from grader.bank.following import values_for
from grader.bank.problem import Options, Part, Problem, Quantity, Task, names_of
from grader.bank.tasks import PLAIN
from grader.bank.templates import Print, Verbatim
from grader.bank.values import Values
from grader.mistakes.recipes import ANSWER, Recipe, Step, recipe_of
from grader.reading.text import read
from grader.reading.tree import Tree, names_in

USUAL_RATES = frozenset({"eta"})
MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """The quantities behind a key in their order, the answer last, and the value of each name in this variant."""

    quantities: tuple[tuple[str, Quantity], ...]
    right: Mapping[str, Tree]
    rates: frozenset[str] = USUAL_RATES
    momenta: frozenset[str] = frozenset()

    def recipe(self) -> Recipe:
        """The same with all of its mathematics read."""
        steps = tuple(_step(name, quantity) for name, quantity in self.quantities)
        return recipe_of(steps, self.right, self.rates, self.momenta)


def origin_of(part: Part, key: Tree, values: Values) -> Origin | None:
    """Where the key of a part comes from; None where words take part in it or it has no story."""
    if isinstance(part.answer, Options):
        return None
    inner = values_for(part, values)
    names = list(_behind(part.answer, inner.problem, []))
    found: dict[str, Value] = {}
    for name in {*names, *names_of(part.answer)}.union(*(names_of(inner.problem.derived[name]) for name in names)):
        if name in inner.drawn or name in inner.problem.derived:
            found[name] = inner.value(name)
    if len(names) > MOST_STEPS or any(isinstance(value, Word) for value in found.values()):
        return None
    right = {name: value for name, value in found.items() if isinstance(value, Tree)}
    quantities = [(name, inner.problem.derived[name]) for name in names]
    return Origin((*quantities, (ANSWER, part.answer)), {**right, ANSWER: key}, *roles(inner.problem))


def roles(problem: Problem) -> tuple[frozenset[str], frozenset[str]]:
    """The names of learning rates and of momenta, as the descents of the problem use them."""
    quantities = [*problem.derived.values(), *(part.answer for part in problem.parts)]
    tasks = [each for each in quantities if isinstance(each, Task) and each.kind == "descent"]
    rates = {str(task.mapping["rate"]) for task in tasks if "rate" in task.mapping}
    momenta = {str(task.mapping["momentum"]) for task in tasks if "momentum" in task.mapping}
    rates |= _announced(problem, "eta") & problem.parameters.keys()
    momenta |= _announced(problem, "beta") & problem.parameters.keys()
    return USUAL_RATES | rates, frozenset(momenta)


def _announced(problem: Problem, greek: str) -> set[str]:
    """The names that the text gives as the value of a Greek letter, as in "eta = {{ s }}"."""
    found: set[str] = set()
    of_parts = (template for part in problem.parts for template in (part.ask, part.solution))
    for template in (problem.prompt, problem.solution, *problem.hints, *of_parts):
        for text, printed in pairwise(template.pieces):
            if not (isinstance(text, Verbatim) and isinstance(printed, Print) and printed.tree.kind == "name"):
                continue
            if re.search(rf"\\{greek}\s*=\s*\Z", text.text):
                found |= names_in(printed.tree)
    return found


def _behind(quantity: Quantity, problem: Problem, seen: list[str]) -> Iterator[str]:
    """The derived quantities that one is made of, earlier ones first, each once."""
    for name in sorted(names_of(quantity)):
        if name in problem.derived and name not in seen:
            seen.append(name)
            yield from _behind(problem.derived[name], problem, seen)
            yield name


def _step(name: str, quantity: Quantity) -> Step:
    if not isinstance(quantity, Task):
        return Step(name, quantity.tree)
    fields = {
        key: value if key in PLAIN or key == "by" else _trees(value, quantity)
        for key, value in quantity.mapping.items()
    }
    return Step(name, None, quantity.kind, fields)


def _trees(value: Any, task: Task) -> Any:
    """A value of a task with trees in place of its texts, their names still open."""
    if isinstance(value, Mapping):
        return {name: _trees(entry, task) for name, entry in value.items()}
    if isinstance(value, list):
        return [_trees(entry, task) for entry in value]
    return read(str(value), task.vocabulary).tree
