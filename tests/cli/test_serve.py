"""`grader serve`, `demo` and `worker` as their own processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.request import urlopen

import pytest

from tests import servers
from tests.collecting import Collector

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()"]
READY_SECONDS = 60
Start = Callable[..., "Running"]

pytestmark = pytest.mark.live


class Running:
    """A process of ours, with what it printed so far."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.printed: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, words: str) -> str:
        """The line with these words, once it is printed."""
        while (line := self._lines.get(timeout=READY_SECONDS)) is not None:
            self.printed.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.printed))

    def rest(self) -> str:
        """All that was printed, once the process has ended."""
        while (line := self._lines.get(timeout=READY_SECONDS)) is not None:
            self.printed.append(line)
        return "".join(self.printed)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    own = {"GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/grader.sqlite3", "GRADER_GRADING_PROCESSES": "1"}
    environment = {**os.environ, **own, "PYTHONUNBUFFERED": "1"}
    running: list[Running] = []

    def begin(*arguments: str, **variables: str) -> Running:
        running.append(Running(arguments, environment | variables))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def test_demo_serves_says_where_and_ends_when_told(start: Start) -> None:
    port = servers.free_port()
    demo = start("demo", "--port", str(port))
    assert f"http://127.0.0.1:{port}" in demo.wait_for("The demo course is at")
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    demo.wait_for("Stop with")
    assert all(login in "".join(demo.printed) for login in ("instructor", "ada", "ben", "chen", "calculus"))
    assert demo.end() == 0
    assert "Traceback" not in demo.rest()


def test_demo_goes_on_with_the_same_data(start: Start) -> None:
    port = servers.free_port()
    for _ in range(2):
        demo = start("demo", "--port", str(port))
        demo.wait_for("Stop with")
        assert demo.end(signal.SIGINT) == 0


def test_serve_wants_a_database_that_is_up_to_date(start: Start) -> None:
    serve = start("serve", "--port", str(servers.free_port()))
    assert serve.process.wait(timeout=READY_SECONDS) == 8
    assert "grader db upgrade" in serve.rest()
    assert start("db", "upgrade").process.wait(timeout=READY_SECONDS) == 0
    address = f"http://127.0.0.1:{(port := servers.free_port())}"
    collector = Collector()
    variables = {"GRADER_METRICS": "loopback", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    serve = start("serve", "--port", str(port), "--processes", "2", **variables)
    serve.wait_for("Serving at")
    for path in ("/readyz", "/healthz", "/healthz", "/healthz"):
        with urlopen(f"{address}{path}", timeout=30) as answer:
            assert json.load(answer)["status"] == "ok"
    with urlopen(f"{address}/metrics", timeout=30) as answer:  # whichever process answers tells of both
        assert 'grader_request_seconds_count{method="GET",route="/healthz",status="200"} 3.0' in answer.read().decode()
    with urlopen(f"{address}/login", timeout=30) as answer:
        assert answer.status == 200
    assert serve.end() == 0
    collector.close()
    assert {span.name for span in collector.spans()} == {"job held-grades", "GET /login"}
    lines = [line for line in serve.rest().splitlines() if not line.startswith("Serving at")]
    assert [json.loads(line)["level"] for line in lines]  # each one is JSON, those of gunicorn included


def test_a_port_that_is_taken_is_a_sentence(start: Start) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = start("demo", "--port", str(taken.getsockname()[1]))
        assert demo.process.wait(timeout=READY_SECONDS) == 8
        assert "Choose another with --port" in demo.rest()


def test_the_worker_ends_when_told(start: Start) -> None:
    assert start("db", "upgrade").process.wait(timeout=READY_SECONDS) == 0
    for broker in ("", servers.broker("redis")):
        port = str(servers.free_port())
        worker = start("worker", "--metrics-port", port, GRADER_BROKER_URL=broker, GRADER_METRICS="loopback")
        worker.wait_for("is running")
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            assert 'grader_waiting{kind="submissions"} 0.0' in answer.read().decode()
        assert worker.end() == 0
        assert "has stopped" in worker.rest()
