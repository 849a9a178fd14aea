"""The bell: a message over Redis or RabbitMQ which says that a row waits, so that a worker need not look for it.

The row is the truth. A message that is lost, doubled, late or wrong changes nothing: whoever works a row off
takes it first, in the database, and what nobody was told of is found by those who look around.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import FrameType, TracebackType
from typing import Any, Self

from celery import Celery
from celery.worker import state as celery_state
from kombu.exceptions import KombuError

LOG = logging.getLogger(__name__)

Look = Callable[[str, int], None]
"""(which table, which row): told to look at a row, or looks at it."""

TASK = "grader.look"
QUEUE = "grader"
KEPT_SECONDS = 120
"""A bell that nobody heard for so long is of no use: the row has been found."""
MOST_UNSENT = 10_000
PAUSE_SECONDS = 5.0
CONNECT_SECONDS = 3
FAULTS = (OSError, KombuError)


def open_app(url: str, queue: str = QUEUE) -> Celery:
    """Celery on this broker, which only carries messages: no results, no retries, nothing kept."""
    app = Celery("grader", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=CONNECT_SECONDS,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    if url.startswith("redis"):
        app.conf.broker_transport_options = {"socket_connect_timeout": CONNECT_SECONDS, "health_check_interval": 10}
    return app


def _stop(_number: int, _frame: FrameType | None) -> None:
    """What Celery does when it is told to stop, for the moments before it listens to that itself."""
    celery_state.should_stop = 0


class Bell:
    """Rings from a thread of its own, so that no request waits for a broker; `with` starts it and stops it.

    While the broker does not answer nothing is rung, which is said once.
    """

    def __init__(self, url: str, queue: str = QUEUE, pause: float = PAUSE_SECONDS) -> None:
        self._pause = pause
        self._app = open_app(url, queue)
        self._unsent: Queue[tuple[str, int] | None] = Queue(MOST_UNSENT)
        self._stopped = Event()
        self._is_down = False
        self._thread = Thread(target=self._run, name="grader-bell", daemon=True)

    def ring(self, table: str, row_id: int) -> None:
        """Have the workers told that a row waits; returns at once."""
        try:
            self._unsent.put_nowait((table, row_id))
        except Full:
            LOG.debug("too many rows wait to be told of; the worker finds this one")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was not rung is found without it."""
        self._stopped.set()
        self.ring("", 0)
        self._thread.join(CONNECT_SECONDS)
        self._app.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            waiting = self._unsent.get()
            if waiting is not None and not self._stopped.is_set():
                self._send(*waiting)

    def _send(self, table: str, row_id: int) -> None:
        try:
            self._app.send_task(
                TASK, (table, row_id), retry=False, ignore_result=True, expires=KEPT_SECONDS, expiration=KEPT_SECONDS
            )
        except FAULTS as fault:
            if not self._is_down:
                LOG.warning("the broker does not answer, so the workers look for work by themselves: %s", fault)
            self._is_down = True
            self._stopped.wait(self._pause)
            self._forget()
        else:
            if self._is_down:
                LOG.info("the broker answers again")
            self._is_down = False

    def _forget(self) -> None:
        """What waited meanwhile has been found by now, or is soon."""
        while True:
            try:
                self._unsent.get_nowait()
            except Empty:
                return


def listen(url: str, look: Look, at_once: int, queue: str = QUEUE, begin: Callable[[], None] = lambda: None) -> None:
    """Look at the rows that bells tell of, so many at once, until the process is told to stop.

    What is in hand then is finished first. A broker that does not answer is tried again and again.
    `begin` is called as soon as the process can be told to stop.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # Celery puts its own in their place, once it has started
    begin()
    app = open_app(url, queue)

    def heard(table: str, row_id: int) -> None:
        look(str(table), int(row_id))

    app.task(name=TASK, shared=False)(heard)
    options: dict[str, Any] = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    worker = app.Worker(pool="threads", concurrency=at_once, quiet=True, loglevel="WARNING", **options)
    try:
        worker.start()
    finally:
        app.close()
