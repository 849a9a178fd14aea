"""Idempotency-Key: done once, answered the same, whoever asks at the same time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from grader.services import courses
from grader.services.access import Actor
from grader.services.idempotency import Answered, Keyed, StillRunning, _claim, once
from grader.web.api import ROUTES
from tests.api.conftest import MATRIX_PROBLEM, Caller, Callers, Place, problem
from tests.factories import SteadyClock

COURSE = {"title": "Once"}


def titles(caller: Caller) -> list[str]:
    return [one["title"] for one in caller.get("/courses")["items"]]


def test_the_same_key_and_body_are_answered_the_same(teacher: Caller, place: Place, clock: SteadyClock) -> None:
    bodies = {
        "/courses": COURSE,
        f"/courses/{place.course_id}/assignments": {"title": "Once", "problems": [{"id": MATRIX_PROBLEM}]},
        f"/courses/{place.course_id}/students": {"login": "chen"},
        f"/assignments/{place.assignment_id}/regrades": {},
        "/webhooks": {"course_id": place.course_id, "url": "https://a.example/", "events": ["grade.changed"]},
    }
    for path, body in bodies.items():
        first = teacher.send("POST", path, body, Idempotency_Key="one")
        again = teacher.send("POST", path, dict(reversed(body.items())), Idempotency_Key="one")
        assert first.status_code == again.status_code in (201, 202), (path, first.text)
        assert first.text == again.text
        assert first.headers["Location"] == again.headers["Location"]
        assert teacher.send("POST", path, body, Idempotency_Key="two").status_code < 300
    assert titles(teacher).count("Once") == 2
    clock.advance(days=1, seconds=1)
    teacher.post("/courses", COURSE, Idempotency_Key="one")
    assert titles(teacher).count("Once") == 3


def test_every_post_that_creates_takes_a_key() -> None:
    without = {route.name for route in ROUTES if route.method == "POST" and not route.takes_key}
    assert without == {"create_checks", "create_variant", "apply_regrade", "undo_regrade", "resend_delivery"}


def test_another_body_is_refused(teacher: Caller) -> None:
    teacher.post("/courses", COURSE, Idempotency_Key="one")
    response = teacher.send("POST", "/courses", {"title": "Other"}, Idempotency_Key="one")
    assert problem(response, 422)["errors"][0]["parameter"] == "Idempotency-Key"
    assert "Other" not in titles(teacher)
    for key in ("", "k" * 201):
        problem(teacher.send("POST", "/courses", COURSE, Idempotency_Key=key), 422)


def test_a_key_is_a_persons_and_a_routes(teacher: Caller, callers: Callers, place: Place) -> None:
    teacher.post("/courses", COURSE, Idempotency_Key="one")
    stranger = callers.of("stranger")
    assert stranger.post("/courses", {"title": "Mine"}, Idempotency_Key="one")["title"] == "Mine"
    body = {"title": "Once", "problems": [{"id": MATRIX_PROBLEM}]}
    teacher.post(f"/courses/{place.course_id}/assignments", body, Idempotency_Key="one")
    problem(callers.of("teacher", "checks:write").send("POST", "/courses", COURSE, Idempotency_Key="one"), 403)


def test_what_failed_can_be_mended_and_sent_again(teacher: Caller, place: Place) -> None:
    path = f"/courses/{place.course_id}/students"
    problem(teacher.send("POST", path, {"login": "nobody"}, Idempotency_Key="one"), 422)
    assert teacher.post(path, {"login": "chen"}, Idempotency_Key="one")["login"] == "chen"


def test_still_running_then_taken_over(teacher: Caller, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    """A server that took the request on and was cut off before it did anything."""
    request = Keyed("POST /api/v1/courses", "one", b'{"title": "Once"}')
    with sessions() as session:
        assert _claim(session, clock, Actor(teacher.user_id), request, "elsewhere") is None
    response = teacher.send("POST", "/courses", COURSE, Idempotency_Key="one")
    assert problem(response, 409)["code"] == "still-running"
    assert response.headers["Retry-After"] == "1"
    problem(teacher.send("POST", "/courses", {"title": "Other"}, Idempotency_Key="one"), 422)
    clock.advance(minutes=1)
    assert teacher.post("/courses", COURSE, Idempotency_Key="one")["title"] == "Once"


def test_many_at_once_create_one(callers: Callers, teacher: Caller) -> None:
    crowd = [callers.of("teacher") for _ in range(8)]
    barrier = Barrier(len(crowd))

    def create(caller: Caller) -> tuple[int, str]:
        barrier.wait()
        response = caller.send("POST", "/courses", COURSE, Idempotency_Key="one")
        return response.status_code, response.text if response.status_code == 201 else ""

    with ThreadPoolExecutor(len(crowd)) as pool:
        answers = Counter(pool.map(create, crowd))
    assert titles(teacher).count("Once") == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert len([status for status, _ in answers if status == 201]) == 1
    assert teacher.send("POST", "/courses", COURSE, Idempotency_Key="one").text in {body for _, body in answers}


def test_what_was_answered_is_kept_encrypted(teacher: Caller, place: Place, engine: Engine) -> None:
    body = {"course_id": place.course_id, "url": "https://a.example/", "events": ["grade.changed"]}
    secret = teacher.post("/webhooks", body, Idempotency_Key="one")["secret"]
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT reply FROM idempotency_keys")).scalar_one()
    assert secret not in kept
    assert "secret" not in kept


def test_what_is_cut_off_leaves_nothing(sessions: sessionmaker[Session], clock: SteadyClock, teacher: Caller) -> None:
    """What was done and what is answered are one transaction, and the key is free again."""
    request = Keyed("POST /api/v1/courses", "one", b'{"title": "Once"}')
    actor = Actor(teacher.user_id)

    def work(session: Session, fault: type[BaseException] | None) -> Answered:
        courses.create_course(session, clock, actor, "Once")
        if fault is not None:
            raise fault
        return Answered(201, "{}")

    for fault in (KeyboardInterrupt, ZeroDivisionError):
        with sessions() as session, pytest.raises(fault):
            once(session, clock, actor, "s" * 40, request, partial(work, session, fault))
        assert "Once" not in titles(teacher)
    with sessions() as session:
        assert once(session, clock, actor, "s" * 40, request, partial(work, session, None)).status == 201
    assert titles(teacher).count("Once") == 1


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_who_was_taken_over_does_nothing(sessions: sessionmaker[Session], clock: SteadyClock, teacher: Caller) -> None:
    """The first is slower than the time that it has, the second does the work meanwhile."""
    request = Keyed("POST /api/v1/courses", "one", b'{"title": "Once"}')
    actor = Actor(teacher.user_id)

    def create(session: Session) -> Answered:
        courses.create_course(session, clock, actor, "Once")
        return Answered(201, "{}")

    def slow(session: Session) -> Answered:
        clock.advance(minutes=2)
        with sessions() as other:
            once(other, clock, actor, "s" * 40, request, partial(create, other))
        return create(session)

    with sessions() as session, pytest.raises(StillRunning):
        once(session, clock, actor, "s" * 40, request, partial(slow, session))
    assert titles(teacher).count("Once") == 1
