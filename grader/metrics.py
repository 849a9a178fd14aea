"""What Prometheus reads: how long requests and judging take, what judging gives, and what waits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from grader.grading import Result
from grader.services.quarantine import Grade

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""How prometheus-client is told where the processes of one server keep their counts."""
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JUDGING_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


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

    def exposition(self, waiting: Mapping[str, int], *, judge_runs: bool) -> bytes:
        """Everything in the text format of Prometheus, with how much waits by kind."""
        registry = self._registry
        if self._folder:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Present(waiting, judge_runs=judge_runs))
        return bytes(generate_latest(registry) + generate_latest(now))


class _Present(Collector):
    """What was asked of the database and the judge when somebody reads the metrics."""

    def __init__(self, waiting: Mapping[str, int], *, judge_runs: bool) -> None:
        self._waiting = waiting
        self._judge_runs = judge_runs

    def collect(self) -> Iterable[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("grader_waiting", "What waits in the database, by kind.", labels=["kind"])
        for kind, number in self._waiting.items():
            waiting.add_metric([kind], number)
        yield waiting
        about = "Whether the judge of the process asked is running."
        yield GaugeMetricFamily("grader_judge_running", about, self._judge_runs)


def shared_metrics(folder: str) -> Metrics:
    """Counts that are kept in files in this folder, one for each process of a server."""
    os.environ[FOLDER] = folder
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    return Metrics(folder)


def forget_process(number: int, folder: str) -> None:
    """A process of the server has ended; what it counted stays."""
    multiprocess.mark_process_dead(number, folder)  # type: ignore[no-untyped-call]


def has_token(authorization: str, token: str) -> bool:
    """Whether this is the header of whoever may read the metrics by a token."""
    kind, _, given = authorization.partition(" ")
    return bool(token) and kind.lower() == "bearer" and compare_digest(given.encode(), token.encode())
