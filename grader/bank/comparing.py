"""Two states of a bank: which problems are new, gone or changed, and what that changes for students."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from grader.bank.findings import MOST_SEEDS_SHOWN
from grader.bank.inspecting import Grade
from grader.bank.problem import Problem
from grader.bank.variant import Variant, VariantPart, points_to_json
from grader.bank.variants import make_variant
from grader.errors import BankErrors

KEY, POINTS, PARTS, VARIANT = "key", "points", "parts", "variant"
REWRITTEN, JUDGING, DRAW, PROMPT, TEXTS = "key-rewritten", "judging", "parameters", "question", "texts"
MEANINGS: Mapping[str, str] = {
    KEY: "the answer is another one",
    POINTS: "the points are others",
    PARTS: "parts came or went",
    VARIANT: "a variant can be made before or after only",
    REWRITTEN: "the answer is written in another way, and is the same",
    JUDGING: "answers are judged in another way",
    DRAW: "other parameters are drawn",
    PROMPT: "the question reads differently",
    TEXTS: "hints, feedback or solutions read differently",
}
"""Kind of change -> what it is, the gravest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change, of one part or of the whole problem, with the seeds on which it shows.

    `before` and `after` are those of the first of these seeds.
    """

    kind: str
    part: str
    seeds: tuple[int, ...]
    before: str = ""
    after: str = ""

    def to_json(self) -> dict[str, Any]:
        """The change for programs."""
        told = {"kind": self.kind, "part": self.part or None, "before": self.before, "after": self.after}
        return {**told, "seeds": list(self.seeds)}


@dataclass(frozen=True, slots=True)
class ProblemDiff:
    """What changed in one problem; none where only comments and layout did."""

    id: str
    changes: tuple[Change, ...]

    @property
    def changes_a_key(self) -> bool:
        """Whether some answer is no longer the same."""
        return any(change.kind == KEY for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """The problem for programs."""
        return {"id": self.id, "changes": [change.to_json() for change in self.changes]}


@dataclass(frozen=True, slots=True)
class BankDiff:
    """The problems of two banks compared over some seeds."""

    seeds: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[ProblemDiff, ...] = field(default=())
    unchanged: int = 0

    @property
    def changes_a_key(self) -> bool:
        """Whether some answer of a problem of both banks is no longer the same."""
        return any(problem.changes_a_key for problem in self.changed)

    def to_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        return {
            "seeds": self.seeds,
            "key_changed": self.changes_a_key,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": [problem.to_json() for problem in self.changed],
            "unchanged": self.unchanged,
        }


def compare(
    old: Mapping[str, Problem],
    new: Mapping[str, Problem],
    seeds: int,
    grade: Grade,
    progress: Callable[[str], None] = lambda _id: None,
) -> BankDiff:
    """The comparison; `progress` hears the id of each problem that was compared."""
    both = [name for name in old if name in new]
    changed = []
    for name in both:
        if old[name].version != new[name].version:
            changed.append(compare_problems(old[name], new[name], seeds, grade))
        progress(name)
    return BankDiff(
        seeds,
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(changed),
        unchanged=len(both) - len(changed),
    )


def compare_problems(old: Problem, new: Problem, seeds: int, grade: Grade) -> ProblemDiff:
    """What the seeds 0, 1, 2, … show of two states of a problem."""
    found: dict[tuple[str, str], Change] = {}
    for seed in range(seeds):
        before, after = _made(old, seed), _made(new, seed)
        for kind, part, was, now in _differences(before, after, grade):
            known = found.get((kind, part))
            if known is None:
                found[kind, part] = Change(kind, part, (seed,), was, now)
            else:
                found[kind, part] = Change(kind, part, (*known.seeds, seed), known.before, known.after)
    order = list(MEANINGS)
    return ProblemDiff(new.id, tuple(sorted(found.values(), key=lambda change: order.index(change.kind))))


Difference = tuple[str, str, str, str]
"""Kind, part, before, after."""


def _made(problem: Problem, seed: int) -> Variant | str:
    """The variant, or why there is none."""
    try:
        return make_variant(problem, seed, verify=False)
    except BankErrors as error:
        return str(error.errors[0].message)


def _differences(before: Variant | str, after: Variant | str, grade: Grade) -> Iterator[Difference]:
    if isinstance(before, str) or isinstance(after, str):
        if isinstance(before, str) != isinstance(after, str):
            was, now = (each if isinstance(each, str) else "is made" for each in (before, after))
            yield VARIANT, "", was, now
        return
    if before.parameters != after.parameters:
        yield DRAW, "", _listed(before.parameters), _listed(after.parameters)
    if before.prompt != after.prompt:
        yield PROMPT, "", before.prompt.strip(), after.prompt.strip()
    if (before.title, before.hints, before.solution) != (after.title, after.hints, after.solution):
        yield TEXTS, "", "", ""
    old, new = {part.id: part for part in before.parts}, {part.id: part for part in after.parts}
    if list(old) != list(new):
        yield PARTS, "", ", ".join(old), ", ".join(new)
    for name in old.keys() & new.keys():
        yield from _part_differences(before, after, old[name], new[name], grade)


def _part_differences(
    before: Variant, after: Variant, was: VariantPart, now: VariantPart, grade: Grade
) -> Iterator[Difference]:
    if was.key != now.key or was.type != now.type:
        is_same = was.type == now.type and _is_right(after, now, was, grade) and _is_right(before, was, now, grade)
        yield REWRITTEN if is_same else KEY, was.id, was.answer_text, now.answer_text
    if was.points != now.points:
        yield POINTS, was.id, str(points_to_json(was.points)), str(points_to_json(now.points))
    if was.ask != now.ask or was.options != now.options:
        yield PROMPT, was.id, was.ask, now.ask
    rules = [(part.type, dict(part.settings), dict(part.variables), dict(part.notation)) for part in (was, now)]
    if rules[0] != rules[1]:
        yield JUDGING, was.id, _rules(was), _rules(now)
    if (was.feedback, was.solution) != (now.feedback, now.solution):
        yield TEXTS, was.id, "", ""


def _is_right(variant: Variant, part: VariantPart, other: VariantPart, grade: Grade) -> bool:
    """Whether the other key, typed as an answer to this part, gets all of its points."""
    if part.points == Fraction(0) or other.key.kind == "empty":
        return False
    graded = {each.id: each for each in grade(variant, {part.id: other.answer_text}).parts}
    return bool(graded[part.id].score == part.points)


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _rules(part: VariantPart) -> str:
    return f"{part.type}; {_listed({**part.settings, **part.notation})}; variables {dict(part.variables)}"


def seeds_words(seeds: tuple[int, ...], of: int) -> str:
    """On which of the seeds something shows, the first few by number."""
    if len(seeds) == of:
        return f"all {of} seeds" if of > 1 else f"seed {seeds[0]}"
    shown = ", ".join(map(str, seeds[:MOST_SEEDS_SHOWN]))
    more = f", … ({len(seeds)} of {of})" if len(seeds) > MOST_SEEDS_SHOWN else ""
    return f"seed{'s' * (len(seeds) > 1)} {shown}{more}"
