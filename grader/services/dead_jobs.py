"""Work in the background as staff see it: how much waits, and what failed so often that a person has to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import Forbidden, NotFound
from grader.services.access import Actor, Clock
from grader.store import audit, jobs, submissions
from grader.store.database import writing
from grader.store.users import User

MOST_LISTED = 200
GONE = "There is no such job: it has been done or removed meanwhile."


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was tried too often; `error` is what it said the last time."""

    id: int
    kind: str
    error: str
    taken: int
    created: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: jobs by their kind, submissions for the judge, how many of them were given up, and dead jobs."""

    jobs: Mapping[str, int]
    submissions: int
    stuck: int
    dead: tuple[DeadJob, ...]


def backlog(session: Session, actor: Actor) -> Backlog:
    """All that waits and all that is dead, the newest first (staff)."""
    _require_staff(session, actor)
    waiting, stuck = submissions.depth(session)
    dead = jobs.dead(session, MOST_LISTED)
    views = tuple(DeadJob(row.id, row.kind, row.error or "", row.taken, row.created) for row in dead)
    return Backlog(jobs.depths(session), waiting, stuck, views)


def try_again(session: Session, clock: Clock, actor: Actor, job_id: int) -> None:
    """Have a dead job tried again, as often as a new one (staff)."""
    _require_staff(session, actor)
    with writing(session):
        if not jobs.revive(session, clock(), job_id):
            raise NotFound(GONE)
        audit.note(session, clock(), actor.user_id, None, "job.tried-again", job_id)


def remove(session: Session, clock: Clock, actor: Actor, job_id: int) -> None:
    """Forget a dead job (staff)."""
    _require_staff(session, actor)
    with writing(session):
        if not jobs.remove_dead(session, job_id):
            raise NotFound(GONE)
        audit.note(session, clock(), actor.user_id, None, "job.removed", job_id)


def _require_staff(session: Session, actor: Actor) -> None:
    person = session.get(User, actor.user_id)
    if person is None or not person.is_staff or actor.scopes is not None:
        raise Forbidden("Only staff may look after work in the background.")
