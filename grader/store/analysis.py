"""Queries for the analysis of an assignment: the work of its present students, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, Text, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session

from grader.store.assignments import AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.enrolments import Enrolment
from grader.store.gradings import COUNTS, Grading
from grader.store.problems import ProblemVersion
from grader.store.submissions import Submission
from grader.store.variants import Variant


class Work(NamedTuple):
    """One attempt of a student, with the share of its points that it has reached.

    `parts` is the JSON of the standings, which few attempts have alone.
    """

    attempt_id: int
    set_id: int
    student_id: int
    version_id: int
    seed: int
    tries_used: int
    share: float
    is_solved: bool
    parts: str


class Sent(NamedTuple):
    """Judged submissions to an attempt that was `begun` then which got the same: how many, and when the first came.

    `result` is the JSON of the grading that counts, None where it names no mistake.
    """

    attempt_id: int
    begun: datetime
    first: datetime
    marks: str
    result: str | None
    submissions: int


def _of_students(course_id: int, assignment_id: int, set_id: int | None) -> Select[int]:
    """The ids of the attempts that count: no previews, and only of people who are students of the course now."""
    query = (
        select(Attempt.id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Enrolment, and_(Enrolment.user_id == Attempt.student_id, Enrolment.course_id == course_id))
        .where(
            AssignmentProblem.assignment_id == assignment_id,
            Enrolment.role == "student",
            Enrolment.ended.is_(None),
            Attempt.preview.is_(False),
        )
    )
    return query if set_id is None else query.where(AssignmentProblem.id == set_id)


def students(session: Session, course_id: int) -> int:
    """How many students the course has now."""
    query = select(func.count()).where(
        Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.ended.is_(None)
    )
    return session.scalar(query) or 0


def work(session: Session, course_id: int, assignment_id: int) -> Sequence[Work]:
    """The attempts at an assignment that count, by number."""
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.assignment_problem_id,
            Attempt.student_id,
            Variant.problem_version_id,
            Variant.seed,
            Attempt.tries_used,
            type_coerce(Attempt.score, Text()),
            type_coerce(Attempt.max_score, Text()),
            Attempt.is_solved,
            type_coerce(Attempt.parts, Text()),
        )
        .join(Variant, Variant.id == Attempt.variant_id)
        .where(Attempt.id.in_(_of_students(course_id, assignment_id, None)))
        .order_by(Attempt.number, Attempt.id)
    )
    return [
        Work(attempt, set_id, student, version, seed, tries, _share(score, most), is_solved, parts)
        for attempt, set_id, student, version, seed, tries, score, most, is_solved, parts in rows
    ]


@lru_cache(maxsize=8192)
def _share(score: str, most: str) -> float:
    """A score of all that there is; a course holds the same few over and over."""
    return float(Fraction(score) / Fraction(most)) if Fraction(most) else 0.0


def sent(session: Session, course_id: int, assignment_id: int, set_id: int) -> Sequence[Sent]:
    """The judged submissions to a problem of an assignment that count, each attempt's in order."""
    marks, result = type_coerce(Grading.marks, Text()), type_coerce(Grading.result, Text())
    named = case((result.contains('"mistake":"', autoescape=True), result), else_=None).label("named")
    first = func.min(Submission.created).label("first")
    rows = session.execute(
        select(Submission.attempt_id, Attempt.created, first, marks, named, func.count())
        .join(Grading, Grading.submission_id == Submission.id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .where(Submission.attempt_id.in_(_of_students(course_id, assignment_id, set_id)), COUNTS)
        .group_by(Submission.attempt_id, Attempt.created, marks, named)
        .order_by(Submission.attempt_id, first)
    )
    return [Sent(*row) for row in rows]


def source(session: Session, version_id: int) -> str:
    """The text of a version of a problem."""
    return session.scalars(select(ProblemVersion.source).where(ProblemVersion.id == version_id)).one()
