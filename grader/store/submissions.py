"""Submissions: what a student sent in, word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, Select, UniqueConstraint, func, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.problems import ProblemVersion
from grader.store.variants import Variant

WAITING = text("state = 'stored'")
MAX_CLAIMS = 8
"""A submission that was begun so often and never finished waits for a person."""


class Submission(Base):
    """The responses as typed, committed before they are judged.

    `state` is "stored", then "judged".
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
    """How many submissions each of these attempts has, and how many of them wait for the judge.

    Attempts without any are left out.
    """
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


def waiting(now: datetime, after: int, *, at_start: bool) -> Select[Submission]:
    """Submissions with a later id than `after` that may be judged now, the oldest first.

    `at_start` also those that are claimed: their worker may have died with the server.
    """
    query = (
        select(Submission)
        .where(Submission.state == "stored", Submission.claims < MAX_CLAIMS, Submission.id > after)
        .order_by(Submission.id)
        .limit(1)
    )
    return query if at_start else query.where(Submission.claimed_until <= now)


def is_any_waiting(session: Session, now: datetime, after: int, *, at_start: bool) -> bool:
    """Whether there is anything to claim, asked without taking a lock."""
    return session.scalar(waiting(now, after, at_start=at_start)) is not None


def claim(session: Session, now: datetime, lease: timedelta, after: int, *, at_start: bool) -> int | None:
    """Claim the next submission that waits.

    None: there is none. No two workers get the same one.
    Each time the claim lasts twice as long: what a busy machine could not do now is not tried at once again.
    """
    query = waiting(now, after, at_start=at_start).with_for_update(skip_locked=True)
    found = session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        return None
    found.claimed_until = now + lease * 2**found.claims
    found.claims += 1
    return found.id


def mark_judged(session: Session, submission_id: int, now: datetime) -> bool:
    """Turn "stored" into "judged"; False when somebody else has."""
    changed = session.scalar(
        update(Submission)
        .where(Submission.id == submission_id, Submission.state == "stored")
        .values(state="judged", judged=now)
        .returning(Submission.id)
    )
    return changed is not None
