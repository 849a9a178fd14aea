"""The embedded workers: threads that judge what was left, do the jobs that wait, and send grades and webhooks."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.isolation import JudgeStopped
from grader.services.access import Clock
from grader.services.lti_grades import Courier
from grader.services.statements import Reporter
from grader.services.submissions import Grade, judge_one, judge_stored
from grader.services.webhooks import Messenger

LOG = logging.getLogger(__name__)

Handler = Callable[[Session, Mapping[str, Any]], None]
"""Does one kind of job; a job may come twice, so doing it twice must be as good as once."""

PAUSE_SECONDS = 1.0
BATCH = 100


class PacedThread(ABC):
    """A thread that does what waits, pauses when there is nothing, and looks again; `with` starts it and stops it.

    The database row is the truth: what is here is only who looks, so any number of them may run.
    """

    def __init__(self, name: str, pause: float = PAUSE_SECONDS) -> None:
        self._pause = pause
        self._woken = Event()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def run_once(self, *, at_start: bool = False) -> int:
        """Do all that waits now; how much that was."""

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

    def _run(self) -> None:
        """Look, wait, look again; a database that is away for a while does not end the thread."""
        at_start, is_failing = True, False
        while not self._stopped.is_set():
            try:
                is_idle = self.run_once(at_start=at_start) == 0
                at_start = is_failing = False
            except Exception as fault:  # the outer edge of the thread: log once, pause, go on
                if not is_failing:
                    LOG.exception("the worker will look again every %s s", self._pause)
                LOG.debug("the worker fails: %s", type(fault).__name__)
                is_idle = is_failing = True
            if is_idle:
                self._woken.wait(self._pause)
                self._woken.clear()


class EmbeddedWorker(PacedThread):
    """Judges what was left and does the jobs that wait, in the server's own process or apart from it.

    With `grace` it leaves everything for so long to the workers that a bell tells of it; `look` is for bells.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        grade: Grade,
        handlers: Mapping[str, Handler] | None = None,
        pause: float = PAUSE_SECONDS,
        grace: timedelta = queue.NO_GRACE,
    ) -> None:
        super().__init__("grader-worker", pause)
        self._sessions = sessions
        self._clock = clock
        self._grade = grade
        self._handlers = dict(handlers or {})
        self._grace = grace

    def run_once(self, *, at_start: bool = False) -> int:
        """Do all that waits now; how many submissions and jobs that were."""
        done = self._judge_waiting(at_start=at_start and not self._grace)
        while not self._stopped.is_set() and self._do_next_job():
            done += 1  # a student who waits comes before the next job
            done += self._judge_waiting()
        return done

    def look(self, table: str, row_id: int) -> None:
        """Work off the row that a bell told of, unless it is done or somebody is at it."""
        if table == queue.SUBMISSION:
            judge_one(self._sessions, self._clock, self._grade, row_id)
        elif table == queue.JOB:
            with self._sessions() as session:
                if (job := queue.take_one(session, self._clock(), row_id, self._handlers)) is not None:
                    self._do(session, job)

    def _judge_waiting(self, *, at_start: bool = False) -> int:
        return judge_stored(self._sessions, self._clock, self._grade, BATCH, at_start=at_start, grace=self._grace)

    def _do_next_job(self) -> bool:
        """Do the job that has been due longest, if there is one."""
        if not self._handlers:
            return False
        with self._sessions() as session:
            job = queue.take(session, self._clock(), self._handlers, grace=self._grace)
            if job is None:
                return False
            self._do(session, job)
            return True

    def _do(self, session: Session, job: queue.Job) -> None:
        try:
            with queue.kept(self._sessions, self._clock, job):
                self._handlers[job.kind](session, job.payload)
        except (JudgeStopped, queue.Unfinished):
            session.rollback()
            queue.give_back(session, self._clock(), job)
        except Exception as fault:  # the outer edge of one job: it comes back, the others go on
            session.rollback()
            LOG.exception("job %d (%s) failed", job.id, job.kind)
            queue.fail(session, self._clock(), job, f"{type(fault).__name__}: {fault}")
        else:
            queue.finish(session, self._clock(), job)


class CourierThread(PacedThread):
    """Sends grades to learning platforms: a thread of its own, for a platform may take long to answer."""

    def __init__(self, courier: Courier, pause: float = PAUSE_SECONDS) -> None:
        super().__init__("grader-courier", pause)
        self._courier = courier

    def run_once(self, *, at_start: bool = False) -> int:
        """Send every grade that is due; how many that were."""
        del at_start
        sent = 0
        while not self._stopped.is_set() and self._courier.send_next():
            sent += 1
        return sent


class ReporterThread(PacedThread):
    """Tells a learning record store what was answered: a thread of its own, for the store may take long to answer."""

    def __init__(self, reporter: Reporter, pause: float = PAUSE_SECONDS) -> None:
        super().__init__("grader-reporter", pause)
        self._reporter = reporter

    def run_once(self, *, at_start: bool = False) -> int:
        """Send everything that is due; how many times that was."""
        del at_start
        sent = 0
        while not self._stopped.is_set() and self._reporter.send_next():
            sent += 1
        return sent


class MessengerThread(PacedThread):
    """Sends webhooks: a thread of its own, for a receiver may take long to answer."""

    def __init__(self, messenger: Messenger, pause: float = PAUSE_SECONDS) -> None:
        super().__init__("grader-messenger", pause)
        self._messenger = messenger

    def run_once(self, *, at_start: bool = False) -> int:
        """Send every message that is due; how many that were."""
        del at_start
        sent = 0
        while not self._stopped.is_set() and self._messenger.send_next():
            sent += 1
        return sent
