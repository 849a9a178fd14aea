"""Where attempts stand under the rules that hold for their students: the one place where lateness becomes marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.services.policies import Policy, policy_of
from grader.services.standings import Mark, Standing, reckon
from grader.store import attempts, extensions, gradings, lti_grades, lti_links
from grader.store.assignments import Assignment
from grader.store.attempts import Attempt
from grader.store.consequences import Consequences
from grader.store.gradings import Judged
from grader.store.submissions import Submission


def standing_of(rules: Policy, judged: Sequence[Judged]) -> Standing:
    """Where an attempt stands after these submissions, under the rules that hold for its student."""
    marks = [[Mark.from_json(mark) for mark in one.marks] for one in judged]
    shares = [rules.share(one.created) for one in judged]
    return reckon(marks, rules.penalty, shares, every_counts=rules.exam)


def restand(session: Session, now: datetime, about: Consequences) -> Standing:
    """Bring the attempt's tries and marks in line with the latest gradings; the caller holds its lock."""
    attempt, assignment = about.attempt, about.assignment
    if about.has_links:
        lti_grades.ask(session, now, assignment.id, attempt.student_id)
    judged = gradings.judged_of(session, attempt.id)
    return _stand(session, attempt, judged, policy_of(assignment, about.extension))


def restand_all(session: Session, now: datetime, assignment: Assignment, student_id: int | None = None) -> None:
    """Bring all attempts at an assignment (of one student) in line with its rules, after these have changed."""
    rows = attempts.locked_at(session, assignment.id, student_id)
    own = extensions.of_assignments(session, [assignment.id])
    judged = gradings.judged(session, attempts.ids_at(assignment.id, student_id))
    for attempt in rows:
        if found := judged.get(attempt.id):
            _stand(session, attempt, found, policy_of(assignment, own.get((assignment.id, attempt.student_id))))
    lti_grades.ask_again(session, now, lti_links.ids_to(session, assignment.id), student_id)


def _stand(session: Session, attempt: Attempt, judged: Sequence[Judged], rules: Policy) -> Standing:
    """Write into the attempt where it stands, and into each submission what it counted."""
    standing = standing_of(rules, judged)
    attempt.parts = [part.to_json() for part in standing.parts]
    attempt.tries_used = standing.tries_used
    attempt.score = standing.score
    attempt.max_score = standing.max_score
    attempt.is_solved = standing.is_solved
    changed = [
        {"id": one.submission_id, "counted": counts}
        for one, counts in zip(judged, standing.counted, strict=True)
        if counts != one.counted
    ]
    if changed:
        session.execute(update(Submission), changed)
    return standing
