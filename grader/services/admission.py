"""Admission: how many answers are judged at once for those who wait for them, and how long anybody waits.

Whatever happens here, the answer was stored before: what is not judged in time is judged a little later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

from sqlalchemy.orm import Session, sessionmaker

from grader.services import submissions
from grader.services.access import Actor, Clock, Membership
from grader.services.submissions import Grade, Judged, SubmissionView, TakenIn
from grader.store.submissions import ahead_of

LOG = logging.getLogger(__name__)

JudgeNew = Callable[[Session, TakenIn], Judged | None]
"""Judges the submission that has just been stored, or leaves it to a worker; the session has no transaction open."""


def at_once(clock: Clock, grade: Grade) -> JudgeNew:
    """Judge every submission while its sender waits, however many there are and however long it takes."""

    def judge(session: Session, taken: TakenIn) -> Judged | None:
        return submissions.judge_or_leave(session, clock, grade, taken.id, work=taken.work)

    return judge


@dataclass(frozen=True, slots=True)
class Queued:
    """Where a stored submission stands: `place` 1 is the next to be judged, None one that is judged."""

    place: int | None


class Desk:
    """Judges so many submissions at once, each for so many seconds at most while its sender waits.

    What comes in beyond that goes to the workers at once, with a place in the queue, and what takes longer is
    finished without its sender. `with` ends it: what is in hand is finished or handed back.
    """

    def __init__(
        self, sessions: sessionmaker[Session], clock: Clock, grade: Grade, places: int, seconds: float
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._grade = grade
        self._seconds = seconds
        self._places = BoundedSemaphore(places)
        self._threads = ThreadPoolExecutor(places, "grader-desk")

    def __call__(self, session: Session, taken: TakenIn) -> Judged | None:
        """Judge it, or leave it to whoever has time; a defect is raised while the sender waits, else logged."""
        if not self._places.acquire(blocking=False):
            submissions.leave(session, self._clock, taken.id)
            return None
        try:
            future = self._threads.submit(copy_context().run, self._judge, taken)
        except RuntimeError:  # the server is being stopped
            self._places.release()
            submissions.leave(session, self._clock, taken.id)
            return None
        try:
            return future.result(self._seconds)
        except TimeoutError:
            if future.done():
                raise
            LOG.info("submission %d takes long; its sender does not wait for it", taken.id)
            future.add_done_callback(partial(_log_defect, taken.id))
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is in hand; the judge is stopped before this, should it take long."""
        self._threads.shutdown(wait=True)

    def _judge(self, taken: TakenIn) -> Judged | None:
        try:
            with self._sessions() as session:
                return submissions.judge_or_leave(session, self._clock, self._grade, taken.id, work=taken.work)
        finally:
            self._places.release()


def submit(
    session: Session,
    clock: Clock,
    judge_new: JudgeNew,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> SubmissionView:
    """Store the responses and commit, then have them judged: the result, or the stored submission if that must wait.

    Otherwise as `submissions.submit`.
    """
    return hand_in(session, clock, judge_new, actor, attempt_id, responses, key)[0]


def hand_in(
    session: Session,
    clock: Clock,
    judge_new: JudgeNew,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> tuple[SubmissionView, Membership]:
    """The same as `submit`, with what the one who submits is in the course."""
    taken = submissions.store(session, clock(), actor, attempt_id, responses, key)
    judged = judge_new(session, taken) if taken.is_new else None
    return submissions.own_submission(session, clock, taken, judged), taken.membership


def queued(session: Session, view: SubmissionView) -> Queued:
    """Where a submission stands in the queue of the judge, for services that have checked who asks."""
    return Queued(ahead_of(session, view.id) + 1 if view.state == "stored" else None)


def _log_defect(submission_id: int, future: Future[Judged | None]) -> None:
    if not future.cancelled() and (fault := future.exception()) is not None:
        LOG.error("submission %d could not be judged", submission_id, exc_info=fault)
