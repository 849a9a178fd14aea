"""Telling the outbox, and the webhooks that listen, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from grader.services import webhooks
from grader.store.events import OutboxEvent

GRADE_CHANGED = "grade.changed"


def emit(session: Session, now: datetime, course_id: int, kind: str, payload: Mapping[str, Any]) -> None:
    """Add an event in the transaction of what happened, so that there is none without the other."""
    session.add(OutboxEvent(course_id=course_id, kind=kind, payload=dict(payload), created=now))
    webhooks.tell(session, now, course_id, kind, payload)
