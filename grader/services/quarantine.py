"""Responses that are not judged, because they stopped the process that judged them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from grader import queue
from grader.checking.verdict import OutOfBudget
from grader.errors import Forbidden, NotFound
from grader.grading import Result, undecided
from grader.services.access import Actor, Clock, enter, enter_attempt
from grader.services.gradings import PROVE
from grader.store import quarantine
from grader.store.database import writing
from grader.store.quarantine import Quarantined
from grader.store.submissions import Submission, Work, of_course
from grader.store.users import User

MOST_LISTED = 200
Grade = Callable[[str, int, Mapping[str, str]], Result]
"""(problem source, seed, responses) -> result; in the product `isolation.grade_within` with its limits bound."""


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """One response that is held, for those who teach."""

    id: int
    submission_id: int
    part: str
    response: str
    strikes: int
    reason: str
    last: datetime


def grade_unheld(session: Session, grade: Grade, work: Work, only: Sequence[str] | None = None) -> Result:
    """The result of the responses (of these parts), with those in quarantine undecided and not looked at.

    No transaction is open while judging.
    """
    responses = {part: text for part, text in work.responses.items() if only is None or part in only}
    variant = (work.problem_version_id, work.seed)
    found = quarantine.held(session, *variant, responses) if work.may_be_held else {}
    held = {part: row.reason for part, row in found.items()}
    session.commit()
    result = grade(work.source, work.seed, {part: text for part, text in responses.items() if part not in held})
    if not held:
        return result
    parts = (
        undecided(part.id, part.max_score, OutOfBudget(f"in quarantine, because {held[part.id]}", "quarantine"))
        if part.id in held
        else part
        for part in result.parts
    )
    return replace(Result.of(tuple(parts)), engine=result.engine)


def list_quarantined(session: Session, actor: Actor, course_id: int | None = None) -> tuple[QuarantineView, ...]:
    """What is held in a course that the actor teaches; of all courses for staff."""
    if course_id is not None:
        enter(session, actor, course_id, "results:read").require_teacher()
    else:
        _require_staff(session, actor)
    where = None if course_id is None else of_course(course_id)
    return tuple(_view(row) for row in quarantine.listed(session, where, MOST_LISTED))


def held_in(session: Session, work: Work) -> Mapping[str, QuarantineView]:
    """Those of a submission's responses that are held, by part, for services that have checked who asks."""
    found = quarantine.held(session, work.problem_version_id, work.seed, work.responses)
    return {part: _view(row) for part, row in found.items()}


def retry(session: Session, clock: Clock, actor: Actor, quarantine_id: int) -> None:
    """Take a response out of quarantine and have its last submission judged again by the worker.

    Should it do harm again, it comes back.
    """
    missing = NotFound("There is no such response in quarantine.")
    with writing(session):
        row = session.get(Quarantined, quarantine_id)
        if row is None or row.strikes < quarantine.HELD_FROM:
            raise missing
        if not _is_staff(session, actor):
            submission = session.get_one(Submission, row.submission_id)
            try:
                _, membership = enter_attempt(session, actor, submission.attempt_id, "submissions:write")
            except NotFound:
                raise missing from None
            if not membership.teaches:
                raise missing
        row.strikes = 0
        queue.put(session, clock(), PROVE, {"submission": row.submission_id})


def _is_staff(session: Session, actor: Actor) -> bool:
    person = session.get(User, actor.user_id)
    return actor.scopes is None and person is not None and person.is_staff


def _require_staff(session: Session, actor: Actor) -> None:
    if not _is_staff(session, actor):
        raise Forbidden("Only the staff may see what all courses have in quarantine.")


def _view(row: Quarantined) -> QuarantineView:
    return QuarantineView(row.id, row.submission_id, row.part, row.response, row.strikes, row.reason, row.last)
