"""The bell over real Redis and RabbitMQ: heard where it is rung, missed by nobody where it is lost or doubled."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.broker import Bell, open_app
from grader.grading import Result
from grader.isolation import JudgeStopped
from grader.services import submissions
from grader.store.database import open_sessions, writing
from grader.store.gradings import Grading
from grader.store.jobs import Job
from grader.worker import EmbeddedWorker
from tests import servers
from tests.factories import Scene, SteadyClock, grade_words

LISTENER = """
import sys
from grader.broker import listen

def look(table, row_id):
    if row_id == 13:
        raise ZeroDivisionError
    print(f"heard {table} {row_id}\\n", end="", flush=True)  # in one piece: two threads print

listen(sys.argv[1], look, 2, sys.argv[2])
print("ended", flush=True)
"""


class Listener:
    """A process that listens on a queue of its own and prints what it hears."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.queue = f"grader-test-{uuid4().hex}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTENER, url, self.queue],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def next_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(
    params=[pytest.param("redis", marks=pytest.mark.redis), pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)]
)
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    listening = Listener(servers.broker(request.param))
    yield listening
    listening.close()
    app = open_app(listening.url, listening.queue)
    with app.connection_for_write() as connection:
        connection.channel().queue_delete(listening.queue)
    app.close()


def test_what_is_rung_is_heard_and_a_fault_ends_nothing(listener: Listener) -> None:
    with Bell(listener.url, listener.queue) as bell:
        bell.ring("job", 7)
        assert listener.next_line() == "heard job 7"
        for number in (13, 8, 8):
            bell.ring("submission", number)
        assert [listener.next_line() for _ in range(2)] == ["heard submission 8"] * 2
    listener.process.terminate()
    assert listener.process.stdout is not None
    assert "ended" in listener.process.stdout.read().splitlines()
    assert listener.process.wait(timeout=30) == 0


class Said(logging.Handler):
    """Tells when a line with these words is logged, and counts them."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.times = 0
        self.event = Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage():
            self.times += 1
            self.event.set()


@pytest.mark.redis
def test_a_broker_that_is_away_delays_nobody_and_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = shutil.which("redis-server") or servers.missing("redis", "redis-server is not installed")
    port = servers.free_port()
    away, back = Said("does not answer"), Said("answers again")
    caplog.set_level(logging.INFO)
    logger = logging.getLogger("grader.broker")
    for handler in (away, back):
        logger.addHandler(handler)
    server = None
    try:
        with Bell(f"redis://127.0.0.1:{port}", pause=0.02) as bell:
            bell.ring("job", 1)
            assert away.event.wait(30)
            options = ["--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
            server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
            for number in range(1500):
                bell.ring("job", number)
                if back.event.wait(0.02):
                    break
    finally:
        for handler in (away, back):
            logger.removeHandler(handler)
        if server is not None:
            server.terminate()
            server.wait(timeout=30)
    assert (away.times, back.times) == (1, 1)


@pytest.fixture
def rung() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def sessions(engine: Engine, rung: list[tuple[str, int]]) -> sessionmaker[Session]:
    return open_sessions(engine, **{queue.BELL: lambda table, row_id: rung.append((table, row_id))})


def test_a_job_is_told_of_once_it_is_committed(
    session: Session, clock: SteadyClock, rung: list[tuple[str, int]]
) -> None:
    with writing(session):
        queue.put(session, clock(), "mail", {}, key="k")
        assert rung == []
    with writing(session):
        queue.put(session, clock(), "mail", {}, key="k")  # it waits already
        queue.put(session, clock(), "mail", {}, due=clock() + timedelta(days=1))  # found when it is due
    with pytest.raises(ZeroDivisionError):
        put_then_fail(session, clock)
    with writing(session):
        pass
    (kept, _) = session.scalars(select(Job.id).order_by(Job.id))
    assert rung == [("job", kept)]


def put_then_fail(session: Session, clock: SteadyClock) -> None:
    with writing(session):
        queue.put(session, clock(), "mail", {})
        raise ZeroDivisionError


def test_doubled_lost_and_wrong_messages_change_nothing(
    session: Session, sessions: sessionmaker[Session], clock: SteadyClock, rung: list[tuple[str, int]]
) -> None:
    scene = Scene(session, clock)
    done: list[int] = []
    grace = timedelta(seconds=5)
    handlers = {"mail": lambda _session, payload: done.append(payload["number"])}
    worker = EmbeddedWorker(sessions, clock, grade_words, handlers, grace=grace)
    ada = scene.add_person()
    attempt_id = scene.open(ada).id
    rung.clear()
    sent, *_ = submissions.store(session, clock(), ada, attempt_id, {"a": "right"})
    submissions.leave(session, clock, sent)
    with writing(session):
        queue.put(session, clock(), "mail", {"number": 1})
        queue.put(session, clock(), "mail", {"number": 2})
    told = list(rung)
    assert told[0] == ("submission", sent)
    assert [table for table, _ in told[1:]] == ["job", "job"]
    assert worker.run_once() == 0  # those who are told come first
    for _ in range(3):
        worker.look(*told[0])
        worker.look(*told[1])
    worker.look("submission", 10**6)
    worker.look("job", 10**6)
    worker.look("nonsense", 1)
    session.rollback()
    assert done == [1]
    assert session.scalar(select(func.count()).select_from(Grading)) == 1
    clock.advance(seconds=grace.total_seconds())  # the second message was lost
    assert worker.run_once() == 1
    assert done == [1, 2]


def test_what_a_judge_that_stops_had_in_hand_goes_to_the_next(
    session: Session, sessions: sessionmaker[Session], clock: SteadyClock, rung: list[tuple[str, int]]
) -> None:
    scene = Scene(session, clock)

    def stop(*_: Any) -> Result:
        raise JudgeStopped("the judge was stopped")

    ada = scene.add_person()
    attempt_id = scene.open(ada).id
    rung.clear()
    sent = submissions.submit(session, clock, stop, ada, attempt_id, {"a": "right"})
    with writing(session):
        queue.put(session, clock(), "prove", {})
    worker = EmbeddedWorker(sessions, clock, stop, {"prove": stop})
    assert worker._do_next_job()
    assert sent.state == "stored"
    assert rung.count(("submission", sent.id)) == 1
    assert [table for table, _ in rung].count("job") == 2
    session.rollback()
    assert session.execute(select(Job.taken, Job.state, Job.due).filter_by(kind="prove")).one() == (
        0,
        "waiting",
        clock(),
    )
    assert submissions.judge_one(sessions, clock, grade_words, sent.id)
    assert not submissions.judge_one(sessions, clock, grade_words, sent.id)
