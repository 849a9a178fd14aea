"""ETag, If-Match and If-None-Match; how many requests a token may send."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.config import Config
from grader.web.app import create_app
from tests.api.conftest import CHOICE_PROBLEM, MATRIX_PROBLEM, Caller, Callers, Place, grade_here, judge_here, problem
from tests.factories import SteadyClock


def test_a_change_needs_the_present_etag(teacher: Caller, place: Place) -> None:
    path = f"/assignments/{place.assignment_id}"
    read = teacher.send("GET", path)
    tag = read.headers["ETag"]
    assert problem(teacher.send("PATCH", path, {"title": "A"}), 428)["code"] == "precondition-required"
    changed = teacher.send("PATCH", path, {"title": "A", "tries": None, "hidden": True}, If_Match=tag)
    assert changed.status_code == 200, changed.text
    assert changed.get_json() == read.get_json() | {"title": "A", "tries": None, "visibility": "hidden"}
    assert changed.headers["ETag"] not in ("", tag)
    assert teacher.send("GET", path).headers["ETag"] == changed.headers["ETag"]
    for late in (tag, '"x"', "x", f"W/{changed.headers['ETag']}"):
        assert problem(teacher.send("PATCH", path, {"title": "B"}, If_Match=late), 412)["code"] == "precondition-failed"
    assert teacher.get(path)["title"] == "A"
    both = f'"x", {changed.headers["ETag"]}'
    assert teacher.send("PATCH", path, {"title": "C"}, If_Match=both).get_json()["title"] == "C"
    assert teacher.send("PATCH", path, {"title": "D"}, If_Match="*").get_json()["title"] == "D"


ON_TIME = {"kind": "none", "grace": 0, "loss": 0, "floor": 0, "until": None}
CHANGES = [
    ({"due": "2030-01-31T22:00:00Z", "penalty": 0.1}, {"due": "2030-01-31T22:00:00Z", "penalty": 0.1}),
    ({"late": {**ON_TIME, "kind": "grace", "grace": 15}}, {"late": {**ON_TIME, "kind": "grace", "grace": 15}}),
    ({"late": None}, {"late": ON_TIME}),
    ({"exam": True, "one_variant": True}, {"exam": True, "one_variant": True}),
    ({"opens": "2026-03-01T00:00:00Z", "tries": 1}, {"opens": "2026-03-01T00:00:00Z", "tries": 1}),
    ({}, {}),
]  # fmt: skip


def test_what_is_not_given_stays(teacher: Caller, place: Place) -> None:
    path = f"/assignments/{place.assignment_id}"
    for change, wanted in CHANGES:
        before = teacher.get(path)
        after = teacher.send("PATCH", path, change, If_Match="*").get_json()
        assert after == before | wanted, change


def test_problems_are_replaced(teacher: Caller, place: Place) -> None:
    path = f"/assignments/{place.assignment_id}"
    given = [{"id": CHOICE_PROBLEM, "points": 7}]
    after = teacher.send("PATCH", path, {"problems": given}, If_Match="*").get_json()
    assert [(one["problem_id"], one["max_points"]) for one in after["problems"]] == [(CHOICE_PROBLEM, 7)]
    given = [{"id": MATRIX_PROBLEM}, {"id": CHOICE_PROBLEM}]
    after = teacher.send("PATCH", path, {"problems": given}, If_Match="*").get_json()
    assert [one["problem_id"] for one in after["problems"]] == [MATRIX_PROBLEM, CHOICE_PROBLEM]
    for problems in ([], [{"id": "none"}], [{"id": MATRIX_PROBLEM}] * 2):
        problem(teacher.send("PATCH", path, {"problems": problems}, If_Match="*"), 422)


def test_what_is_known_is_not_sent_again(teacher: Caller, place: Place) -> None:
    for path in (f"/assignments/{place.assignment_id}", f"/courses/{place.course_id}", f"/problems/{MATRIX_PROBLEM}"):
        read = teacher.send("GET", path)
        known = teacher.send("GET", path, None, If_None_Match=read.headers["ETag"])
        assert (known.status_code, known.data) == (304, b"")
        assert known.headers["ETag"] == read.headers["ETag"]
        assert teacher.send("GET", path, None, If_None_Match='"x"').status_code == 200


@pytest.fixture
def narrow(config: Config, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, place: Place) -> Flask:
    """A server that takes three requests a minute of each token."""
    assert place
    return create_app(replace(config, api_requests_per_minute=3), sessions, bank, grade_here, clock, judge_here)


def test_requests_of_a_token_are_limited(narrow: Flask, callers: Callers) -> None:
    first, second = callers.of("teacher"), callers.of("teacher")
    first.client = second.client = narrow.test_client()
    left = [first.send("GET", "/courses").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    response = first.send("GET", "/courses")
    assert problem(response, 429)["code"] == "too-many-requests"
    assert 1 <= int(response.headers["Retry-After"]) == int(response.headers["RateLimit-Reset"]) <= 60
    assert (response.headers["RateLimit-Limit"], response.headers["RateLimit-Remaining"]) == ("3", "0")
    assert second.send("GET", "/courses").status_code == 200
