"""The log of an attempt's tries: what each submission was given in the end, when, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from grader.store.gradings import Grading
from grader.store.submissions import Submission
from grader.store.users import User


class Entry(NamedTuple):
    """One submission with the grading that counts; `marks` None while it waits for the judge."""

    submission_id: int
    number: int
    created: datetime
    counted: bool
    marks: list[Any] | None
    cause: str | None
    author: str | None


def of_attempt(session: Session, attempt_id: int) -> Sequence[Entry]:
    """The submissions of an attempt in order, in one statement."""
    newest = (
        select(func.max(Grading.id))
        .join(Submission, Submission.id == Grading.submission_id)
        .where(Submission.attempt_id == attempt_id)
        .group_by(Grading.submission_id)
    )
    rows = session.execute(
        select(
            Submission.id,
            Submission.number,
            Submission.created,
            Submission.counted,
            Grading.marks,
            Grading.cause,
            User.name,
        )
        .outerjoin(Grading, and_(Grading.submission_id == Submission.id, Grading.id.in_(newest)))
        .outerjoin(User, User.id == Grading.author_id)
        .where(Submission.attempt_id == attempt_id)
        .order_by(Submission.number)
    )
    return [Entry(*row) for row in rows]
