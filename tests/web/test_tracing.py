"""Spans, as a collector of OpenTelemetry gets them: what is in them, and that a faulty collector does no harm."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from grader import logs, queue
from grader.bank.loading import Bank
from grader.cli.tracing import ENDPOINTS, start_tracing
from grader.config import load_config
from grader.errors import ConfigError
from grader.metrics import Metrics
from grader.services.admission import at_once
from grader.store.database import writing
from grader.tracing import Tracing
from grader.web.app import Served, create_app
from grader.worker import EmbeddedWorker
from tests.collecting import Collector, attributes
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge

PROBLEM, ASSIGNMENT = "jacobian-polynomial-map", 3
ANSWER = "[[17, 2], [3, 4]]"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
Open = Callable[[str], Tracing]
Visit = Callable[..., Visitor]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with closing(Collector()) as found:
        yield found


@pytest.fixture
def tracing_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Tracing with a collector at this address; the library reads the environment itself."""
    opened: list[Tracing] = []

    def start(url: str) -> Tracing:
        monkeypatch.setenv(ENDPOINTS[0], url)
        opened.append(start_tracing({ENDPOINTS[0]: url}))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def visit(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> Visit:
    def start(tracing: Tracing, **settings: str) -> Visitor:
        config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40, **settings})
        served = Served(at_once(clock, tracing.judging(judge)), Metrics(), tracing=tracing)
        return Visitor(create_app(config, sessions, bank, judge, clock, served=served).test_client())

    return start


@pytest.mark.usefixtures("logging_as_before")
def test_a_submission_is_a_request_with_intake_and_judging(
    collector: Collector, tracing_to: Open, visit: Visit, capsys: pytest.CaptureFixture[str]
) -> None:
    tracing = tracing_to(collector.url)
    student = visit(tracing)
    student.log_in("ada")
    address = student.attempt(PROBLEM, ASSIGNMENT)
    logs.configure("info", for_person=False)
    student.post(f"{address}/answer", {"answer.jacobian.text": ANSWER})
    tracing.close()
    spans = {span.name: span for span in collector.spans()}
    request = spans["POST /attempts/<int:attempt_id>/answer"]
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/attempts/<int:attempt_id>/answer",
        "http.response.status_code": 303,
        "grader.request_id": attributes(request)["grader.request_id"],
    }
    intake, judging = spans["intake"], spans["judging"]
    assert {intake.parent_span_id, judging.parent_span_id} == {request.span_id}
    assert {intake.trace_id, judging.trace_id} == {request.trace_id}
    assert intake.start_time_unix_nano == request.start_time_unix_nano
    assert intake.end_time_unix_nano <= judging.start_time_unix_nano
    told = attributes(judging)
    assert told["grader.outcomes"] == ["different", "unanswered"]
    assert "counterexample" in told["grader.rungs"]  # an entry may be right in some variant
    assert len(told["grader.problem_version"]) == 64
    everything = b"".join(collector.bodies)
    for private in (ANSWER, "17, 2", "ada", "calculus", address):
        assert private.encode() not in everything
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    line = next(line for line in lines if line.get("route") == "/attempts/<int:attempt_id>/answer")
    assert line["trace_id"] == request.trace_id.hex()
    assert line["request_id"] == attributes(request)["grader.request_id"]


def test_only_a_trusted_proxy_says_which_trace_it_is(collector: Collector, tracing_to: Open, visit: Visit) -> None:
    tracing = tracing_to(collector.url)
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    visit(tracing).client.get("/login", headers=headers)
    visit(tracing, GRADER_PROXIES="1").client.get("/login", headers=headers)
    visit(tracing).client.get("/healthz")  # is asked for every few seconds
    tracing.close()
    stranger, ours = collector.spans()
    assert (stranger.trace_id.hex() != TRACE, ours.trace_id.hex()) == (True, TRACE)


def test_an_error_is_told_by_its_name_alone(collector: Collector, tracing_to: Open) -> None:
    tracing = tracing_to(collector.url)
    with pytest.raises(ValueError, match="typed"), tracing.span("job", {}):
        raise ValueError("what somebody typed")
    tracing.close()
    (span,) = collector.spans()
    assert (span.status.code, attributes(span), len(span.events)) == (2, {"error.type": "ValueError"}, 0)
    assert b"somebody" not in collector.bodies[0]


def test_jobs_of_a_worker(
    collector: Collector, tracing_to: Open, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    tracing = tracing_to(collector.url)
    done: list[Mapping[str, Any]] = []
    handlers = tracing.working({"count": lambda _, payload: done.append(payload)})
    with sessions() as session, writing(session):
        queue.put(session, clock(), "count", {"text": ANSWER})
    EmbeddedWorker(sessions, clock, judge, handlers).run_once()
    tracing.close()
    assert done == [{"text": ANSWER}]
    (span,) = collector.spans()
    assert (span.name, attributes(span)) == ("job count", {"grader.job": "count"})


@pytest.mark.parametrize("fault", ["refused", "silent"])
def test_a_faulty_collector_does_no_harm(
    fault: str, tracing_to: Open, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with socket.create_server(("127.0.0.1", 0)) as listening:  # takes connections, and never answers
        port = listening.getsockname()[1]
        if fault == "refused":
            listening.close()
        tracing = tracing_to(f"http://127.0.0.1:{port}")
        visitor = visit(tracing)
        for _ in range(20):
            assert visitor.client.get("/login").status_code == 200
        began = monotonic()
        tracing.close()
        assert monotonic() - began < 20


def test_without_a_collector_nothing_is_recorded_or_loaded(visit: Visit) -> None:
    tracing = start_tracing({})
    assert type(tracing) is Tracing
    assert visit(tracing).get("/login").status_code == 200
    program = (
        "OTLP = 'opentelemetry.exporter'; "  # the client of Redis loads the rest where it is installed
        "import sys; import grader.cli.serve; from grader.cli.tracing import start_tracing; start_tracing({}); "
        "sys.exit(' '.join(name for name in sys.modules if name.startswith(('grader.telemetry', OTLP))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("variable", ENDPOINTS)
def test_an_address_that_cannot_be_one_stops_the_start(variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        start_tracing({variable: "collector:4318"})
