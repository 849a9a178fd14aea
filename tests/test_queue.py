"""Jobs on a database table, and the worker that does them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.grading import Result
from grader.services import attempts, submissions
from grader.store.database import writing
from grader.store.jobs import Job
from grader.worker import EmbeddedWorker
from tests.factories import Scene, SteadyClock, grade_words


def put(session: Session, clock: SteadyClock, number: int = 0, **options: Any) -> None:
    with writing(session):
        queue.put(session, clock(), "mail", {"number": number}, **options)


def test_the_oldest_first_and_each_once(session: Session, clock: SteadyClock) -> None:
    for number in range(3):
        put(session, clock, number)
    assert queue.take(session, clock(), ["other"]) is None
    taken = [queue.take(session, clock(), ["mail"]) for _ in range(4)]
    assert [job and job.payload["number"] for job in taken] == [0, 1, 2, None]
    for job in taken:
        if job:
            queue.finish(session, clock(), job)
    assert session.scalars(select(Job.id)).all() == []


def test_a_job_belongs_to_its_transaction(session: Session, clock: SteadyClock) -> None:
    with pytest.raises(KeyboardInterrupt):
        put_then_stop(session, clock)
    assert queue.take(session, clock(), ["mail"]) is None


def put_then_stop(session: Session, clock: SteadyClock) -> None:
    with writing(session):
        put(session, clock)
        raise KeyboardInterrupt


def test_a_key_is_put_once(session: Session, clock: SteadyClock) -> None:
    put(session, clock, 1, key="k")
    put(session, clock, 2, key="k")
    assert [row["number"] for row in session.scalars(select(Job.payload))] == [1]


def test_later_means_later(session: Session, clock: SteadyClock) -> None:
    put(session, clock, due=clock() + timedelta(minutes=1))
    assert queue.take(session, clock(), ["mail"]) is None
    clock.advance(minutes=1)
    assert queue.take(session, clock(), ["mail"]) is not None


def test_a_lost_job_comes_back_and_its_first_taker_is_too_late(session: Session, clock: SteadyClock) -> None:
    put(session, clock)
    lost = queue.take(session, clock(), ["mail"])
    clock.advance(seconds=queue.LEASE.total_seconds())
    found = queue.take(session, clock(), ["mail"])
    assert lost is not None
    assert found is not None
    assert (found.id, found.taken) == (lost.id, 2)
    queue.finish(session, clock(), lost)
    assert session.scalars(select(Job.taken)).all() == [2]
    queue.finish(session, clock(), found)
    assert session.scalars(select(Job.taken)).all() == []


def test_failing_pauses_longer_each_time_then_ends(session: Session, clock: SteadyClock) -> None:
    put(session, clock)
    waits = []
    for _ in range(queue.MOST_TAKEN):
        began = clock()
        while (job := queue.take(session, clock(), ["mail"])) is None:
            clock.advance(seconds=5)
        waits.append((clock() - began) // queue.FIRST_PAUSE)
        queue.fail(session, clock(), job, "no answer")
    assert waits == [0, 1, 2, 4, 8, 16, 32, 64]
    clock.advance(days=7)
    assert queue.take(session, clock(), ["mail"]) is None
    assert session.execute(select(Job.state, Job.error)).one() == ("dead", "no answer")


def test_a_job_that_ends_its_process_each_time_is_dead(session: Session, clock: SteadyClock) -> None:
    put(session, clock, 1)
    for _ in range(queue.MOST_TAKEN):
        assert queue.take(session, clock(), ["mail"]) is not None  # and nobody is left to say that it failed
        clock.advance(seconds=queue.LEASE.total_seconds())
    put(session, clock, 2)
    taken = [queue.take(session, clock(), ["mail"]) for _ in range(2)]
    assert [job and job.payload["number"] for job in taken] == [2, None]
    assert session.execute(select(Job.state, Job.error).filter_by(state="dead")).one() == ("dead", queue.LOST)
    (job_id,) = session.scalars(select(Job.id).filter_by(state="dead"))
    assert queue.take_one(session, clock(), job_id, ["mail"]) is None


def test_a_dead_job_begins_anew_when_it_is_asked_for(session: Session, clock: SteadyClock) -> None:
    put(session, clock, 1, key="k")
    for _ in range(queue.MOST_TAKEN):
        while (job := queue.take(session, clock(), ["mail"])) is None:
            clock.advance(minutes=1)
        queue.fail(session, clock(), job, "no answer")
    put(session, clock, 2, key="k")
    found = queue.take(session, clock(), ["mail"])
    assert found is not None
    assert (found.payload["number"], found.taken) == (2, 1)


def test_what_is_asked_for_while_it_is_done_is_done_once_more(session: Session, clock: SteadyClock) -> None:
    put(session, clock, 1, key="k")
    first = queue.take(session, clock(), ["mail"])
    assert first is not None
    put(session, clock, 2, key="k")
    put(session, clock, 3, key="k")
    assert queue.take(session, clock(), ["mail"]) is None  # one at a time
    queue.finish(session, clock(), first)
    second = queue.take(session, clock(), ["mail"])
    assert second is not None
    assert (second.payload["number"], second.taken) == (3, 1)
    queue.finish(session, clock(), second)
    assert session.scalars(select(Job.id)).all() == []


def test_what_failed_keeps_its_pause_when_it_is_asked_for_again(session: Session, clock: SteadyClock) -> None:
    put(session, clock, 1, key="k")
    job = queue.take(session, clock(), ["mail"])
    assert job is not None
    queue.fail(session, clock(), job, "no answer")
    put(session, clock, 2, key="k")
    assert session.execute(select(Job.taken, Job.error, Job.due)).one() == (1, "no answer", clock() + queue.FIRST_PAUSE)


def test_many_takers_get_each_job_once(session: Session, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    for number in range(30):
        put(session, clock, number)

    def take_all(_: int) -> list[int]:
        with sessions() as own:
            taken = []
            while (job := queue.take(own, clock(), ["mail"])) is not None:
                taken.append(job.payload["number"])
            return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [number for numbers in pool.map(take_all, range(6), timeout=60) for number in numbers]
    assert sorted(taken) == list(range(30))


def test_worker_judges_and_does_jobs(session: Session, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    scene = Scene(session, clock)
    ada = scene.add_person()
    attempt = scene.open(ada)
    submissions.store(session, clock(), ada, attempt.id, {"a": "right"})  # its server died
    mailed: list[int] = []
    judged, done = Event(), Event()

    def mail(_: Session, payload: Mapping[str, Any]) -> None:
        mailed.append(payload["number"])
        if payload["number"] == 13:
            raise ZeroDivisionError
        if payload["number"] == 2:
            done.set()

    def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        judged.set()
        return grade_words(source, seed, responses)

    for number in (1, 13, 2):
        put(session, clock, number)
    with EmbeddedWorker(sessions, clock, judge, {"mail": mail}, pause=60) as worker:
        assert judged.wait(30)
        assert done.wait(30)
        done.clear()
        put(session, clock, 2)
        worker.wake()
        assert done.wait(30)
        assert worker.stop(30)
    assert mailed == [1, 13, 2, 2]
    session.rollback()
    (sent,) = attempts.attempt(session, clock, ada, attempt.id).submissions
    assert (sent.state, sent.score) == ("judged", 2)
    left = session.execute(select(Job.payload, Job.error).filter_by(kind="mail"))
    assert left.one() == ({"number": 13}, "ZeroDivisionError: ")


def test_worker_goes_on_after_the_database_was_away(
    sessions: sessionmaker[Session], clock: SteadyClock, caplog: pytest.LogCaptureFixture
) -> None:
    looks = Event()
    faults = iter([ConnectionError("the database is away")])

    def unsteady() -> Any:
        for fault in faults:
            raise fault
        looks.set()
        return clock()

    with EmbeddedWorker(sessions, unsteady, grade_words, pause=0.01):
        assert looks.wait(30)
    assert "will look again" in caplog.text
