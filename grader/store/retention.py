"""Who has done nothing in a course for so long that what is kept of them there is due to go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt, Draft
from grader.store.courses import Course
from grader.store.enrolments import Enrolment
from grader.store.extensions import Extension
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiLink
from grader.store.submissions import Submission
from grader.store.users import User

STUDENT = "student"


class Due(NamedTuple):
    """A student of a course whose time is over."""

    course_id: int
    person_id: int


def due(session: Session, now: datetime) -> Sequence[Due]:
    """All of them, in order; nobody who is staff, or teaches anywhere."""
    limited = select(Course.id, Course.retention_days).where(Course.retention_days.is_not(None)).order_by(Course.id)
    found: list[Due] = []
    for course_id, days in session.execute(limited).all():
        if days is not None:
            before = now - timedelta(days=days)
            found += [Due(course_id, person_id) for person_id in _idle(session, course_id, before)]
    return found


def is_due(session: Session, now: datetime, one: Due) -> bool:
    """Whether this student's time is over still."""
    days = session.scalar(select(Course.retention_days).where(Course.id == one.course_id))
    return days is not None and bool(_idle(session, one.course_id, now - timedelta(days=days), one.person_id))


def _idle(session: Session, course_id: int, before: datetime, person_id: int | None = None) -> Sequence[int]:
    """The students of a course (or the one) who came in before this moment and have done nothing since."""
    teaching = select(Enrolment.user_id).where(Enrolment.role != STUDENT)
    begun = (
        select(Attempt.student_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .outerjoin(Submission, Submission.attempt_id == Attempt.id)
        .outerjoin(Draft, Draft.attempt_id == Attempt.id)
        .where(Assignment.course_id == course_id)
        .where(or_(Attempt.created >= before, Submission.created >= before, Draft.updated >= before))
    )
    query = (
        select(User.id)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id, Enrolment.created < before, User.closed.is_(None))
        .where(User.is_staff.is_(False))
    )
    if person_id is not None:
        query, begun = query.where(User.id == person_id), begun.where(Attempt.student_id == person_id)
        teaching = teaching.where(Enrolment.user_id == person_id)
    query = query.where(User.id.not_in(teaching), User.id.not_in(begun))
    return session.scalars(query.order_by(User.id)).all()


def leave(session: Session, course_id: int, person_id: int) -> None:
    """Delete that a person was in a course, with their own dates and the grades that wait to be sent from there."""
    mine = select(Assignment.id).where(Assignment.course_id == course_id)
    links = select(LtiLink.id).where(LtiLink.assignment_id.in_(mine))
    session.execute(delete(Extension).where(Extension.student_id == person_id, Extension.assignment_id.in_(mine)))
    session.execute(delete(LtiGrade).where(LtiGrade.student_id == person_id, LtiGrade.link_id.in_(links)))
    session.execute(delete(Enrolment).where(Enrolment.user_id == person_id, Enrolment.course_id == course_id))


def hand_over(session: Session, attempt_ids: Sequence[int], to_person_id: int) -> None:
    """Give these attempts with their submissions to another person."""
    session.execute(update(Attempt).where(Attempt.id.in_(attempt_ids)).values(student_id=to_person_id))
    session.execute(update(Submission).where(Submission.attempt_id.in_(attempt_ids)).values(submitted_by=to_person_id))
    session.expire_all()
