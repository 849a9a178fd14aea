"""The log of who changed what: rows are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference


class AuditEntry(Base):
    """One act: `action` such as "assignment.created", done to the thing with `subject_id`."""

    __tablename__ = "audit"

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(reference("users"))
    course_id: Mapped[int | None] = mapped_column(reference("courses"), index=True)
    action: Mapped[str]
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]]


def note(
    session: Session,
    at: datetime,
    actor_id: int | None,
    course_id: int | None,
    action: str,
    subject_id: int,
    **details: Any,
) -> None:
    """Add an entry in the transaction of the act itself."""
    entry = {"at": at, "actor_id": actor_id, "course_id": course_id, "action": action, "subject_id": subject_id}
    session.add(AuditEntry(**entry, details=details))
