"""Submissions: what a student sent in, word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, UniqueConstraint, func, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.problems import ProblemVersion
from grader.store.variants import Variant

WAITING = text("state = 'stored'")
MAX_CLAIMS = 5
"""A submission that was begun so often and never finished waits for a person."""


class Submission(Base):
    """The responses as typed, committed before they are judged; `state` is "stored", then "judged".

    While it is judged it is claimed until `claimed_until`; after that another worker may take it.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("attempt_id", "number"),
        UniqueConstraint("attempt_id", "key"),
        Index("ix_submissions_waiting", "claimed_until", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(reference("attempts"))
    number: Mapped[int]
    key: Mapped[str | None]
    responses: Mapped[dict[str, str]]
    submitted_by: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]
    state: Mapped[str]
    judged: Mapped[datetime | None]
    counted: Mapped[bool]
    claims: Mapped[int]
    claimed_until: Mapped[datetime]


def by_key(session: Session, attempt_id: int, key: str) -> Submission | None:
    """The submission that was sent with this idempotency key."""
    return session.scalar(select(Submission).where(Submission.attempt_id == attempt_id, Submission.key == key))


def newest(session: Session, attempt_ids: Sequence[int], most: int) -> Sequence[Submission]:
    """The submissions of these attempts, newest first, at most so many of each."""
    other = aliased(Submission)
    last = select(func.max(other.number)).where(other.attempt_id == Submission.attempt_id).scalar_subquery()
    return session.scalars(
        select(Submission)
        .where(Submission.attempt_id.in_(attempt_ids), Submission.number > last - most)
        .order_by(Submission.attempt_id, Submission.number.desc())
    ).all()


def tally(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """For each of these attempts that has any: how many submissions, and how many of them are not judged yet."""
    waiting = func.count().filter(Submission.state == "stored")
    rows = session.execute(
        select(Submission.attempt_id, func.count(), waiting)
        .where(Submission.attempt_id.in_(attempt_ids))
        .group_by(Submission.attempt_id)
    )
    return {attempt_id: (sent, stored) for attempt_id, sent, stored in rows}


def work(session: Session, submission_id: int) -> tuple[str, int, dict[str, str]]:
    """What judging a submission needs: the problem's text, the seed, the responses."""
    return session.execute(
        select(ProblemVersion.source, Variant.seed, Submission.responses)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(ProblemVersion, ProblemVersion.id == Variant.problem_version_id)
        .where(Submission.id == submission_id)
    ).one()


def claim(session: Session, now: datetime, lease: timedelta, after: int = 0, *, at_start: bool = False) -> int | None:
    """Claim the next submission (by id, after this one) that waits to be judged; None: there is none.

    One statement, so that no two workers get the same one. `at_start` also takes those that are claimed:
    their worker may have died with the server.
    """
    waiting = (
        select(Submission.id)
        .where(Submission.state == "stored", Submission.claims < MAX_CLAIMS, Submission.id > after)
        .order_by(Submission.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if not at_start:
        waiting = waiting.where(Submission.claimed_until <= now)
    return session.scalar(
        update(Submission)
        .where(Submission.id == waiting.scalar_subquery())
        .values(claims=Submission.claims + 1, claimed_until=now + lease)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    )


def mark_judged(session: Session, submission_id: int, now: datetime) -> bool:
    """Turn "stored" into "judged"; False when somebody else has."""
    changed = session.scalar(
        update(Submission)
        .where(Submission.id == submission_id, Submission.state == "stored")
        .values(state="judged", judged=now)
        .returning(Submission.id)
    )
    return changed is not None
