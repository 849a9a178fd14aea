"""The outbox of events: what others are to be told, written in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from grader.store.base import Base, Id, reference


class OutboxEvent(Base):
    """One thing that happened: `kind` is `grade.changed` or `regrade.applied`, `payload` what there is to say of it.

    Rows are added and never changed; a reader keeps the last id that it has seen.
    """

    __tablename__ = "events"

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created: Mapped[datetime]
