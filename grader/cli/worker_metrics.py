"""The numbers of a worker on a port of their own, for Prometheus asks each worker by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from grader.config import Config
from grader.errors import ConfigError
from grader.metrics import Metrics, has_token
from grader.services import backlog

PATH = "/metrics"
SILENT_SECONDS = 5
LOOPBACK = "127.0.0.1"


@contextmanager
def telling(
    config: Config, port: int, sessions: sessionmaker[Session], metrics: Metrics, judge_runs: Callable[[], bool]
) -> Iterator[int]:
    """Answer at /metrics of this port (0: any that is free), whom GRADER_METRICS lets read; gives the port.

    ConfigError where nobody may read them, and where the port is taken.
    """
    if config.metrics == "off":
        raise ConfigError("GRADER_METRICS is off, so nobody may read --metrics-port.", "GRADER_METRICS")

    class Answering(BaseHTTPRequestHandler):
        timeout = SILENT_SECONDS

        def do_GET(self) -> None:
            if self.path != PATH or not self._may_read():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            try:
                with sessions() as session:
                    shown = metrics.exposition(backlog.depths(session), judge_runs=judge_runs())
            except OperationalError:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.")
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(shown)))
            self.end_headers()
            self.wfile.write(shown)

        def _may_read(self) -> bool:
            return config.metrics != "token" or has_token(self.headers.get("Authorization", ""), config.metrics_token)

        def log_message(self, *_: object) -> None:
            """Say nothing: a line every few seconds tells nobody anything."""

    host = config.host if config.metrics == "token" else LOOPBACK
    try:
        server = HTTPServer((host, port), Answering)
    except OSError as fault:
        message = f"Port {port} of {host} cannot be used: {fault.strerror}. Choose another with --metrics-port."
        raise ConfigError(message, "--metrics-port") from None
    with server:
        thread = Thread(target=server.serve_forever, name="grader-metrics", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
