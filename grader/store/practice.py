"""What a student has answered, over all assignments, and the pool in which practice by topic is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from grader.store import assignments
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt, Draft
from grader.store.database import insert
from grader.store.enrolments import Enrolment
from grader.store.problems import Problem, ProblemVersion
from grader.store.submissions import Submission
from grader.store.variants import Variant


class Begun(NamedTuple):
    """One attempt of a student with what its problem is about; `sent` and `typed` are the last times of either."""

    id: int
    course_id: int
    assignment_id: int
    is_pool: bool
    problem_key: str
    title: str
    topic: str
    level: str
    number: int
    state: str
    tries_used: int
    is_solved: bool
    parts: list[Any]
    created: datetime
    sent: datetime | None
    typed: datetime | None

    @property
    def touched(self) -> datetime:
        """When the student last did something here."""
        return max(moment for moment in (self.created, self.sent, self.typed) if moment is not None)


def begun(session: Session, student_id: int, course_ids: Sequence[int], most: int) -> Sequence[Begun]:
    """The student's newest attempts in these courses, the newest first, in one statement."""
    sent = select(func.max(Submission.created)).where(Submission.attempt_id == Attempt.id).scalar_subquery()
    rows = session.execute(
        select(
            Attempt.id,
            Assignment.course_id,
            Assignment.id,
            Assignment.is_pool,
            Problem.key,
            ProblemVersion.title,
            ProblemVersion.topic,
            ProblemVersion.level,
            Attempt.number,
            Attempt.state,
            Attempt.tries_used,
            Attempt.is_solved,
            Attempt.parts,
            Attempt.created,
            sent,
            Draft.updated,
        )
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .join(Problem, Problem.id == AssignmentProblem.problem_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(ProblemVersion, ProblemVersion.id == Variant.problem_version_id)
        .outerjoin(Draft, Draft.attempt_id == Attempt.id)
        .where(Attempt.student_id == student_id, Assignment.course_id.in_(course_ids), Attempt.preview.is_(False))
        .order_by(Attempt.id.desc())
        .limit(most)
    )
    return [Begun._make(row) for row in rows]


def lock(session: Session, course_id: int, student_id: int) -> None:
    """Let nobody else give the student a practice problem of the course, or more time, until the transaction ends."""
    query = select(Enrolment.id).where(Enrolment.course_id == course_id, Enrolment.user_id == student_id)
    session.execute(query.with_for_update())


def keep_pool(session: Session, course_id: int, values: Mapping[str, Any]) -> Assignment:
    """The course's pool, made with these values if there is none; another request may do the same meanwhile."""
    statement = insert(session, Assignment).values(course_id=course_id, is_pool=True, **values)
    session.execute(statement.on_conflict_do_nothing())
    found = assignments.pool(session, course_id)
    assert found is not None  # noqa: S101 - it is there now, whoever made it
    return found


def put_in_pool(session: Session, pool_id: int, version: ProblemVersion) -> AssignmentProblem:
    """The problem in the pool, in this version from now on."""
    values = {"problem_version_id": version.id, "points": Fraction(version.max_score)}
    statement = insert(session, AssignmentProblem).values(
        assignment_id=pool_id, problem_id=version.problem_id, position=0, **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["assignment_id", "problem_id"], set_=values))
    query = (
        select(AssignmentProblem)
        .filter_by(assignment_id=pool_id, problem_id=version.problem_id)
        .options(joinedload(AssignmentProblem.problem), joinedload(AssignmentProblem.problem_version))
    )
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def close(session: Session, now: datetime, student_id: int, assignment_problem_id: int) -> int:
    """Close the student's open attempt at a problem, if there is one: the last number that was given, or 0."""
    mine = (Attempt.student_id == student_id, Attempt.assignment_problem_id == assignment_problem_id)
    session.execute(update(Attempt).where(*mine, Attempt.state == "open").values(state="closed", closed=now))
    return session.scalar(select(func.max(Attempt.number)).where(*mine)) or 0


def present(session: Session, student_id: int, assignment_problem_id: int) -> int:
    """The id of the student's open attempt at a problem, which there is."""
    query = select(Attempt.id).filter_by(
        student_id=student_id, assignment_problem_id=assignment_problem_id, state="open"
    )
    return session.scalars(query).one()
