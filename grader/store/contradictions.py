"""Submissions about which two ways of judging contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.database import insert


class Contradicted(Base):
    """One part of a submission with the two claims; the grading that counts stays as it was."""

    __tablename__ = "contradictions"
    __table_args__ = (UniqueConstraint("submission_id", "part"),)

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(reference("submissions"))
    part: Mapped[str]
    first: Mapped[str]
    second: Mapped[str]
    engine: Mapped[str]
    created: Mapped[datetime]


def add(session: Session, now: datetime, submission_id: int, part: str, claims: tuple[str, str], engine: str) -> bool:
    """Mark a part for a person; False where it is marked already."""
    values = {"submission_id": submission_id, "part": part, "engine": engine, "created": now}
    statement = insert(session, Contradicted).values(first=claims[0], second=claims[1], **values)
    added = session.execute(statement.on_conflict_do_nothing().returning(Contradicted.id)).first()
    return added is not None


def of_submission(session: Session, submission_id: int) -> Sequence[Contradicted]:
    """The marked parts of a submission."""
    return session.scalars(select(Contradicted).where(Contradicted.submission_id == submission_id)).all()
