"""Recording a result: the grading, the attempt's marks, and what the result asks to be looked at."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from grader import queue
from grader.bank.variant import points_to_json
from grader.checking.verdict import Agreement, Contradiction, Evidence, Outcome, OutOfBudget, PersonReads
from grader.grading import PartResult, Result
from grader.services import webhooks
from grader.services.restanding import restand
from grader.services.standings import MARKED, Mark
from grader.store import consequences, contradictions, gradings, manual_marks, quarantine, statements, waiting
from grader.store.consequences import Consequences
from grader.store.gradings import latest_judged
from grader.store.manual_marks import ManualMark
from grader.store.quarantine import HELD_FROM, Fault
from grader.store.submissions import Work

LOG = logging.getLogger(__name__)

PROVE = "prove"
"""The kind of job that looks for better evidence; `services.proofs` does it."""
STRIKES: Mapping[str, int] = {"time": 1, "memory": 1, "process": HELD_FROM}
"""What a response has on its account for going past each limit."""


class Recorded(NamedTuple):
    """The result that counts of a submission, also as it is kept, and whether it used up a try."""

    result: Result
    kept: Mapping[str, Any]
    counted: bool


def record(
    session: Session,
    now: datetime,
    submission_id: int,
    attempt_id: int,
    cause: str,
    result: Result,
    about: Consequences | None = None,
) -> Recorded:
    """Add a grading of the judge's, and bring the attempt in line; the caller holds its lock.

    Where people have marked parts of the submission, their marks count over it: it is kept, and one more
    grading that holds both counts from now on. `about` is what the caller has read since it holds the lock.
    """
    about = about or consequences.of_result(session, submission_id, attempt_id)
    kept = _add(session, now, submission_id, cause, result, None)
    marks = manual_marks.present(session, [submission_id]) if about.has_marks else ()
    counts = overlaid(result, marks) if marks else result
    if marks:
        kept = _add(session, now, submission_id, MARKED, counts, marks[-1].author_id)
    counted = _settle(session, now, submission_id, about, counts)
    _tell(session, now, submission_id, about, MARKED if marks else cause, counts)
    return Recorded(counts, kept, counted)


def remark(session: Session, now: datetime, submission_id: int, attempt_id: int, cause: str, author_id: int) -> None:
    """Add a grading after people's marks have changed; the caller holds the attempt's lock.

    Where no mark is left it is the judge's own again, and may be looked at again by the judge.
    """
    judged = latest_judged(session, submission_id)
    if judged is None:
        return
    marks = manual_marks.present(session, [submission_id])
    result = overlaid(Result.from_json(judged.result), marks)
    _add(session, now, submission_id, cause, result, author_id if marks else None)
    about = consequences.of_result(session, submission_id, attempt_id)
    _settle(session, now, submission_id, about, result)
    _tell(session, now, submission_id, about, cause, result)


def overlaid(result: Result, marks: Iterable[ManualMark]) -> Result:
    """The judge's result with what people have given for parts of it; points stay the same share of the part's."""
    given = {mark.part: mark for mark in marks}
    parts = tuple(_marked(part, given[part.id]) if part.id in given else part for part in result.parts)
    return replace(Result.of(parts), engine=result.engine)


def follow_up(session: Session, now: datetime, submission_id: int, work: Work, result: Result) -> None:
    """Note what the judge could not cope with, and ask for better evidence where there may be some."""
    note_faults(session, now, submission_id, work, result)
    for part in result.parts:
        for evidence in _all_evidence(part):
            if isinstance(evidence, Contradiction):
                mark_contradiction(session, now, submission_id, part.id, evidence, result.engine)
    if any(may_be_proved(part) for part in result.parts):
        queue.put(session, now, PROVE, {"submission": submission_id}, key=str(submission_id))


def note_faults(session: Session, now: datetime, submission_id: int, work: Work, result: Result) -> None:
    """Count against a response that it stopped the process which judged it."""
    for part in result.parts:
        evidence = part.evidence
        if isinstance(evidence, OutOfBudget) and evidence.limit in STRIKES:
            fault = Fault(part.id, work.responses[part.id], STRIKES[evidence.limit], evidence.reason)
            quarantine.strike(session, now, submission_id, (work.problem_version_id, work.seed), fault)


def mark_contradiction(
    session: Session, now: datetime, submission_id: int, part: str, evidence: Contradiction, engine: str
) -> None:
    """Mark the part for a person, and say so loudly, without a word of what the student typed."""
    claims = (evidence.first, evidence.second)
    if contradictions.add(session, now, submission_id, part, claims, engine):
        _wait(session, submission_id, {part: waiting.CONTRADICTION})
        about = {"submission": submission_id, "part": part, "engine": engine}
        LOG.error("contradiction %s", json.dumps(about))


def may_be_proved(part: PartResult) -> bool:
    """Whether judging the part again with more time may give better evidence."""
    found = list(_all_evidence(part))
    if any(isinstance(each, Contradiction | PersonReads) for each in found):
        return False
    return part.outcome == Outcome.UNDECIDED or any(isinstance(each, Agreement) for each in found)


def _all_evidence(part: PartResult) -> Iterator[Evidence]:
    if part.evidence is not None:
        yield part.evidence
    yield from (entry.evidence for entry in part.entries if entry.evidence is not None)


def _add(
    session: Session, now: datetime, submission_id: int, cause: str, result: Result, author_id: int | None
) -> Mapping[str, Any]:
    """Keep a result; as it is kept."""
    kept = result.to_json()
    values = {
        "submission_id": submission_id,
        "cause": cause,
        "result": kept,
        "marks": [Mark.of(part).to_json() for part in result.parts],
        "score": result.score,
        "max_score": result.max_score,
        "engine": result.engine,
        "created": now,
        "author_id": author_id,
    }
    gradings.add(session, values)
    return kept


def _marked(part: PartResult, mark: ManualMark) -> PartResult:
    """The part as a person has marked it; a mark without points only adds its comment."""
    comment = (mark.comment,) if mark.comment else ()
    if mark.points is None:
        return replace(part, feedback=(*part.feedback, *comment))
    score = part.max_score * mark.points / mark.max_points if mark.max_points else mark.points
    return replace(part, score=score, outcome=MARKED, evidence=None, feedback=comment, mistake=None, entries=())


def _settle(session: Session, now: datetime, submission_id: int, about: Consequences, result: Result) -> bool:
    """What waits for a person from now on, and where the attempt stands; whether the submission used up a try."""
    left_open = {part.id: _kind(part) for part in result.parts if part.outcome == Outcome.UNDECIDED}
    if about.has_waiting:
        waiting.settle(session, submission_id, left_open, [part.id for part in result.parts if part.outcome == MARKED])
    if left_open:
        _wait(session, submission_id, left_open)
    standing, counted = restand(session, now, about)
    if about.has_waiting or left_open:
        right = [part.id for part in standing.parts if part.is_right]
        waiting.drop_in_attempt(session, about.attempt_id, right)
    return counted[submission_id]


def _tell(session: Session, now: datetime, submission_id: int, about: Consequences, cause: str, result: Result) -> None:
    """Tell the learning record store, and the webhooks that listen."""
    if about.has_store:
        statements.ask(session, now, submission_id, cause, result.score, result.max_score)
    if about.preview or not about.has_webhooks:
        return
    course_id = about.course_id
    payload = {
        "course_id": course_id,
        "assignment_id": about.assignment_id,
        "problem_id": about.problem_id,
        "student_id": about.student_id,
        "attempt_id": about.attempt_id,
        "submission_id": submission_id,
        "score": points_to_json(result.score),
        "max_score": points_to_json(result.max_score),
        "cause": cause,
    }
    webhooks.tell(session, now, course_id, webhooks.GRADED, payload)


def _wait(session: Session, submission_id: int, kinds: Mapping[str, str]) -> None:
    """These parts of the submission wait for a person, if it is a student's."""
    place = waiting.place_of(session, submission_id)
    if place.preview:
        return
    for part, kind in kinds.items():
        response = place.responses.get(part, "").strip()
        waiting.add(session, submission_id, place, part, kind, quarantine.hash_of(response))


def _kind(part: PartResult) -> str:
    """Why the part waits."""
    match part.evidence:
        case PersonReads():
            return waiting.WRITTEN
        case Contradiction():
            return waiting.CONTRADICTION
        case OutOfBudget(limit="quarantine"):
            return waiting.QUARANTINE
    return waiting.UNDECIDED
