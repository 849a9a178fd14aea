"""Each request has an id, which stands in every line of the log that belongs to it and in the reply."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

from grader.web.state import state

LOG = logging.getLogger(__name__)
HEADER = "X-Request-Id"
GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)
QUIET = ("health.alive", "health.ready", "metrics.show", "static")


def register_request_log(app: Flask) -> None:
    """Give every request its id, and log what became of it: its route, never its address, which may hold secrets."""

    @app.before_request
    def begin() -> None:
        g.request_id = _request_id()
        g.request_began = perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" not in g:  # refused before it began
            return response
        response.headers[HEADER] = g.request_id
        about = {
            "method": request.method,
            "route": route_of_request(),
            "status": response.status_code,
            "milliseconds": round(1000 * (perf_counter() - g.request_began), 1),
        }
        LOG.log(logging.DEBUG if request.endpoint in QUIET else logging.INFO, "request", extra=about)
        return response


def route_of_request() -> str:
    """The template of the route that answers this request."""
    return str(request.url_rule) if request.url_rule else "(none)"


def _request_id() -> str:
    """That of a trusted proxy, else a new one."""
    given = request.headers.get(HEADER, "")
    return given if state().config.proxies and GIVEN.fullmatch(given) else secrets.token_hex(8)
