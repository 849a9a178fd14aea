"""A rule that says which answers are in a cluster: by a mistake, a pattern, or one answer to one variant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from grader.bank.loading import load_problem
from grader.bank.problem import Part, Problem
from grader.bank.relating import key_with, situation_of
from grader.bank.values import Values
from grader.bank.variant import Variant, VariantPart
from grader.bank.variants import draw, make_variant
from grader.checking.equality import Budget, decide
from grader.checking.verdict import Outcome
from grader.errors import GraderError
from grader.mistakes.cases import Pattern, Where, look_equal
from grader.mistakes.clustering import are_alike
from grader.mistakes.leaves import Leaves, leaves_of
from grader.mistakes.patterns import ABOVE, Situation
from grader.mistakes.searching import above_in, expected
from grader.reading.tree import Tree, names_in, substitute

_CHEAP = Budget(nodes=0)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which answers are meant: those with a mistake at these entries, those of a pattern, or one answer.

    `answer` is that one answer as it was typed, to the variant with the seed.
    """

    mistake: str | None = None
    where: Where = ()
    pattern: Pattern | None = None
    seed: int | None = None
    answer: str = ""

    @property
    def kind(self) -> str:
        """By what the answers are known: "mistake", "changed", "formula" or "same"."""
        if self.mistake is not None:
            return "mistake"
        if self.pattern is None:
            return "same"
        return "changed" if self.pattern.changed else "formula"

    @property
    def mark(self) -> str:
        """What the rule is called in forms and addresses; the same rule has the same mark."""
        text = json.dumps({**self.to_json(), "pattern": None} if self.mistake else self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The rule as plain JSON data."""
        pattern = self.pattern
        return {
            "mistake": self.mistake,
            "where": [list(index) for index in self.where],
            "pattern": None
            if pattern is None
            else {
                "frame": _listed(pattern.frame),
                "entries": [tree_to_json(tree) for tree in pattern.entries],
                "changed": [[name, tree_to_json(tree)] for name, tree in pattern.changed],
            },
            "seed": self.seed,
            "answer": self.answer,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Rule:
        """The rule that `to_json` wrote."""
        given = data["pattern"]
        pattern = given and Pattern(
            _tupled(given["frame"]),
            tuple(tree_from_json(tree) for tree in given["entries"]),
            tuple((name, tree_from_json(tree)) for name, tree in given["changed"]),
        )
        where = tuple(tuple(index) for index in data["where"])
        return Rule(data["mistake"], where, pattern, data["seed"], data["answer"])


@dataclass(frozen=True)
class Ground:
    """One variant of a part, with what an answer to it is compared with."""

    problem: Problem
    part: Part
    variant: VariantPart
    values: Values
    situation: Situation
    seed: int


@lru_cache(maxsize=256)
def ground(source: str, seed: int, part_id: str) -> Ground | None:
    """The part of a problem's text at a seed; None where there is no such part."""
    problem = _problem(source)
    part, variant = problem.part(part_id), _variant(source, seed)
    found = variant.part(part_id)
    if part is None or found is None:
        return None
    values = draw(problem, seed)
    return Ground(problem, part, found, values, situation_of(problem, part_id, variant, values), seed)


@lru_cache(maxsize=32)
def _problem(source: str) -> Problem:
    return load_problem(source, "problem")


@lru_cache(maxsize=256)
def _variant(source: str, seed: int) -> Variant:
    return make_variant(_problem(source), seed, verify=False)


def is_in(rule: Rule, on: Ground, response: Tree, mistake: str | None, where: Where) -> bool:
    """Whether a wrong answer is one that the rule means."""
    if rule.mistake is not None and rule.mistake == mistake and are_alike(rule.where, where):
        return True
    leaves = leaves_of(response, on.situation.points)
    if rule.pattern is not None:
        return _follows(rule.pattern, on, leaves)
    return False


def is_same(on: Ground, response: Tree, other: Tree) -> bool:
    """Whether two answers to one variant are equal."""
    first, second = leaves_of(response, on.situation.points), leaves_of(other, on.situation.points)
    if first.frame != second.frame or not look_equal(first, second):
        return False
    pairs = zip(first.leaves, second.leaves, strict=True)
    return response == other or all(_are_equal(on, one.tree, two.tree) for one, two in pairs)


def _follows(pattern: Pattern, on: Ground, leaves: Leaves) -> bool:
    """Whether an answer is what the pattern says, proved where it is exact."""
    wanted = _wanted(pattern, on, leaves)
    if wanted is None or wanted.frame != leaves.frame or not look_equal(leaves, wanted):
        return False
    pairs = zip(leaves.leaves, wanted.leaves, strict=True)
    return all(bool(mine.slack) or _are_equal(on, mine.tree, theirs.tree) for mine, theirs in pairs)


def _wanted(pattern: Pattern, on: Ground, leaves: Leaves) -> Leaves | None:
    """The answer to which the pattern leads in this variant."""
    if pattern.changed:
        tree = key_with(on.problem, on.part, on.values, pattern.changed)
        return None if tree is None else leaves_of(tree, on.situation.points)
    if len(pattern.entries) != len(leaves.leaves):
        return None
    references = on.situation.references()
    found = []
    for spot, (leaf, tree) in enumerate(zip(leaves.leaves, pattern.entries, strict=True)):
        above = above_in(leaves, spot) if ABOVE in names_in(tree) else None
        given = {**references, ABOVE: above.tree} if above is not None else references
        values = expected(tree, references, leaf, above, on.situation)
        found.append(type(leaf)(substitute(tree, given), values))
    return Leaves(pattern.frame, tuple(found), leaves.columns)


def _are_equal(on: Ground, first: Tree, second: Tree) -> bool:
    """Whether two scalars are equal, or at least not known to differ."""
    try:
        return decide(first, second, on.variant.domain, _CHEAP).outcome is Outcome.EQUAL
    except GraderError:
        return False


def tree_to_json(tree: Tree) -> list[Any]:
    """A tree as plain JSON data."""
    return [tree.kind, tree.value, [tree_to_json(arg) for arg in tree.args]]


def tree_from_json(data: list[Any]) -> Tree:
    """The tree that `tree_to_json` wrote."""
    kind, value, args = data
    return Tree(kind, tuple(tree_from_json(arg) for arg in args), value)


def _listed(value: object) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _tupled(value: Any) -> Any:
    return tuple(_tupled(each) for each in value) if isinstance(value, list) else value


def parameters_at(source: str, seed: int) -> tuple[Mapping[str, str], tuple[str, ...]] | None:
    """The parameters that a problem's text draws at a seed, and the ids of its parts; None where that fails."""
    try:
        variant = _variant(source, seed)
    except GraderError:
        return None
    return variant.parameters, tuple(part.id for part in variant.parts)
