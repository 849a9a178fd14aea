"""`grader serve`: the pages, the API, and a worker beside them."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from grader.bank.loading import Bank, load_bank
from grader.cli.installation import configured, judging_limits, now, opened, require_current, start_logging
from grader.config import Config
from grader.errors import ConfigError
from grader.isolation import Isolation, grade_within, judge_within
from grader.web.app import create_app
from grader.worker import EmbeddedWorker

THREADS = 16  # a request waits for the database and the judging processes, seldom for Python
STOP_SECONDS = 20  # what is being judged when the server is asked to stop may be finished

Announce = Callable[[str], None]
LOG = logging.getLogger(__name__)


class Server(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn with our settings.

    The bank is loaded before its processes are forked, and shared; each opens all else for itself.
    """

    def __init__(self, config: Config, bank: Bank, processes: int, announce: Announce, log_level: str) -> None:
        self._config = config
        self._bank = bank
        self._log_level = log_level
        self._processes = processes
        self._announce = announce
        self._opened = ExitStack()
        super().__init__(prog="grader serve")

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        settings = {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._processes,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": STOP_SECONDS,
            "loglevel": self._log_level,
            "control_socket_disable": True,  # one file in the home directory, shared by all servers of a person
            "post_worker_init": self._announce_once,
            "worker_exit": self._close,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, with its judging processes and its worker started."""
        installation = opened(self._config)
        self._opened.callback(installation.engine.dispose)
        isolation = self._opened.enter_context(Isolation(judging_limits(self._config)))
        grade = partial(grade_within, isolation)
        self._opened.enter_context(EmbeddedWorker(installation.sessions, now, grade))
        judge = partial(judge_within, isolation)
        return create_app(self._config, installation.sessions, self._bank, grade, now, judge)

    def _announce_once(self, process: Any) -> None:
        """Say where the server is, when the first of its processes can answer."""
        if process.age == 1:
            self._announce(f"http://{_named(self._config.host)}:{self._config.port}")

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
    Server(config, bank, processes, announce, server_log_level or config.log_level).run()


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
