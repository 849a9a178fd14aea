"""What Prometheus reads, who may, and the id that a request has in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.config import load_config
from grader.metrics import Metrics
from grader.services.admission import at_once
from grader.web.app import Served, create_app
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge

TOKEN = "t" * 40
Visit = Callable[..., Visitor]
PROBLEM, ASSIGNMENT = "jacobian-polynomial-map", 3


@pytest.fixture
def visit(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> Visit:
    def start(**settings: str) -> Visitor:
        given = {f"GRADER_{name.upper()}": value for name, value in settings.items()}
        config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40, **given})
        metrics = Metrics()
        served = Served(at_once(clock, metrics.counted(judge)), metrics, lambda: not settings.get("proxies"))
        return Visitor(create_app(config, sessions, bank, judge, clock, served=served).test_client())

    return start


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def test_requests_verdicts_and_what_waits_are_counted(visit: Visit) -> None:
    student = visit(metrics="loopback")
    student.log_in("ada")
    address = student.attempt(PROBLEM, ASSIGNMENT)
    student.post(f"{address}/answer", {"answer.jacobian.text": "[[1, 2], [3, 4]]"})
    found = samples(student.get("/metrics").text)
    assert found["grader_request_seconds_count", "POST", "/attempts/<int:attempt_id>/answer", "303"] == 1
    assert found["grader_judging_seconds_count",] == 1
    assert found["grader_judged_parts_total", "different"] == 1
    assert found["grader_waiting", "submissions"] == 0
    assert found["grader_waiting", "grades"] == 0
    assert found["grader_judge_running",] == 1
    assert address not in str(found)


def test_only_who_may_reads_them(visit: Visit) -> None:
    assert visit().get("/metrics").status_code == 404
    near = visit(metrics="loopback").client
    assert near.get("/metrics").status_code == 200
    assert near.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert near.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
    far = visit(metrics="token", metrics_token=TOKEN).client
    assert far.get("/metrics").status_code == 404
    assert far.get("/metrics", headers={"Authorization": f"Bearer {TOKEN[1:]}"}).status_code == 404
    assert far.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_not_ready_without_a_judge_or_with_an_old_database(visit: Visit, sessions: sessionmaker[Session]) -> None:
    answer = visit(proxies="1").get("/readyz")
    assert (answer.status_code, answer.get_json()["judge"]) == (503, "is not running")
    with sessions() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        session.commit()
    answer = visit().get("/readyz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "is not up to date")


def test_a_request_has_an_id_and_its_line_no_address(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "grader.web.request_log")
    client = visit().client
    first, second = (client.get("/join/very-secret-words", headers={"X-Request-Id": "a" * 16}) for _ in range(2))
    ids = [reply.headers["X-Request-Id"] for reply in (first, second)]
    assert len({*ids, "a" * 16}) == 3  # only a proxy that is trusted may give one
    assert visit(proxies="1").client.get("/", headers={"X-Request-Id": "a" * 16}).headers["X-Request-Id"] == "a" * 16
    assert "very-secret-words" not in str([record.__dict__ for record in caplog.records])
    assert caplog.records[0].route == "/join/<secret>"
