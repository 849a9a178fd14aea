"""The variants of a problem as clustering sees them: quantities by name, the key, the key had one been another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.bank.drawing import Word
from grader.bank.following import values_for
from grader.bank.problem import Options, Part, Problem
from grader.bank.values import Values
from grader.bank.variant import Variant
from grader.bank.variants import draw
from grader.calculus.simplifying import simplify
from grader.checking.domain import Domain
from grader.errors import GraderError
from grader.mistakes.cases import Change
from grader.mistakes.leaves import HOLDERS, Leaves, leaves_of, points_of
from grader.mistakes.patterns import Situation
from grader.reading.tree import Tree, names_in

MOST_QUANTITIES = 24
MOST_CHANGES_KEPT = 20_000
_NOT_COMPARED = HOLDERS | {"vector", "matrix", "piecewise", "empty"}


@dataclass(frozen=True)
class Related:
    """A part in several variants."""

    problem: Problem
    part: Part
    values: tuple[Values, ...]
    situations: tuple[Situation, ...]
    domain: Domain

    def changed(self, place: int, change: Change) -> Leaves | None:
        """The key of a variant, had these quantities the values; None where there is none, or nothing changes."""
        known = self.__dict__.setdefault("_changes", {})
        at = (place, change)
        if at not in known:
            known[at] = self._changed(place, change)
            if len(known) > MOST_CHANGES_KEPT:
                known.pop(next(iter(known)))
        found: Leaves | None = known[at]
        return found

    def _changed(self, place: int, change: Change) -> Leaves | None:
        situation = self.situations[place]
        tree = key_with(self.problem, self.part, self.values[place], change)
        if tree is None:
            return None
        leaves = leaves_of(tree, situation.points)
        return None if leaves == situation.key else leaves


def key_with(problem: Problem, part: Part, values: Values, change: Change) -> Tree | None:
    """The key of the part for these values with others in the place of some; None where there is none."""
    if isinstance(part.answer, Options):
        return None
    try:
        new = {name: simplify(values.put_in(tree)) for name, tree in change}
        other = Values(problem, {**values.drawn, **new})
        found = values_for(part, other).solve(part.answer).value
    except GraderError:
        return None
    return None if isinstance(found, Word) else found


def relate(problem: Problem, part_id: str, variants: Sequence[Variant]) -> Related | None:
    """The part in these variants; None where the problem has no such part."""
    part = problem.part(part_id)
    if part is None or not variants:
        return None
    kept, situations = [], []
    for variant in variants:
        values = draw(problem, variant.seed or 0)
        kept.append(values)
        situations.append(situation_of(problem, part_id, variant, values))
    found = variants[0].part(part_id)
    return Related(problem, part, tuple(kept), tuple(situations), found.domain if found else Domain())


def situation_of(problem: Problem, part_id: str, variant: Variant, values: Values) -> Situation:
    """One variant: what has a name in it, and the key."""
    part = variant.part(part_id)
    names: dict[str, Tree] = {}
    for name in [*values.drawn, *problem.derived][:MOST_QUANTITIES]:
        value = _value(values, name)
        if value is not None:
            names[name] = value
    key = Tree("empty") if part is None else part.key
    domain = Domain() if part is None else part.domain
    points = points_of(domain, sorted(names_in(key) | _variables(names)))
    return Situation(names, leaves_of(key, points), points)


def _variables(names: dict[str, Tree]) -> frozenset[str]:
    return frozenset().union(*(names_in(tree) for tree in names.values())) if names else frozenset()


def _value(values: Values, name: str) -> Tree | None:
    """The value of a scalar quantity; None for words, vectors and what has none."""
    try:
        value = values.value(name)
    except GraderError:
        return None
    return None if isinstance(value, Word) or value.kind in _NOT_COMPARED else value
