"""What a regrade would do to one attempt: pure reckoning with results, rules and a policy, no tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from grader.grading import PartResult, Result
from grader.services.standings import UNDECIDED, Mark, PartStanding, Standing

Reckon = Callable[[Sequence[tuple[datetime, Result]]], Standing]
"""The standing after these results, in the order of their moments, under the rules of the student."""


class RegradePolicy(StrEnum):
    """Whether marks may go down."""

    NEVER_LOWER = "never_lower"
    EXACT = "exact"


class Kept(StrEnum):
    """Why a part keeps its marks although it is judged otherwise now; NOT says that it does not."""

    NOT = ""
    LOWER = "lower"
    MARKED = "marked"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A submission with what the judge said, what is said now, and the parts that a person has marked.

    `overlay` puts the person's marks over a result of the judge. `given_by` names, by part, the decision
    about a cluster that gives points.
    """

    submission_id: int
    created: datetime
    before: Result
    after: Result
    marked: frozenset[str] = frozenset()
    overlay: Callable[[Result], Result] = lambda result: result
    given_by: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One part of one submission that is judged otherwise now, and whether that counts."""

    submission_id: int
    part: str
    before: Mark
    after: Mark
    kept: Kept
    rule: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The line as plain JSON data."""
        return {
            "submission": self.submission_id,
            "part": self.part,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "kept": str(self.kept),
            "rule": self.rule,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Line:
        """The line that `to_json` wrote."""
        before, after = Mark.from_json(data["before"]), Mark.from_json(data["after"])
        return Line(data["submission"], data["part"], before, after, Kept(data["kept"]), data["rule"])


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of an attempt: the results to record by submission, the lines, the standings."""

    results: Mapping[int, Result]
    lines: tuple[Line, ...]
    before: Standing
    after: Standing


def plan(judgements: Sequence[Judgement], policy: RegradePolicy, reckon: Reckon) -> Plan:
    """What the regrade does to an attempt under the policy.

    Under "never lower" a part takes a new result only where that has more points, and only if the attempt's
    own marks for the part do not go down by it, be it by a try that counts now.
    """
    before = reckon([(each.created, each.overlay(each.before)) for each in judgements])
    wanted = {(each.submission_id, part) for each in judgements for part in _wanted(each, policy)}
    after = _after(judgements, wanted, reckon)
    if policy is RegradePolicy.NEVER_LOWER:
        lowered = _lowered(before, after)
        if lowered:
            wanted = {(submission, part) for submission, part in wanted if part not in lowered}
            after = _after(judgements, wanted, reckon)
    chosen = {each.submission_id: _chosen(each, wanted) for each in judgements}
    results = {each.submission_id: chosen[each.submission_id] for each in judgements if _changes(each, wanted)}
    lines = tuple(line for each in judgements for line in _lines(each, wanted))
    return Plan(results, lines, before, after)


def scaled(before: Result, after: Result) -> Result:
    """A result with the parts and points of the one before: how right an answer is may change, not what it is worth."""
    new = {part.id: part for part in after.parts}
    parts = tuple(_scaled(part, new[part.id]) if part.id in new else part for part in before.parts)
    return replace(Result.of(parts), engine=after.engine)


def _scaled(before: PartResult, after: PartResult) -> PartResult:
    share = after.score / after.max_score if after.max_score else after.score
    return replace(after, score=share * before.max_score, max_score=before.max_score)


def _wanted(each: Judgement, policy: RegradePolicy) -> list[str]:
    """The parts of a submission whose new result the policy would take."""
    return [old.id for old, new in _pairs(each) if _differs(old, new) and _may_take(old, new, policy)]


def _pairs(each: Judgement) -> list[tuple[PartResult, PartResult]]:
    return list(zip(each.before.parts, scaled(each.before, each.after).parts, strict=True))


def _differs(old: PartResult, new: PartResult) -> bool:
    return Mark.of(old) != Mark.of(new)


def _may_take(old: PartResult, new: PartResult, policy: RegradePolicy) -> bool:
    if _is_given_up(old, new):
        return False
    if policy is RegradePolicy.EXACT:
        return True
    return new.score > old.score or (new.score == old.score and Mark.of(new).is_right)


def _is_given_up(old: PartResult, new: PartResult) -> bool:
    """Whether what was decided cannot be decided now, for want of time or memory: that takes no marks away."""
    return new.outcome == UNDECIDED != old.outcome


def _after(judgements: Sequence[Judgement], wanted: set[tuple[int, str]], reckon: Reckon) -> Standing:
    return reckon([(each.created, each.overlay(_chosen(each, wanted))) for each in judgements])


def _chosen(each: Judgement, wanted: set[tuple[int, str]]) -> Result:
    """The judge's result with the new parts that are taken."""
    parts = tuple(new if (each.submission_id, old.id) in wanted else old for old, new in _pairs(each))
    return replace(Result.of(parts), engine=each.after.engine)


def _changes(each: Judgement, wanted: set[tuple[int, str]]) -> bool:
    return any((each.submission_id, part.id) in wanted for part in each.before.parts)


def _lowered(before: Standing, after: Standing) -> frozenset[str]:
    """The parts in which the student would stand worse."""
    stood = {part.id: part for part in before.parts}
    return frozenset(part.id for part in after.parts if part.id in stood and _is_worse(stood[part.id], part))


def _is_worse(before: PartStanding, after: PartStanding) -> bool:
    return after.score < before.score or (before.is_right and not after.is_right)


def _lines(each: Judgement, wanted: set[tuple[int, str]]) -> list[Line]:
    found = []
    for old, new in _pairs(each):
        if not _differs(old, new):
            continue
        kept = _kept(each, old, new, is_taken=(each.submission_id, old.id) in wanted)
        rule = (each.given_by or {}).get(old.id)
        found.append(Line(each.submission_id, old.id, Mark.of(old), Mark.of(new), kept, rule))
    return found


def _kept(each: Judgement, old: PartResult, new: PartResult, *, is_taken: bool) -> Kept:
    if old.id in each.marked:
        return Kept.MARKED
    if is_taken:
        return Kept.NOT
    return Kept.UNDECIDED if _is_given_up(old, new) else Kept.LOWER
