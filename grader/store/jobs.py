"""Jobs that wait to be done, when there is no broker and as the truth when there is one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from grader.store.base import Base, Id

WAITING = text("state = 'waiting'")


class Job(Base):
    """One thing to be done.

    `state` is "waiting" or, when it failed too often, "dead" (done ones are removed).
    `due` is when it may be begun; taking it moves `due` on by the lease, so that a lost job comes back.
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
