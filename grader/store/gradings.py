"""Gradings: every result that a submission has been given.

The latest one counts, none is ever changed. Where people have marked parts of a submission, each grading
of the judge is followed by one with the person as its author, in which their marks stand over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Index, Select, bindparam, exists, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference, table_of
from grader.store.submissions import Submission
from grader.store.users import User

JUDGED = text("cause = 'judged'")


class Grading(Base):
    """One result of a submission.

    `result` is `grading.Result.to_json()`, with the evidence for each part.
    `marks` repeats (part, score, max score, outcome), which is what tries and penalties are reckoned from.
    `cause` is "judged" for the first one, of which a submission has one for each engine version;
    `author_id` is the person who gave the marks, None where the judge did.
    """

    __tablename__ = "gradings"
    __table_args__ = (
        Index(
            "uq_gradings_judged",
            "submission_id",
            "engine",
            unique=True,
            sqlite_where=JUDGED,
            postgresql_where=JUDGED,
        ),
    )

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(reference("submissions"), index=True)
    cause: Mapped[str]
    result: Mapped[dict[str, Any]]
    marks: Mapped[list[Any]]
    score: Mapped[Fraction]
    max_score: Mapped[Fraction]
    engine: Mapped[str]
    created: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(reference("users"))
    note: Mapped[str | None]


_LATER = aliased(Grading)
COUNTS = ~exists().where(_LATER.submission_id == Grading.submission_id, _LATER.id > Grading.id)
"""That a grading is the one that counts, for queries over many: PostgreSQL knows how many rows this leaves."""

_ADD = insert(table_of(Grading))


def add(session: Session, values: Mapping[str, Any]) -> None:
    """Keep a result; the values of all columns but the id and the note."""
    session.execute(_ADD, {**values, "note": None})


def latest(session: Session, submission_ids: Sequence[int]) -> Mapping[int, Grading]:
    """The grading that counts, for each of these submissions that has one."""
    newest = (
        select(func.max(Grading.id)).where(Grading.submission_id.in_(submission_ids)).group_by(Grading.submission_id)
    )
    return {row.submission_id: row for row in session.scalars(select(Grading).where(Grading.id.in_(newest)))}


_OTHER = aliased(Grading)
_NEWEST = select(func.max(_OTHER.id)).where(_OTHER.submission_id == Submission.id).scalar_subquery()
_WITH_LATEST = (
    select(Submission, Grading, Assignment)
    .join(Attempt, Attempt.id == Submission.attempt_id)
    .join(Attempt.assignment_problem)
    .join(AssignmentProblem.assignment)
    .outerjoin(Grading, Grading.id == _NEWEST)
    .where(Submission.id == bindparam("submission_id"))
    .execution_options(populate_existing=True)
)


def with_latest(session: Session, submission_id: int) -> tuple[Submission, Grading | None, Assignment]:
    """A submission, the grading that counts if it has one, and the assignment that it belongs to."""
    submission, grading, assignment = session.execute(_WITH_LATEST, {"submission_id": submission_id}).one()
    return submission, grading, assignment


def latest_judged(session: Session, submission_id: int) -> Grading | None:
    """The newest grading of the submission that is the judge's own and no person's."""
    return session.scalar(
        select(Grading)
        .where(Grading.submission_id == submission_id, Grading.author_id.is_(None))
        .order_by(Grading.id.desc())
        .limit(1)
    )


def all_of(session: Session, submission_id: int) -> Sequence[tuple[str, str, Fraction, Fraction, str, datetime]]:
    """Every grading of a submission, the first one first.

    Its cause, its author's name ("" for the judge), score, greatest score, engine, moment.
    """
    rows = session.execute(
        select(
            Grading.cause,
            func.coalesce(User.name, ""),
            Grading.score,
            Grading.max_score,
            Grading.engine,
            Grading.created,
        )
        .outerjoin(User, User.id == Grading.author_id)
        .where(Grading.submission_id == submission_id)
        .order_by(Grading.id)
    )
    return rows.all()


def latest_marks(session: Session, attempt_id: int) -> Sequence[tuple[int, bool, list[Any]]]:
    """For each judged submission of an attempt, in order: its id, whether it counted, its marks."""
    newest = (
        select(func.max(Grading.id))
        .join(Submission, Submission.id == Grading.submission_id)
        .where(Submission.attempt_id == attempt_id)
        .group_by(Grading.submission_id)
    )
    rows = session.execute(
        select(Submission.id, Submission.counted, Grading.marks)
        .join(Grading, Grading.submission_id == Submission.id)
        .where(Grading.id.in_(newest))
        .order_by(Submission.number)
    )
    return rows.all()


class Judged(NamedTuple):
    """One judged submission: what the grading that counts gave, and when it came in."""

    attempt_id: int
    submission_id: int
    counted: bool
    marks: list[Any]
    created: datetime


_sent, _given = table_of(Submission), table_of(Grading)


def _judged(is_theirs: ColumnElement[bool]) -> Select[int, int, bool, list[Any], datetime]:
    """A query for the judged submissions of some attempts, in order."""
    newest = (
        select(func.max(_given.c.id))
        .join(_sent, _sent.c.id == _given.c.submission_id)
        .where(is_theirs)
        .group_by(_given.c.submission_id)
    )
    return (
        select(_sent.c.attempt_id, _sent.c.id, _sent.c.counted, _given.c.marks, _sent.c.created)
        .join(_given, _given.c.submission_id == _sent.c.id)
        .where(_given.c.id.in_(newest))
        .order_by(_sent.c.attempt_id, _sent.c.number)
    )


_OF_ONE = _judged(_sent.c.attempt_id == bindparam("attempt_id"))


def judged(session: Session, attempt_ids: Select[int] | Sequence[int]) -> Mapping[int, list[Judged]]:
    """The judged submissions of these attempts, by attempt, in order."""
    found: dict[int, list[Judged]] = {}
    for row in session.execute(_judged(_sent.c.attempt_id.in_(attempt_ids))):
        found.setdefault(row.attempt_id, []).append(Judged(*row))
    return found


def judged_of(session: Session, attempt_id: int) -> Sequence[Judged]:
    """The judged submissions of one attempt, in order."""
    return [Judged(*row) for row in session.execute(_OF_ONE, {"attempt_id": attempt_id})]
