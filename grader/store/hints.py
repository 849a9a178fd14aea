"""Hints that students have opened, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, reference
from grader.store.database import insert


class OpenedHint(Base):
    """One hint of an attempt, counted from 1, and when the student opened it."""

    __tablename__ = "opened_hints"

    attempt_id: Mapped[int] = mapped_column(reference("attempts"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    opened: Mapped[datetime]


def add(session: Session, now: datetime, attempt_id: int, number: int) -> None:
    """Note that this hint was opened; a second time changes nothing."""
    values = {"attempt_id": attempt_id, "number": number, "opened": now}
    session.execute(insert(session, OpenedHint).values(values).on_conflict_do_nothing())


def counts(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, int]:
    """How many hints were opened in each of these attempts; those without any are left out."""
    rows = session.execute(
        select(OpenedHint.attempt_id, func.count())
        .where(OpenedHint.attempt_id.in_(attempt_ids))
        .group_by(OpenedHint.attempt_id)
    )
    return dict(rows.all())
