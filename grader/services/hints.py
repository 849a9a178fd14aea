"""Opening the hints of an attempt one by one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest
from grader.services.access import Actor, Clock, enter_attempt
from grader.store import attempts, hints
from grader.store.database import writing


def opened(session: Session, attempt_id: int) -> int:
    """How many hints the student has opened, for services and pages that have checked who asks."""
    return hints.counts(session, [attempt_id]).get(attempt_id, 0)


def open_next(session: Session, clock: Clock, actor: Actor, attempt_id: int, shown: int, there_are: int) -> int:
    """Open the hint after the `shown` ones of `there_are`: how many are open now.

    Sent twice from the same page it opens one only.
    """
    with writing(session):
        attempts.lock(session, attempt_id)
        row, _ = enter_attempt(session, actor, attempt_id, "attempts:write")
        if row.student_id != actor.user_id:
            raise Forbidden("Only the student whose problem this is can open its hints.")
        if row.assignment_problem.assignment.exam:
            raise Forbidden("An exam gives no hints.")
        before = opened(session, attempt_id)
        if not 0 <= shown <= before:
            raise InvalidRequest("The hints are opened in their order.", "shown")
        if shown < before or before >= there_are:
            return before
        hints.add(session, clock(), attempt_id, before + 1)
        return before + 1
