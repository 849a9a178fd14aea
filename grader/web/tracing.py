"""A span for each request: its route, method and status, and the id that it has in the log; never its address."""

from __future__ import annotations

from contextlib import ExitStack
from time import time_ns

from flask import Flask, Response, g, request

from grader.tracing import REQUEST_BEGAN, Tracing
from grader.web.request_log import QUIET, route_of_request
from grader.web.state import state


def register_tracing(app: Flask, tracing: Tracing) -> None:
    """Have every request but those of watchers recorded; a trusted proxy may say to which trace it belongs."""

    @app.before_request
    def begin() -> None:
        began = time_ns()
        REQUEST_BEGAN.set(began)
        if request.endpoint in QUIET:
            return
        name = f"{request.method} {route_of_request()}"
        about = {
            "http.request.method": request.method,
            "http.route": route_of_request(),
            "grader.request_id": str(g.request_id),
        }
        headers = dict(request.headers) if state().config.proxies else {}
        came_with = {key.lower(): value for key, value in headers.items()}
        with ExitStack() as opened:
            g.tell = opened.enter_context(tracing.span(name, about, began=began, came_with=came_with))
            g.spans = opened.pop_all()

    @app.after_request
    def end(response: Response) -> Response:
        if "tell" in g:
            g.tell({"http.response.status_code": response.status_code})
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        spans = g.pop("spans", None)
        if spans is not None:
            spans.close()
