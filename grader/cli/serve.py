"""`grader serve`: the pages, the API, and a worker beside them."""

from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from grader.bank.loading import Bank, load_bank
from grader.cli.installation import configured, now, opened, require_current, start_logging
from grader.cli.working import start_working
from grader.config import Config
from grader.errors import ConfigError
from grader.isolation import judge_within
from grader.metrics import forget_process, shared_metrics
from grader.services.examining import examine_within
from grader.web.app import Served, create_app

THREADS = 16  # a request waits for the database and the judging processes, seldom for Python
LONGEST_REQUEST_LINE = 8190  # room for every address that the API describes, in whatever characters
STOP_SECONDS = 20  # what is being judged when the server is asked to stop may be finished
KEPT_SECONDS = 15  # a connection waits so long for the next request; it takes up no thread

Announce = Callable[[str], None]
LOG = logging.getLogger(__name__)


class OwnLog(Logger):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn's lines go the way of all others."""

    def setup(self, cfg: Any) -> None:
        """No handlers of its own."""
        self.error_log.setLevel(cfg.loglevel.upper())
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.setLevel(logging.CRITICAL)  # each request is logged by its route, without its address


class Server(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn with our settings.

    The bank is loaded before its processes are forked, and shared; each opens all else for itself.
    """

    def __init__(
        self, config: Config, bank: Bank, processes: int, announce: Announce, log_level: str, counts: str
    ) -> None:
        self._config = config
        self._bank = bank
        self._log_level = log_level
        self._processes = processes
        self._announce = announce
        self._opened = ExitStack()
        self._counts = counts
        super().__init__(prog="grader serve")

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        settings = {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._processes,
            "worker_class": "gthread",
            "threads": THREADS,
            "limit_request_line": LONGEST_REQUEST_LINE,
            "graceful_timeout": STOP_SECONDS,
            "keepalive": KEPT_SECONDS,
            "loglevel": self._log_level,
            "control_socket_disable": True,  # one file in the home directory, shared by all servers of a person
            "post_worker_init": self._announce_once,
            "worker_exit": self._close,
            "child_exit": self._forget,
            "logger_class": OwnLog,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, with its judging processes and its worker started."""
        metrics = shared_metrics(self._counts)
        workplace = start_working(self._opened, self._config, opened(self._config), metrics.counted)
        app = create_app(
            self._config,
            workplace.installation.sessions,
            self._bank,
            workplace.grade,
            now,
            partial(judge_within, workplace.isolation),
            partial(examine_within, workplace.workshop),
            Served(workplace.desk, metrics, lambda: workplace.isolation.is_running, workplace.tracing),
        )
        gc.collect()
        gc.freeze()  # the bank stays for good: looking through it for garbage held up a page for half a second
        return app

    def _announce_once(self, process: Any) -> None:
        """Say where the server is, when the first of its processes can answer."""
        if process.age == 1:
            self._announce(f"http://{_named(self._config.host)}:{self._config.port}")

    def _forget(self, _server: Any, process: Any) -> None:
        """A process has ended; what it counted stays."""
        forget_process(process.pid, self._counts)

    def _close(self, _server: Any, _process: Any) -> None:
        """Stop the worker, then the judging processes, then the database connections."""
        self._opened.close()


def run(config: Config, bank: Bank, processes: int, announce: Announce, server_log_level: str = "") -> None:
    """Serve until told to stop; `announce` is called with the address once it answers.

    `server_log_level` is for gunicorn's own lines; without it, that of the settings.
    """
    start_logging(config)
    for fault in bank.errors:
        LOG.warning("left out of the bank: %s", fault)
    _require_free(config)
    counts, owner = mkdtemp(prefix="grader-counts-"), os.getpid()
    try:
        Server(config, bank, processes, announce, server_log_level or config.log_level, counts).run()
    finally:
        if os.getpid() == owner:  # the processes of the server come by here, too
            rmtree(counts, ignore_errors=True)


def _require_free(config: Config) -> None:
    """Refuse an address that cannot be listened on, before gunicorn tries it again and again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        message = f"{config.host}:{config.port} cannot be listened on: {error.strerror}. Choose another with --port."
        raise ConfigError(message, "GRADER_PORT") from None


def _named(host: str) -> str:
    """The host as a person types it: every address of the machine includes its own."""
    return "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104 - compared, not listened on


@click.command()
@click.option("--host", help="The address to listen on (default: GRADER_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: GRADER_PORT).")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes.")
def serve(host: str | None, port: int | None, processes: int) -> None:
    """Serve the pages and the API, and judge what is waiting.

    \b
      grader db upgrade && grader serve
      GRADER_DATABASE_URL=postgresql://grader@localhost/grader grader serve --host 0.0.0.0 --processes 4
    """
    config = configured()
    config = replace(config, host=host or config.host, port=port or config.port)
    require_current(config)
    run(config, load_bank(config.problems), processes, lambda address: click.echo(f"Serving at {address}"))
