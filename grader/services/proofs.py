"""Better evidence, looked for in the background; what a student was told never changes in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from grader.checking.verdict import Agreement, Contradiction, Evidence, Outcome
from grader.grading import UNANSWERED, EntryResult, PartResult, Result
from grader.services import gradings
from grader.services.access import Clock
from grader.services.cluster_effects import with_effects
from grader.services.quarantine import Grade, grade_unheld
from grader.store import attempts, submissions
from grader.store.database import writing
from grader.store.gradings import latest

PROVED = "proved"
"""The cause of a grading that has better evidence than the one before it."""


def prove(session: Session, clock: Clock, grade: Grade, submission_id: int) -> None:
    """Judge again what rests on agreement or is undecided, with `grade` waiting for slow proofs.

    Better evidence becomes a further grading. A result that contradicts the one that counts changes nothing
    and is marked for a person. Doing it twice is as good as once.
    """
    counts = latest(session, [submission_id]).get(submission_id)
    if counts is None or counts.author_id is not None:
        return  # what a person has decided stands
    before = Result.from_json(counts.result)
    wanted = [part.id for part in before.parts if gradings.may_be_proved(part)]
    if not wanted:
        return
    work = submissions.work(session, submission_id)
    again = grade_unheld(session, grade, work, wanted)
    if again.engine != before.engine:
        return  # whether another engine says the same is what a regrade asks
    found = {part.id: compared(part, new) for part, new in zip(before.parts, again.parts, strict=True)}
    gained = tuple(new for new in found.values() if isinstance(new, PartResult))
    better = {part.id: part for part in with_effects(session, work, Result.of(gained)).parts}
    with writing(session):
        now = clock()
        attempts.lock(session, work.attempt_id)
        if latest(session, [submission_id])[submission_id].id != counts.id:
            return  # graded anew meanwhile
        gradings.note_faults(session, now, submission_id, work, again)
        for part, new in found.items():
            if isinstance(new, Contradiction):
                gradings.mark_contradiction(session, now, submission_id, part, new, again.engine)
        parts = tuple(better.get(part.id, part) for part in before.parts)
        if parts != before.parts:
            result = replace(Result.of(parts), engine=before.engine)
            gradings.record(session, now, submission_id, work.attempt_id, PROVED, result)


def handler(clock: Clock, grade: Grade) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `gradings.PROVE`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        prove(session, clock, grade, int(payload["submission"]))

    return do


def compared(before: PartResult, again: PartResult) -> PartResult | Contradiction | None:
    """The later result where its evidence is better; a Contradiction; None where nothing is gained."""
    for evidence in (again.evidence, *(entry.evidence for entry in again.entries)):
        if isinstance(evidence, Contradiction):
            return evidence
    flipped = next(_flipped(before, again), None)
    if flipped is not None:
        return Contradiction(*flipped)
    if again.outcome in {Outcome.UNDECIDED, UNANSWERED}:
        return None
    if before.outcome == Outcome.UNDECIDED:
        return again
    if before.outcome != again.outcome or before.score != again.score:
        return Contradiction(_claim(before), _claim(again))
    return again if _agreements(again) < _agreements(before) else None


def _flipped(before: PartResult, again: PartResult) -> Iterator[tuple[str, str]]:
    """The claims about entries that were decided one way and are decided another way now."""
    told = {entry.index: entry for entry in before.entries}
    for new in again.entries:
        old = told.get(new.index)
        if old is None or Outcome.UNDECIDED in {old.outcome, new.outcome}:
            continue
        if old.outcome != new.outcome:
            yield _claim(old), _claim(new)


def _claim(about: PartResult | EntryResult) -> str:
    return f"{about.outcome}: {about.evidence}"


def _agreements(part: PartResult) -> int:
    """How much of the result rests on agreement."""
    found: list[Evidence | None] = [part.evidence, *(entry.evidence for entry in part.entries)]
    return sum(isinstance(each, Agreement) for each in found)
