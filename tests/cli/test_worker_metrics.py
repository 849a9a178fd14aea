"""What a worker tells Prometheus, and whom."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection

import pytest
from sqlalchemy.orm import Session, sessionmaker

from grader.cli.worker_metrics import telling
from grader.config import Config, load_config
from grader.errors import ConfigError
from grader.metrics import Metrics
from tests.factories import grade_words

TOKEN = "t" * 40


def configured(url: str, **settings: str) -> Config:
    given = {f"GRADER_{name.upper()}": value for name, value in settings.items()}
    return load_config({"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": "s" * 40, **given})


def ask(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_a_worker_tells_what_it_judged(database_url: str, sessions: sessionmaker[Session]) -> None:
    metrics = Metrics()
    metrics.counted(grade_words)("right", 1, {"a": "right"})
    with telling(configured(database_url, metrics="loopback"), 0, sessions, metrics, lambda: True) as port:
        status, shown = ask(port)
        assert status == 200
        assert "grader_judging_seconds_count 1.0" in shown
        assert "grader_judge_running 1.0" in shown
        assert ask(port, "/")[0] == 404
        with pytest.raises(ConfigError, match="Choose another with --metrics-port"):
            telling(configured(database_url, metrics="loopback"), port, sessions, metrics, lambda: True).__enter__()


def test_only_who_may_reads_it(database_url: str, sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ConfigError, match="GRADER_METRICS is off"):
        telling(configured(database_url), 0, sessions, Metrics(), lambda: True).__enter__()
    config = configured(database_url, metrics="token", metrics_token=TOKEN)
    with telling(config, 0, sessions, Metrics(), lambda: True) as port:
        assert ask(port)[0] == 404
        assert ask(port, Authorization=f"Bearer {TOKEN}x")[0] == 404
        assert ask(port, Authorization=f"Bearer {TOKEN}")[0] == 200
