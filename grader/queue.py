"""Put a job, take a job.

The queue is a database table, so that a job is put in the transaction that it follows from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, null, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from grader.store import jobs
from grader.store.database import insert, once_committed, writing

LOG = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
"""How long a job belongs to the one who took it; then it is taken for lost and comes back."""
MOST_TAKEN = 8
"""A job that was taken so often and never done is dead: it waits for a person."""
LOST = "It was taken too often and never done: whoever does it may be killed by it."
AGAIN = "It was asked for again while it was being done."
"""What stands in the place of an error then; it is done once more when this time is over."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_ERROR = 2000
LONGEST_WORK = timedelta(hours=1)
"""After so long a job's lease is renewed no more: whoever does it has lost their way."""
SUBMISSION, JOB = "submission", "job"
"""The tables whose rows workers are told of."""
BELL = "bell"
"""What a session carries along, `broker.Look`: told of rows that wait, once they are committed."""
NO_GRACE = timedelta(0)


class Unfinished(Exception):
    """Raised by who does a job and has done a piece of it: the rest comes after what has waited longer."""


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
    """Add a job to the transaction in progress, and tell the workers of it after that.

    Of one kind and key there is one job: one that still waits is kept, one that is being done is done once more
    after that, for it may have looked before what is new now, and one that is dead begins anew.
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
    statement = insert(session, jobs.Job).values(row)
    new, is_dead = statement.excluded, jobs.Job.state == "dead"
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={
            "state": "waiting",
            "payload": new.payload,
            "taken": case((is_dead, 0), else_=jobs.Job.taken),
            "due": case((is_dead, new.due), else_=jobs.Job.due),
            "error": case((is_dead, null()), else_=AGAIN),
        },
        where=or_(is_dead, _is_being_done(now)),
    )
    added = session.scalar(statement.returning(jobs.Job.id).execution_options(synchronize_session=False))
    if added is not None and due is None:
        ring(session, JOB, added)


def _is_being_done(now: datetime) -> ColumnElement[bool]:
    """The jobs that somebody has; one that failed and waits for its next try says why."""
    is_well = or_(jobs.Job.error.is_(None), jobs.Job.error == AGAIN)
    return and_(jobs.Job.state == "waiting", jobs.Job.taken > 0, jobs.Job.due > now, is_well)


def ring(session: Session, table: str, row_id: int) -> None:
    """Tell the workers of a row that waits, where there is a bell, once it is committed."""
    if (bell := session.info.get(BELL)) is not None:
        once_committed(session, partial(bell, table, row_id))


def take(
    session: Session,
    now: datetime,
    kinds: Collection[str],
    lease: timedelta = LEASE,
    grace: timedelta = NO_GRACE,
) -> Job | None:
    """Take the job of these kinds that has been due longest, and for `grace` at least; None: there is none.

    No two takers get the same one.
    """
    return _take(session, now, _due(now - grace, kinds).order_by(jobs.Job.due, jobs.Job.id).limit(1), lease)


def take_one(
    session: Session, now: datetime, job_id: int, kinds: Collection[str], lease: timedelta = LEASE
) -> Job | None:
    """Take this job if it is due; None where it is not there, is of another kind, or somebody has it."""
    return _take(session, now, _due(now, kinds).where(jobs.Job.id == job_id), lease)


def take_keyed(session: Session, now: datetime, kind: str, key: str, lease: timedelta = LEASE) -> Job | None:
    """Take the job with this key if it is due, for one who has asked for it and does it at once."""
    return _take(session, now, _due(now, [kind]).where(jobs.Job.key == key), lease)


def _due(now: datetime, kinds: Collection[str]) -> Select[int]:
    return select(jobs.Job.id).where(jobs.Job.state == "waiting", jobs.Job.kind.in_(kinds), jobs.Job.due <= now)


def _take(session: Session, now: datetime, oldest: Select[int], lease: timedelta) -> Job | None:
    waiting = session.execute(oldest.add_columns(jobs.Job.taken)).first()
    if waiting is None:
        return None  # looking takes no lock; most of the time there is nothing
    oldest = oldest.where(jobs.Job.taken < MOST_TAKEN).with_for_update(skip_locked=True)
    with writing(session):
        if waiting.taken >= MOST_TAKEN:
            _bury(session, now)
        found = session.execute(
            update(jobs.Job)
            .where(jobs.Job.id == oldest.scalar_subquery())
            .values(taken=jobs.Job.taken + 1, due=now + lease, error=None)
            .returning(jobs.Job.id, jobs.Job.kind, jobs.Job.payload, jobs.Job.taken)
            .execution_options(synchronize_session=False)
        ).first()
    return None if found is None else Job(*found)


def _bury(session: Session, now: datetime) -> None:
    """Give up jobs that come back again and again: they kill whoever does them, so nobody is left to say that."""
    lost = update(jobs.Job).where(jobs.Job.state == "waiting", jobs.Job.taken >= MOST_TAKEN, jobs.Job.due <= now)
    lost = lost.values(state="dead", error=LOST).execution_options(synchronize_session=False)
    for job_id, kind in session.execute(lost.returning(jobs.Job.id, jobs.Job.kind)):
        LOG.error("job %d (%s) was taken %d times and never done", job_id, kind, MOST_TAKEN)


def finish(session: Session, now: datetime, job: Job) -> None:
    """Remove a job that is done, unless its lease ran out and somebody else has it now.

    One that was asked for again meanwhile is due again.
    """
    mine = and_(jobs.Job.id == job.id, jobs.Job.taken == job.taken)
    is_asked_again = and_(mine, jobs.Job.error == AGAIN)
    with writing(session):
        session.execute(delete(jobs.Job).where(mine, or_(jobs.Job.error.is_(None), jobs.Job.error != AGAIN)))
        again = update(jobs.Job).where(is_asked_again).values(taken=0, due=now, error=None)
        again = again.execution_options(synchronize_session=False)
        if session.scalar(again.returning(jobs.Job.id)) is not None:
            ring(session, JOB, job.id)


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


def give_back(session: Session, now: datetime, job: Job) -> None:
    """Give a job back that was begun and not done, through no fault of its own: the next one may take it at once."""
    with writing(session):
        session.execute(
            update(jobs.Job)
            .where(jobs.Job.id == job.id, jobs.Job.taken == job.taken)
            .values(due=now, taken=jobs.Job.taken - 1, error=None)
        )
        ring(session, JOB, job.id)


@contextmanager
def kept(
    sessions: sessionmaker[Session], clock: Callable[[], datetime], job: Job, lease: timedelta = LEASE
) -> Iterator[None]:
    """Renew the lease of a job while it is being done, so that it may take longer than one lease."""
    done = Event()

    def renew() -> None:
        pause = lease.total_seconds() / 3
        for _ in range(int(LONGEST_WORK.total_seconds() / pause)):
            if done.wait(pause):
                return
            mine = update(jobs.Job).where(jobs.Job.id == job.id, jobs.Job.taken == job.taken)
            try:
                with sessions() as session, writing(session):
                    session.execute(mine.values(due=clock() + lease))
            except SQLAlchemyError as fault:  # tried again in time, or the job comes back
                LOG.warning("the lease of job %d could not be renewed: %s", job.id, type(fault).__name__)

    thread = Thread(target=renew, name=f"grader-lease-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
