"""The embedded worker: a thread that judges what was left and does the jobs that wait."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.services.access import Clock
from grader.services.submissions import Grade, judge_stored

LOG = logging.getLogger(__name__)

Handler = Callable[[Session, Mapping[str, Any]], None]
"""Does one kind of job; a job may come twice, so doing it twice must be as good as once."""

PAUSE_SECONDS = 1.0
BATCH = 100


class EmbeddedWorker:
    """A worker in the server's own process; `with` starts it and stops it.

    The database row is the truth: what is here is only who looks, so any number of workers may run.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        grade: Grade,
        handlers: Mapping[str, Handler] | None = None,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._grade = grade
        self._handlers = dict(handlers or {})
        self._pause = pause
        self._woken = Event()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="grader-worker", daemon=True)

    def start(self) -> None:
        """Begin; what a server that ended left half done comes first."""
        self._thread.start()

    def wake(self) -> None:
        """Look now instead of after the pause."""
        self._woken.set()

    def stop(self, seconds: float = 10.0) -> bool:
        """End after the piece of work in hand; whether it ended within this time."""
        self._stopped.set()
        self._woken.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run_once(self, *, at_start: bool = False) -> int:
        """Do all that waits now; how many submissions and jobs that were."""
        done = judge_stored(self._sessions, self._clock, self._grade, BATCH, at_start=at_start)
        with self._sessions() as session:
            while not self._stopped.is_set() and self._do_one_job(session):
                done += 1
        return done

    def _run(self) -> None:
        """Look, wait, look again; a database that is away for a while does not end the thread."""
        at_start = True
        while not self._stopped.is_set():
            try:
                is_idle = self.run_once(at_start=at_start) == 0
                at_start = False
            except Exception:  # the outer edge of the thread: log, pause, go on
                LOG.exception("the worker will look again in %s s", self._pause)
                is_idle = True
            if is_idle:
                self._woken.wait(self._pause)
                self._woken.clear()

    def _do_one_job(self, session: Session) -> bool:
        """Do the job that has been due longest, if there is one."""
        if not self._handlers or (job := queue.take(session, self._clock(), self._handlers)) is None:
            return False
        try:
            self._handlers[job.kind](session, job.payload)
        except Exception as fault:  # the outer edge of one job: it comes back, the others go on
            session.rollback()
            LOG.exception("job %d (%s) failed", job.id, job.kind)
            queue.fail(session, self._clock(), job, f"{type(fault).__name__}: {fault}")
        else:
            queue.finish(session, job)
        return True
