"""What must be known of an attempt before it takes a submission, read by one statement."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt, Draft
from grader.store.courses import Course
from grader.store.enrolments import Enrolment
from grader.store.extensions import Extension
from grader.store.problems import ProblemVersion
from grader.store.submissions import Submission
from grader.store.variants import Variant


class Intake(NamedTuple):
    """An attempt with its assignment, and who comes with something for it.

    `parts` are those of the problem, None where they were not known when it was stored. `role` is that of whoever
    comes, None for one who is not in the course. `extension` is the student's. `sent` submissions there are
    already, `waiting` of them are not judged yet.
    """

    attempt: Attempt
    parts: list[Any] | None
    course_title: str
    role: str | None
    extension: Extension | None
    has_draft: bool
    sent: int
    waiting: int


_SENT = select(func.count()).where(Submission.attempt_id == Attempt.id).correlate(Attempt)
_INTAKE = (
    select(
        Attempt,
        ProblemVersion.parts,
        Course.title,
        Enrolment.role,
        Extension,
        Draft.attempt_id.is_not(None),
        _SENT.scalar_subquery(),
        _SENT.where(Submission.state == "stored").scalar_subquery(),
    )
    .join(Attempt.assignment_problem)
    .join(AssignmentProblem.assignment)
    .join(Assignment.course)
    .join(Attempt.variant)
    .join(Variant.problem_version)
    .outerjoin(
        Enrolment,
        and_(
            Enrolment.course_id == Assignment.course_id,
            Enrolment.user_id == bindparam("user_id"),
            Enrolment.ended.is_(None),
        ),
    )
    .outerjoin(Extension, and_(Extension.assignment_id == Assignment.id, Extension.student_id == Attempt.student_id))
    .outerjoin(Draft, Draft.attempt_id == Attempt.id)
    .where(Attempt.id == bindparam("attempt_id"))
    .options(contains_eager(Attempt.assignment_problem).contains_eager(AssignmentProblem.assignment))
    .execution_options(populate_existing=True)
)


def intake(session: Session, attempt_id: int, user_id: int) -> Intake | None:
    """The attempt as it is now, for this person."""
    row = session.execute(_INTAKE, {"attempt_id": attempt_id, "user_id": user_id}).first()
    return None if row is None else Intake(*row)
