"""Gradings: every result that a submission has been given.

The latest one counts, none is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.submissions import Submission

JUDGED = text("cause = 'judged'")


class Grading(Base):
    """One result of a submission.

    `result` is `grading.Result.to_json()`, with the evidence for each part.
    `marks` repeats (part, score, max score, outcome), which is what tries and penalties are reckoned from.
    `cause` is "judged" for the first one, of which a submission has one for each engine version.
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


def latest(session: Session, submission_ids: Sequence[int]) -> Mapping[int, Grading]:
    """The grading that counts, for each of these submissions that has one."""
    newest = (
        select(func.max(Grading.id)).where(Grading.submission_id.in_(submission_ids)).group_by(Grading.submission_id)
    )
    return {row.submission_id: row for row in session.scalars(select(Grading).where(Grading.id.in_(newest)))}


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
