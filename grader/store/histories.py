"""What one student has done in a course, as plain rows: each table in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.gradings import Grading
from grader.store.hints import OpenedHint
from grader.store.manual_marks import ManualMark
from grader.store.problems import Problem, ProblemVersion
from grader.store.submissions import Submission
from grader.store.users import User
from grader.store.variants import Variant


class AttemptLine(NamedTuple):
    """One attempt with its problem and variant."""

    id: int
    created: datetime
    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    problem_version: str
    seed: int
    number: int
    tries_used: int
    score: Fraction
    max_score: Fraction


class SubmissionLine(NamedTuple):
    """One submission, word for word."""

    id: int
    attempt_id: int
    number: int
    created: datetime
    state: str
    counted: bool
    responses: dict[str, str]


class GradingLine(NamedTuple):
    """One grading; `author` is "" for the judge's own."""

    id: int
    submission_id: int
    cause: str
    author: str
    created: datetime
    engine: str
    score: Fraction
    max_score: Fraction
    result: dict[str, Any]


class MarkLine(NamedTuple):
    """One mark by a person; `reason` is not the student's to read."""

    id: int
    submission_id: int
    part: str
    points: Fraction | None
    max_points: Fraction
    comment: str
    reason: str
    author: str
    created: datetime
    ended: datetime | None


class Event(NamedTuple):
    """One submission as a line of the student's history; score and author are those of the grading that counts."""

    id: int
    created: datetime
    number: int
    state: str
    counted: bool
    attempt_id: int
    attempt_number: int
    problem_title: str
    assignment_title: str
    score: Fraction | None
    max_score: Fraction | None
    marks: list[Any] | None
    author: str


def attempts_of(session: Session, course_id: int, student_id: int) -> Sequence[AttemptLine]:
    """The student's attempts in the course, the first one first."""
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.created,
            Assignment.id,
            Assignment.title,
            Problem.key,
            ProblemVersion.title,
            ProblemVersion.version,
            Variant.seed,
            Attempt.number,
            Attempt.tries_used,
            Attempt.score,
            Attempt.max_score,
        )
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(ProblemVersion, ProblemVersion.id == Variant.problem_version_id)
        .join(Problem, Problem.id == ProblemVersion.problem_id)
        .where(_of(course_id, student_id))
        .order_by(Attempt.id)
    )
    return [AttemptLine._make(row) for row in rows]


def submissions_of(session: Session, course_id: int, student_id: int) -> Sequence[SubmissionLine]:
    """The student's submissions in the course, the first one first."""
    columns = (getattr(Submission, name) for name in SubmissionLine._fields)
    rows = session.execute(
        select(*columns)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of(course_id, student_id))
        .order_by(Submission.id)
    )
    return [SubmissionLine(*row) for row in rows]


def gradings_of(session: Session, course_id: int, student_id: int) -> Sequence[GradingLine]:
    """All gradings of the student's submissions in the course, the first one first."""
    rows = session.execute(
        select(
            Grading.id,
            Grading.submission_id,
            Grading.cause,
            func.coalesce(User.name, ""),
            Grading.created,
            Grading.engine,
            Grading.score,
            Grading.max_score,
            Grading.result,
        )
        .join(Submission, Submission.id == Grading.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .outerjoin(User, User.id == Grading.author_id)
        .where(_of(course_id, student_id))
        .order_by(Grading.id)
    )
    return [GradingLine(*row) for row in rows]


def marks_of(session: Session, course_id: int, student_id: int) -> Sequence[MarkLine]:
    """All marks by people for the student's submissions in the course, the first one first."""
    rows = session.execute(
        select(
            ManualMark.id,
            ManualMark.submission_id,
            ManualMark.part,
            ManualMark.points,
            ManualMark.max_points,
            ManualMark.comment,
            ManualMark.reason,
            User.name,
            ManualMark.created,
            ManualMark.ended,
        )
        .join(User, User.id == ManualMark.author_id)
        .join(Submission, Submission.id == ManualMark.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of(course_id, student_id))
        .order_by(ManualMark.id)
    )
    return [MarkLine._make(row) for row in rows]


def hints_of(session: Session, course_id: int, student_id: int) -> Sequence[tuple[int, int, datetime]]:
    """The hints that the student has opened in the course: the attempt, which hint, when."""
    rows = session.execute(
        select(OpenedHint.attempt_id, OpenedHint.number, OpenedHint.opened)
        .join(Attempt, Attempt.id == OpenedHint.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of(course_id, student_id))
        .order_by(OpenedHint.opened)
    )
    return [(attempt, number, opened) for attempt, number, opened in rows]


def count_events(session: Session, course_id: int, student_id: int) -> int:
    """How many submissions the student has sent in the course."""
    return session.scalars(
        select(func.count(Submission.id))
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of(course_id, student_id))
    ).one()


def events(session: Session, course_id: int, student_id: int, most: int, skipped: int = 0) -> Sequence[Event]:
    """The student's submissions with the grading that counts, the newest first."""
    newest = (
        select(func.max(Grading.id))
        .where(Grading.submission_id == Submission.id)
        .correlate(Submission)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Submission.id,
            Submission.created,
            Submission.number,
            Submission.state,
            Submission.counted,
            Attempt.id,
            Attempt.number,
            ProblemVersion.title,
            Assignment.title,
            Grading.score,
            Grading.max_score,
            Grading.marks,
            func.coalesce(User.name, ""),
        )
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .outerjoin(Grading, Grading.id == newest)
        .outerjoin(User, User.id == Grading.author_id)
        .where(_of(course_id, student_id))
        .order_by(Submission.created.desc(), Submission.id.desc())
        .limit(most)
        .offset(skipped)
    )
    return [Event._make(row) for row in rows]


def _of(course_id: int, student_id: int) -> ColumnElement[bool]:
    """Of this student in this course; looks of teachers through a student's eyes are nobody's work."""
    return and_(Assignment.course_id == course_id, Attempt.student_id == student_id, Attempt.preview.is_(False))
