"""A teacher's look at a problem through a student's eyes: stored apart, counted nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest, NotFound
from grader.services.access import Actor, Clock, enter_assignment
from grader.services.attempts import AttemptView, attempt
from grader.store import assignments, attempts
from grader.store.assignments import AssignmentProblem
from grader.store.attempts import Start
from grader.store.database import writing

LAST_SEED = 999_999


def open_preview(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, problem_id: str, seed: int
) -> AttemptView:
    """A fresh preview of a problem at a seed (teachers); an earlier one is closed.

    What it shows is what a student with this variant would be shown, and all rules hold but the dates.
    """
    if not 0 <= seed <= LAST_SEED:
        raise InvalidRequest(f"A seed is a whole number from 0 to {LAST_SEED}.", "seed")
    now = clock()
    with writing(session):
        assignments.lock(session, assignment_id)
        row, membership = enter_assignment(session, actor, assignment_id, "attempts:write")
        membership.require_teacher()
        found = [one for one in assignments.problems_of(session, [row.id]) if one.problem.key == problem_id]
        if not found:
            raise NotFound("There is no such problem in this assignment.", "problem_id")
        _close_present(session, now, assignment_id, actor.user_id, found[0])
        number = attempts.last_number(session, found[0].id, actor.user_id) + 1
        attempts.add(session, now, actor.user_id, [Start(found[0], number, seed)], preview=True)
        opened = next(
            one.id
            for one in attempts.present(session, assignment_id, actor.user_id)
            if one.assignment_problem_id == found[0].id
        )
    return attempt(session, clock, actor, opened)


def _close_present(
    session: Session, now: datetime, assignment_id: int, teacher_id: int, chosen: AssignmentProblem
) -> None:
    """Close the teacher's present attempt at the problem, if there is one."""
    for one in attempts.present(session, assignment_id, teacher_id):
        if one.assignment_problem_id == chosen.id:
            one.state, one.closed = "closed", now
    session.flush()
