"""Admission: so many are judged while their senders wait, the others get a place in the queue; nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import Forbidden, NotFound
from grader.grading import Result
from grader.isolation import JudgeStopped
from grader.services import admission, attempts, dead_jobs, submissions
from grader.services.access import Actor
from grader.services.admission import Desk, queued
from grader.services.submissions import SubmissionView, judge_stored
from grader.store.database import writing
from grader.store.jobs import Job
from tests.factories import Scene, SteadyClock, grade_words


class SlowJudge:
    """Says when it has begun, and judges when it is let."""

    def __init__(self) -> None:
        self.begun = Semaphore(0)
        self.goes_on = Event()

    def __call__(self, source: str, seed: int, responses: Mapping[str, str]) -> Result:
        self.begun.release()
        assert self.goes_on.wait(60)
        return grade_words(source, seed, responses)


def send(
    sessions: sessionmaker[Session], clock: SteadyClock, desk: Desk, student: Actor, attempt_id: int
) -> SubmissionView:
    with sessions() as session:
        return admission.submit(session, clock, desk, student, attempt_id, {"a": "right"})


def test_those_beyond_the_places_queue_and_lose_nothing(
    session: Session, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    scene, judge = Scene(session, clock), SlowJudge()
    view = scene.add_assignment()
    students = [scene.add_person() for _ in range(5)]
    opened = [attempts.open_attempts(session, clock, student, view.id)[0].id for student in students]
    session.rollback()
    with Desk(sessions, clock, judge, places=2, seconds=60) as desk, ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(send, sessions, clock, desk, *each) for each in zip(students[:2], opened[:2], strict=True)
        ]
        for _ in waiting:
            assert judge.begun.acquire(timeout=60)
        late = [send(sessions, clock, desk, *each) for each in zip(students[2:], opened[2:], strict=True)]
        assert [one.state for one in late] == ["stored"] * 3
        assert [queued(session, one).place for one in late] == [3, 4, 5]
        session.rollback()
        assert judge_stored(sessions, clock, grade_words) == 3  # a worker has them at once
        judge.goes_on.set()
        assert [one.result(60).score for one in waiting] == [2, 2]
    session.rollback()
    assert [queued(session, one.result()).place for one in waiting] == [None, None]


def test_who_waits_too_long_is_let_go_and_the_result_follows(
    session: Session, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    scene, judge = Scene(session, clock), SlowJudge()
    ada = scene.add_person()
    attempt = scene.open(ada)
    session.rollback()
    with Desk(sessions, clock, judge, places=1, seconds=0.01) as desk:
        sent = send(sessions, clock, desk, ada, attempt.id)
        assert sent.state == "stored"
        judge.goes_on.set()
    assert submissions.submission(session, clock, ada, sent.id).score == 2
    closed = send(sessions, clock, desk, ada, attempt.id)  # the server stops: the next one judges it
    assert closed.state == "stored"
    assert judge_stored(sessions, clock, grade_words) == 1


def test_a_judge_that_stops_hands_over(session: Session, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    def stop(*_: object) -> Result:
        raise JudgeStopped("the judge was stopped")

    scene = Scene(session, clock)
    ada = scene.add_person()
    attempt = scene.open(ada)
    session.rollback()
    with Desk(sessions, clock, stop, places=1, seconds=60) as desk:
        assert send(sessions, clock, desk, ada, attempt.id).state == "stored"
    assert judge_stored(sessions, clock, grade_words) == 1


def test_staff_look_after_dead_jobs(session: Session, clock: SteadyClock) -> None:
    scene = Scene(session, clock)
    with writing(session):
        for number, state in enumerate(("dead", "dead", "waiting")):
            values = {"kind": "mail", "key": str(number), "payload": {}, "created": clock(), "due": clock()}
            session.add(Job(**values, state=state, taken=8, error="no answer"))
    found = dead_jobs.backlog(session, scene.teacher)
    assert (found.jobs, found.submissions, found.stuck) == ({"mail": 1}, 0, 0)
    newer, older = found.dead
    assert (newer.kind, newer.error, newer.taken) == ("mail", "no answer", 8)
    dead_jobs.try_again(session, clock, scene.teacher, newer.id)
    dead_jobs.remove(session, clock, scene.teacher, older.id)
    for gone in (newer.id, older.id):
        with pytest.raises(NotFound):
            dead_jobs.remove(session, clock, scene.teacher, gone)
    assert dead_jobs.backlog(session, scene.teacher).jobs == {"mail": 2}
    assert session.scalars(select(Job.taken).order_by(Job.taken)).all() == [0, 8]
    with pytest.raises(Forbidden):
        dead_jobs.backlog(session, scene.add_person())
