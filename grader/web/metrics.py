"""`/metrics`: every request counted, and all counts told to whom the settings let read them."""

from __future__ import annotations

from time import perf_counter

from flask import Blueprint, Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from grader.metrics import Metrics, has_token
from grader.services import backlog
from grader.web.request_log import route_of_request
from grader.web.state import database, state

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def register_metrics(app: Flask, metrics: Metrics) -> None:
    """Count every request, and answer at /metrics whom the settings let read them."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def show() -> ResponseReturnValue:
        """The metrics in the text format of Prometheus."""
        if not _may_read():
            abort(404)
        found = backlog.depths(database())
        shown = metrics.exposition(found, judge_runs=state().judge_runs())
        return Response(shown, content_type=CONTENT_TYPE_LATEST)

    @app.after_request
    def observe(response: Response) -> Response:
        seconds = perf_counter() - g.get("request_began", perf_counter())
        labels = (request.method, route_of_request(), str(response.status_code))
        metrics.requests.labels(*labels).observe(seconds)
        return response

    app.register_blueprint(blueprint)


def _may_read() -> bool:
    config = state().config
    if config.metrics == "token":
        return has_token(request.headers.get("Authorization", ""), config.metrics_token)
    is_direct = not any(name in request.headers for name in FORWARDED)
    return config.metrics == "loopback" and is_direct and request.remote_addr in LOOPBACK
