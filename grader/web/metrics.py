"""What Prometheus reads: how long requests and judging take, what judging gives, and what waits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from hmac import compare_digest
from time import perf_counter

from flask import Blueprint, Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from grader.grading import Result
from grader.services import backlog
from grader.services.quarantine import Grade
from grader.web.request_log import route_of_request
from grader.web.state import database, state

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""How prometheus-client is told where the processes of one server keep their counts."""
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JUDGING_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


class Metrics:
    """The counts of this process; with a `folder`, those of all processes that share it are told together."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "grader_request_seconds",
            "How long requests take, by the template of their route.",
            ["method", "route", "status"],
            buckets=REQUEST_SECONDS,
            registry=self._registry,
        )
        self.judging = Histogram(
            "grader_judging_seconds",
            "How long judging a submission takes.",
            buckets=JUDGING_SECONDS,
            registry=self._registry,
        )
        self.outcomes = Counter(
            "grader_judged_parts", "Parts that were judged, by outcome.", ["outcome"], registry=self._registry
        )

    def counted(self, grade: Grade) -> Grade:
        """The same judge, whose results are counted."""

        def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
            began = perf_counter()
            result = grade(source, seed, responses)
            self.judging.observe(perf_counter() - began)
            for part in result.parts:
                self.outcomes.labels(str(part.outcome)).inc()
            return result

        return judge

    def exposition(self, present: Iterable[GaugeMetricFamily]) -> bytes:
        """Everything in the text format of Prometheus."""
        registry = self._registry
        if self._folder:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Present(tuple(present)))
        return bytes(generate_latest(registry) + generate_latest(now))


class _Present(Collector):
    """What is asked of the database when somebody reads the metrics."""

    def __init__(self, families: tuple[GaugeMetricFamily, ...]) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def shared_metrics(folder: str) -> Metrics:
    """Counts that are kept in files in this folder, one for each process of a server."""
    os.environ[FOLDER] = folder
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    return Metrics(folder)


def forget_process(number: int, folder: str) -> None:
    """A process of the server has ended; what it counted stays."""
    multiprocess.mark_process_dead(number, folder)  # type: ignore[no-untyped-call]


def register_metrics(app: Flask, metrics: Metrics) -> None:
    """Count every request, and answer at /metrics whom the settings let read them."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def show() -> ResponseReturnValue:
        """The metrics in the text format of Prometheus."""
        if not _may_read():
            abort(404)
        found = backlog.depths(database())
        return Response(metrics.exposition(_present(found, state().judge_runs())), content_type=CONTENT_TYPE_LATEST)

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
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and compare_digest(given.encode(), config.metrics_token.encode())
    is_direct = not any(name in request.headers for name in FORWARDED)
    return config.metrics == "loopback" and is_direct and request.remote_addr in LOOPBACK


def _present(found: Mapping[str, int], judge_runs: bool) -> Iterator[GaugeMetricFamily]:
    waiting = GaugeMetricFamily("grader_waiting", "What waits in the database, by kind.", labels=["kind"])
    for kind, number in found.items():
        waiting.add_metric([kind], number)
    yield waiting
    yield GaugeMetricFamily("grader_judge_running", "Whether the judge of the process asked is running.", judge_runs)
