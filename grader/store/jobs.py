"""Jobs that wait to be done, when there is no broker and as the truth when there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, delete, exists, func, select, text, update
from sqlalchemy.orm import Mapped, Session

from grader.store.base import Base, Id

WAITING = text("state = 'waiting'")


class Job(Base):
    """One thing to be done.

    `state` is "waiting" or, when it failed too often, "dead" (done ones are removed).
    `due` is when it may be begun; taking it moves `due` on by the lease, so that a lost job comes back.
    `error` says why it failed last, and of one that is being done nothing, or that it was asked for again.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_jobs_waiting", "due", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    key: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    due: Mapped[datetime]
    taken: Mapped[int]
    error: Mapped[str | None]
    created: Mapped[datetime]


def depths(session: Session) -> Mapping[str, int]:
    """How many jobs of each kind wait or are being done."""
    query = select(Job.kind, func.count()).where(Job.state == "waiting").group_by(Job.kind).order_by(Job.kind)
    return dict(session.execute(query).all())


def is_any_waiting(session: Session, kind: str, prefix: str) -> bool:
    """Whether a job of this kind, with a key that begins so, waits or is being done."""
    found = exists().where(Job.state == "waiting", Job.kind == kind, Job.key.startswith(prefix, autoescape=True))
    return bool(session.scalar(select(found)))


def number_dead(session: Session) -> int:
    """How many jobs failed too often."""
    return session.scalar(select(func.count()).where(Job.state == "dead")) or 0


def dead(session: Session, most: int) -> Sequence[Job]:
    """Jobs that failed too often, the newest first."""
    return session.scalars(select(Job).where(Job.state == "dead").order_by(Job.id.desc()).limit(most)).all()


def revive(session: Session, now: datetime, job_id: int) -> bool:
    """Let a dead job begin anew; False where there is none."""
    again = update(Job).where(Job.id == job_id, Job.state == "dead").values(state="waiting", taken=0, due=now)
    return session.scalar(again.returning(Job.id)) is not None


def remove_dead(session: Session, job_id: int) -> bool:
    """Forget a dead job; False where there is none."""
    return session.scalar(delete(Job).where(Job.id == job_id, Job.state == "dead").returning(Job.id)) is not None
