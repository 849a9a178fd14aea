"""`grader worker`: judging what was left unjudged, apart from the server."""

from __future__ import annotations

import signal
from functools import partial
from threading import Event
from types import FrameType

import click

from grader.cli.installation import configured, judging_limits, now, opened, require_current, start_logging
from grader.isolation import Isolation, grade_within
from grader.worker import EmbeddedWorker


@click.command()
def worker() -> None:
    """Judge submissions that were stored and not yet judged, until told to stop.

    `grader serve` has such a worker in it. Run more of them, on any machine, with the same settings.

    \b
      GRADER_DATABASE_URL=postgresql://grader@localhost/grader grader worker
    """
    config = configured()
    require_current(config)
    start_logging(config)
    installation = opened(config)
    told_to_stop = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with (
        Isolation(judging_limits(config)) as isolation,
        EmbeddedWorker(installation.sessions, now, partial(grade_within, isolation)),
    ):
        click.echo("The worker is running.")
        told_to_stop.wait()
    installation.engine.dispose()
    click.echo("The worker has stopped.")
