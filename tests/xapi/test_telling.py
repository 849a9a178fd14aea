"""A real learning record store is told what was answered: once each, whatever it is up to meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.services import gradings, statements, submissions, users
from grader.services.access import Actor
from grader.services.statements import Reporter, Telling
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.statements import Statement
from grader.store.users import User
from grader.xapi.sending import Store
from tests.factories import Scene, SteadyClock, grade_words
from tests.servers import free_port
from tests.xapi.store import kept, running

pytestmark = pytest.mark.live
HOME = "https://grader.example"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("ralph")) as store:
        yield store


@pytest.fixture
def reporter(sessions: sessionmaker[Session], clock: SteadyClock, store: Store) -> Iterator[Reporter]:
    statements.switch(sessions, is_on=True)
    with httpx.Client(timeout=30) as client:
        yield Reporter(sessions, clock, client, Telling(store, HOME), Random(1))


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def answer(scene: Scene, student: Actor, *texts: str) -> int:
    """Submit these one after the other to one problem; the id of the last submission."""
    attempt = scene.open(student)
    done = 0
    for text in texts:
        scene.clock.advance(seconds=1)
        args = (scene.session, scene.clock, grade_words, student, attempt.id)
        done = submissions.submit(*args, {"a": text, "b": text}).id
    return done


def told(reporter: Reporter) -> None:
    for _ in range(10):
        if not reporter.send_next():
            return
    pytest.fail("statements are sent without end")


def states(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Statement.state).order_by(Statement.id)))


def login_of(scene: Scene, student: Actor) -> str:
    return users.user(scene.session, student.user_id).login


def test_answers_arrive_with_their_scores_and_without_names(
    scene: Scene, session: Session, reporter: Reporter, store: Store
) -> None:
    ada = scene.add_person()
    answer(scene, ada, "wrong", "half", "right")
    told(reporter)
    found = kept(store, login_of(scene, ada))
    assert states(session) == ["sent"] * 3
    assert [one["result"]["score"] for one in found] == [
        {"scaled": scaled, "raw": raw, "min": 0, "max": 3} for scaled, raw in ((0, 0), (0.5, 1.5), (1, 3))
    ]
    assert [one["result"]["success"] for one in found] == [False, False, True]
    assert {one["verb"]["id"].rpartition("/")[2] for one in found} == {"answered"}
    assert all(one["actor"] == {"objectType": "Agent", "account": one["actor"]["account"]} for one in found)
    assert found[0]["actor"]["account"]["homePage"] == HOME
    parents = found[0]["context"]["contextActivities"]["parent"]
    assert found[0]["object"]["id"].startswith(f"{parents[0]['id']}/problems/problem-")
    assert found[0]["object"]["definition"]["name"]["en"].startswith("Title of problem-")


def test_a_later_grading_is_a_score_and_names_are_told_where_that_is_set(
    scene: Scene, session: Session, reporter: Reporter, store: Store
) -> None:
    ada = scene.add_person()
    number = answer(scene, ada, "half")
    reporter.telling = replace(reporter.telling, names=True)
    attempt = session.scalars(select(Attempt.id)).one()
    with writing(session):
        result = grade_words("text", 1, {"a": "right", "b": "right"})
        gradings.record(session, scene.clock(), number, attempt, "regraded", result)
    told(reporter)
    found = kept(store, login_of(scene, ada))
    assert {one["verb"]["id"].rpartition("/")[2]: one["result"]["score"]["scaled"] for one in found} == {
        "answered": 0.5,
        "scored": 1,
    }
    assert {one["actor"]["name"] for one in found} == {users.user(session, ada.user_id).name}


def test_nothing_is_noted_without_a_store(scene: Scene, session: Session, sessions: sessionmaker[Session]) -> None:
    answer(scene, scene.add_person(), "right")
    assert states(session) == []
    statements.switch(sessions, is_on=True)
    statements.switch(sessions, is_on=False)
    answer(scene, scene.add_person(), "right")
    assert states(session) == []


def test_a_store_that_is_away_is_told_later_and_nothing_twice(
    scene: Scene, session: Session, reporter: Reporter, store: Store, clock: SteadyClock
) -> None:
    ada = scene.add_person()
    answer(scene, ada, "right")
    away = replace(store, endpoint=f"http://127.0.0.1:{free_port()}/xAPI")
    reporter.telling = Telling(away, HOME)
    told(reporter)
    assert states(session) == ["waiting"]
    reporter.telling = Telling(store, HOME)
    told(reporter)
    assert kept(store, login_of(scene, ada)) == []  # not before its time
    for _ in range(2):
        clock.advance(seconds=6)
        told(reporter)
        with writing(session):  # as if the answer of the store had been lost
            row = session.scalars(select(Statement)).one()
            row.state, row.due = "waiting", clock()
    told(reporter)
    assert (states(session), len(kept(store, login_of(scene, ada)))) == (["sent"], 1)


def test_a_wrong_password_waits_and_an_unfit_statement_holds_up_no_other(
    scene: Scene, session: Session, reporter: Reporter, store: Store, clock: SteadyClock
) -> None:
    ada = scene.add_person()
    answer(scene, ada, "wrong", "right")
    with writing(session):
        session.scalars(select(Statement).order_by(Statement.id)).first().statement_id = "no UUID"  # type: ignore[union-attr]
    reporter.telling = Telling(replace(store, secret="another"), HOME)
    told(reporter)
    assert states(session) == ["waiting", "waiting"]
    reporter.telling = Telling(store, HOME)
    clock.advance(seconds=6)
    told(reporter)
    assert states(session) == ["refused", "sent"]
    assert [one["result"]["score"]["scaled"] for one in kept(store, login_of(scene, ada))] == [Fraction(1)]


def test_nobody_is_told_of_previews_and_of_those_who_have_left(
    scene: Scene, session: Session, reporter: Reporter, store: Store
) -> None:
    ada = scene.add_person()
    answer(scene, ada, "right")
    answer(scene, scene.teacher, "right")
    login = login_of(scene, ada)
    with writing(session):
        for attempt in session.scalars(select(Attempt).where(Attempt.student_id == scene.teacher.user_id)):
            attempt.preview = True
        session.get_one(User, ada.user_id).closed = scene.clock()
    told(reporter)
    assert states(session) == ["nothing", "nothing"]
    assert kept(store, login) == []
