"""Manual marks: what people have given for parts of submissions; rows are added and ended, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Index, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.users import User

PRESENT = text("ended IS NULL")


class ManualMark(Base):
    """The points (None: only a comment) that a person gave for a part of a submission, and why.

    One that is not `ended` counts over whatever the judge says, also when the part is judged anew.
    `max_points` is what the part was worth then; `criteria` are the places of the rubric's criteria that are met.
    The student sees `comment`, teachers see `reason` too.
    """

    __tablename__ = "manual_marks"
    __table_args__ = (
        Index(
            "uq_manual_marks_present",
            "submission_id",
            "part",
            unique=True,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
    )

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(reference("submissions"), index=True)
    part: Mapped[str]
    points: Mapped[Fraction | None]
    max_points: Mapped[Fraction]
    comment: Mapped[str]
    criteria: Mapped[list[Any]]
    reason: Mapped[str]
    author_id: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]
    ended: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(reference("users"))


def present(session: Session, submission_ids: Sequence[int]) -> Sequence[ManualMark]:
    """The marks that count for these submissions."""
    query = select(ManualMark).where(ManualMark.submission_id.in_(submission_ids), ManualMark.ended.is_(None))
    return session.scalars(query.order_by(ManualMark.id)).all()


def of_submission(session: Session, submission_id: int) -> Sequence[tuple[ManualMark, str]]:
    """All marks of a submission, ended ones too, with the names of their authors, the first one first."""
    query = select(ManualMark, User.name).join(User, User.id == ManualMark.author_id)
    return session.execute(query.where(ManualMark.submission_id == submission_id).order_by(ManualMark.id)).all()


def end(session: Session, now: datetime, submission_id: int, part: str, by: int) -> bool:
    """End the mark that counts for a part; False where there is none."""
    ended = session.scalar(
        update(ManualMark)
        .where(ManualMark.submission_id == submission_id, ManualMark.part == part, ManualMark.ended.is_(None))
        .values(ended=now, ended_by=by)
        .returning(ManualMark.id)
    )
    return ended is not None
