"""Exams of a course whose marks students are not told yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from grader.services.policies import policy_of
from grader.store import assignments


def held_back(session: Session, now: datetime, course_id: int) -> frozenset[int]:
    """The ids of the assignments of which students are told no more than that answers were received."""
    rows = assignments.of_course(session, course_id, with_deleted=True)
    return frozenset(row.id for row in rows if policy_of(row).holds_back(now))
