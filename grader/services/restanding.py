"""Where attempts stand under the rules that hold for their students: the one place where lateness becomes marks.

Rules that change are committed first; then the attempts are brought in line, some at a time. Whoever writes where an
attempt stands holds its lock and reads the rules after that, so whoever is last has seen the rules that are in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from grader import queue
from grader.services.access import Clock
from grader.services.policies import Policy, policy_of
from grader.services.standings import Mark, PartStanding, Standing, reckon
from grader.store import attempts, extensions, gradings, jobs, lti_grades, lti_links, submissions
from grader.store.assignments import Assignment
from grader.store.attempts import Attempt, Stand
from grader.store.consequences import Consequences
from grader.store.database import writing
from grader.store.gradings import Judged

RESTAND = "marks"
"""The kind of job that brings attempts at an assignment in line with its rules."""
BATCH = 200
"""So many attempts are locked at a time: answers to them wait meanwhile, and on SQLite all that is written."""


def standing_of(rules: Policy, judged: Sequence[Judged]) -> Standing:
    """Where an attempt stands after these submissions, under the rules that hold for its student."""
    marks = [[Mark.from_json(mark) for mark in one.marks] for one in judged]
    shares = [rules.share(one.created) for one in judged]
    return reckon(marks, rules.penalty, shares, every_counts=rules.exam)


def restand(session: Session, now: datetime, about: Consequences) -> tuple[Standing, Mapping[int, bool]]:
    """Bring the attempt's tries and marks in line with the latest gradings; the caller holds its lock.

    Where it stands, and whether its judged submissions used up a try, by their ids.
    """
    if about.has_links:
        lti_grades.ask(session, now, about.assignment_id, about.student_id)
    judged = gradings.judged_of(session, about.attempt_id)
    standing = standing_of(policy_of(about.rules, about.own), judged)
    new = Stand(
        standing.tries_used, standing.score, standing.max_score, standing.is_solved, _in_columns(standing.parts)
    )
    if new != Stand(about.tries_used, about.score, about.max_score, about.is_solved, about.parts):
        attempts.write_stand(session, about.attempt_id, new)
    submissions.write_counted(session, _newly_counted(judged, standing))
    return standing, {one.submission_id: counts for one, counts in zip(judged, standing.counted, strict=True)}


def restand_student(session: Session, now: datetime, assignment_id: int, student_id: int) -> None:
    """Bring a student's attempts at an assignment in line with the rules, in the transaction that changes these."""
    _restand(session, assignment_id, attempts.locked_at(session, assignment_id, student_id))
    lti_grades.ask_again(session, now, lti_links.ids_to(session, assignment_id), student_id)


def ask(session: Session, now: datetime, assignment_id: int) -> None:
    """Have all attempts at an assignment brought in line, in the transaction that changes its rules."""
    _ask(session, now, assignment_id, 0, due=now)  # no worker is told: who asks takes the first step


def begin(session: Session, clock: Clock, assignment_id: int) -> None:
    """Take the first step of what was asked for at once, so that few attempts are in line when the request ends.

    It is taken like any job: where a worker has it already, that one does it, and where this one is lost, it is
    done once more.
    """
    job = queue.take_keyed(session, clock(), RESTAND, _key(assignment_id, 0))
    if job is not None:
        take_step(session, clock, assignment_id, 0)
        queue.finish(session, clock(), job)


def take_step(session: Session, clock: Clock, assignment_id: int, after: int) -> None:
    """Bring the next attempts in line, those after this id; as good twice as once.

    The step after it is asked for in the same transaction, and learning platforms are told after the last.
    """
    now = clock()
    with writing(session):
        rows = attempts.next_locked_at(session, assignment_id, after, BATCH)
        _restand(session, assignment_id, rows)
        if len(rows) == BATCH:
            _ask(session, now, assignment_id, rows[-1].id)
            return
    with writing(session):  # no attempt is locked here: who marks several goes from attempt to grade as well
        lti_grades.ask_again(session, now, lti_links.ids_to(session, assignment_id))


def is_under_way(session: Session, assignment_id: int) -> bool:
    """Whether attempts at an assignment are still to be brought in line."""
    return jobs.is_any_waiting(session, RESTAND, _key(assignment_id, ""))


def handler(clock: Clock) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `RESTAND`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        take_step(session, clock, int(payload["assignment"]), int(payload["after"]))

    return do


def _ask(session: Session, now: datetime, assignment_id: int, after: int, due: datetime | None = None) -> None:
    payload = {"assignment": assignment_id, "after": after}
    queue.put(session, now, RESTAND, payload, key=_key(assignment_id, after), due=due)


def _key(assignment_id: int, after: int | str) -> str:
    """Steps from the same place are one job, which is done once more where it is asked for meanwhile."""
    return f"{assignment_id} {after}"


def _restand(session: Session, assignment_id: int, rows: Sequence[Attempt]) -> None:
    """Bring attempts at an assignment in line, whose locks the caller holds."""
    assignment = session.get_one(Assignment, assignment_id, populate_existing=True)
    own = extensions.of_assignments(session, [assignment_id], [row.student_id for row in rows])
    judged = gradings.judged(session, [row.id for row in rows])
    changed: dict[int, bool] = {}
    for attempt in rows:
        if found := judged.get(attempt.id):
            rules = policy_of(assignment, own.get((assignment_id, attempt.student_id)))
            changed |= _stand(attempt, found, rules)
    submissions.write_counted(session, changed)


def _stand(attempt: Attempt, judged: Sequence[Judged], rules: Policy) -> Mapping[int, bool]:
    """Write into the attempt where it stands; what is to be written into its submissions, whether each counted."""
    standing = standing_of(rules, judged)
    attempt.parts = _in_columns(standing.parts)
    attempt.tries_used = standing.tries_used
    attempt.score = standing.score
    attempt.max_score = standing.max_score
    attempt.is_solved = standing.is_solved
    return _newly_counted(judged, standing)


def _in_columns(parts: Sequence[PartStanding]) -> list[Any]:
    return [part.to_json() for part in parts]


def _newly_counted(judged: Sequence[Judged], standing: Standing) -> Mapping[int, bool]:
    """Those of the submissions of which is written otherwise whether they counted."""
    pairs = zip(judged, standing.counted, strict=True)
    return {one.submission_id: counts for one, counts in pairs if counts != one.counted}
