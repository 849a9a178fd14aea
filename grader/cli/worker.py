"""`grader worker`: judging what was left unjudged, apart from the server."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from threading import Event
from types import FrameType

import click

from grader.broker import listen
from grader.cli.installation import configured, opened, require_current, start_logging
from grader.cli.worker_metrics import telling
from grader.cli.working import start_working
from grader.metrics import Metrics

HIGHEST_PORT = 65535


@click.command()
@click.option(
    "--metrics-port",
    type=click.IntRange(1, HIGHEST_PORT),
    help="Answer at /metrics of this port, whom GRADER_METRICS lets read.",
)
def worker(metrics_port: int | None) -> None:
    """Judge submissions that were stored and not yet judged, look for proofs, send grades and webhooks, until told.

    `grader serve` has such a worker in it. Run more of them, on any machine, with the same settings.
    With GRADER_BROKER_URL they are told of what waits and begin at once; without, they look every second.

    \b
      GRADER_DATABASE_URL=postgresql://grader@localhost/grader grader worker
    """
    config = configured()
    require_current(config)
    start_logging(config)
    metrics = Metrics()
    with ExitStack() as started:
        workplace = start_working(started, config, opened(config), metrics.counted)
        if metrics_port:
            sessions, isolation = workplace.installation.sessions, workplace.isolation
            started.enter_context(telling(config, metrics_port, sessions, metrics, lambda: isolation.is_running))
        if config.broker_url:
            listen(config.broker_url, workplace.worker.look, config.grading_processes, begin=_say_so)
        else:
            _wait_for_the_end()
    click.echo("The worker has stopped.")


def _say_so() -> None:
    click.echo("The worker is running.")


def _wait_for_the_end() -> None:
    """Return once the process is told to stop."""
    told_to_stop = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _say_so()
    told_to_stop.wait()
