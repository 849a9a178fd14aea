"""Put a job, take a job.

The queue is a database table, so that a job is put in the transaction that it follows from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from grader.store import jobs
from grader.store.database import insert, writing

LEASE = timedelta(minutes=2)
"""How long a job belongs to the one who took it; then it is taken for lost and comes back."""
MOST_TAKEN = 8
"""A job that was taken so often and never done is dead: it waits for a person."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was taken; `taken` counts how often, and tells this taking from a later one."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    taken: int


def put(
    session: Session,
    now: datetime,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    due: datetime | None = None,
) -> None:
    """Add a job to the transaction in progress.

    One with the same kind and key that still waits is kept.
    """
    row = {
        "kind": kind,
        "key": key,
        "payload": dict(payload),
        "state": "waiting",
        "due": due or now,
        "taken": 0,
        "created": now,
    }
    session.execute(insert(session, jobs.Job).values(row).on_conflict_do_nothing())


def take(session: Session, now: datetime, kinds: Collection[str], lease: timedelta = LEASE) -> Job | None:
    """Take the job of these kinds that has been due longest; None: there is none.

    No two takers get the same one.
    """
    oldest = (
        select(jobs.Job.id)
        .where(jobs.Job.state == "waiting", jobs.Job.kind.in_(kinds), jobs.Job.due <= now)
        .order_by(jobs.Job.due, jobs.Job.id)
        .limit(1)
    )
    if session.scalar(oldest) is None:
        return None  # looking takes no lock; most of the time there is nothing
    oldest = oldest.with_for_update(skip_locked=True)
    with writing(session):
        found = session.execute(
            update(jobs.Job)
            .where(jobs.Job.id == oldest.scalar_subquery())
            .values(taken=jobs.Job.taken + 1, due=now + lease)
            .returning(jobs.Job.id, jobs.Job.kind, jobs.Job.payload, jobs.Job.taken)
            .execution_options(synchronize_session=False)
        ).first()
    return None if found is None else Job(*found)


def finish(session: Session, job: Job) -> None:
    """Remove a job that is done, unless its lease ran out and somebody else has it now."""
    with writing(session):
        session.execute(delete(jobs.Job).where(jobs.Job.id == job.id, jobs.Job.taken == job.taken))


def fail(session: Session, now: datetime, job: Job, error: str) -> None:
    """Give a job back: to be tried after a pause that doubles, or dead after too many tries."""
    is_dead = job.taken >= MOST_TAKEN
    with writing(session):
        session.execute(
            update(jobs.Job)
            .where(jobs.Job.id == job.id, jobs.Job.taken == job.taken)
            .values(
                state="dead" if is_dead else "waiting",
                due=now + FIRST_PAUSE * 2 ** (job.taken - 1),
                error=error[:LONGEST_ERROR],
            )
        )
