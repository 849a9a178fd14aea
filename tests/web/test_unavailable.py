"""The database away: 503 with a time to come back, and what was typed is kept; a queue that the page follows."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from grader.services.submissions import judge_stored
from grader.store.database import writing
from grader.store.jobs import Job
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge

PROBLEM, ASSIGNMENT = "jacobian-polynomial-map", 3
TYPED = '[[2x, "<y>"], [1, 2]]'


@pytest.fixture
def away(engine: Engine) -> Iterator[list[bool]]:
    """A database that answers nothing any more as soon as there is something in the list."""
    is_away: list[bool] = []

    def refuse(*_: object) -> None:
        if is_away:
            raise OperationalError("connect", {}, ConnectionRefusedError("connection refused"))

    event.listen(engine, "engine_connect", refuse)
    yield is_away
    event.remove(engine, "engine_connect", refuse)


def test_what_was_typed_is_kept_and_can_be_sent_again(
    student: Visitor, away: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    address = student.attempt(PROBLEM, ASSIGNMENT)
    token = student.page(address).split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "answer.jacobian.text": TYPED, "key": "one"}
    away.append(True)
    refused = student.client.post(f"{address}/answer", data=fields)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert TYPED in unescape(refused.text)
    assert f'action="{address}/answer?"' in refused.text
    assert TYPED not in caplog.text
    asked = student.client.post(f"{address}/answer", data=fields, headers={"Accept": "application/json"})
    assert asked.status_code == 503
    assert "message" in asked.get_json()
    assert student.get("/").status_code == 503
    assert student.get("/healthz").status_code == 200
    assert student.get("/readyz").status_code == 503
    away.clear()
    assert student.client.post(f"{address}/answer", data=fields).status_code == 303


def test_a_password_is_never_put_on_a_page(anonymous: Visitor, away: list[bool]) -> None:
    token = anonymous.page("/login").split('name="csrf_token" value="')[1].split('"')[0]
    away.append(True)
    fields = {"csrf_token": token, "login": "ada", "password": "very secret words"}
    refused = anonymous.client.post("/login", data=fields)
    assert refused.status_code == 503
    assert "very secret words" not in refused.text


def test_the_page_says_the_place_in_the_queue_and_follows(
    app: Flask, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    address = student.attempt(PROBLEM, ASSIGNMENT)
    state = app.extensions["grader"]
    leaving = type(state)(**{name: getattr(state, name) for name in state.__slots__} | {"judge_new": lambda *_: None})
    app.extensions["grader"] = leaving  # the judge has no time for this one
    assert student.post(f"{address}/answer", {"answer.jacobian.text": "[[1, 2], [3, 4]]"}).status_code == 303
    page = student.page(address)
    assert f'data-queued="{address}/queued"' in page
    assert "Your answer is stored" in page
    assert student.get(f"{address}/queued").get_json()["place"] == 1
    clock.advance(minutes=1)
    assert judge_stored(sessions, clock, judge) == 1
    assert student.get(f"{address}/queued").get_json() == {"place": None, "sentence": ""}
    assert "data-queued" not in student.page(address)


def test_staff_see_dead_jobs_and_have_them_tried_again(
    teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    with sessions() as session, writing(session):
        for key in ("one", "two"):
            values = {"kind": "mail", "key": key, "payload": {}, "created": clock(), "due": clock()}
            session.add(Job(**values, state="dead", taken=8, error=f"no answer from {key}"))
            session.flush()
        first, second = session.scalars(select(Job.id).where(Job.kind == "mail").order_by(Job.id))
    page = teacher.page("/jobs")
    assert "no answer from one" in page
    assert teacher.post(f"/jobs/{first}/again", {}).status_code == 303
    assert teacher.post(f"/jobs/{second}/remove", {}).status_code == 303
    assert teacher.post(f"/jobs/{second}/remove", {}).status_code == 404
    assert "Nothing has been given up" in teacher.page("/jobs")
