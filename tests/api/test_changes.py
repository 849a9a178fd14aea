"""Extensions and marks by programs; what nobody else has changed meanwhile; routes that are to go."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from grader.web.api import ROUTES
from grader.web.api.deprecations import Deprecation
from grader.web.api.document import document
from grader.web.api.machinery import KEY
from tests.api.conftest import MATRIX_PROBLEM, Caller, Callers, Place, problem


@pytest.fixture
def submission(teacher: Caller, ada: Caller, place: Place) -> dict[str, Any]:
    path = f"/assignments/{place.assignment_id}/students/{ada.user_id}/attempts"
    attempt = teacher.post(path, {"problem_id": MATRIX_PROBLEM}, 200)["items"][0]
    sent: dict[str, Any] = teacher.post(
        f"/attempts/{attempt['id']}/submissions", {"responses": {"jacobian": "[[1, 2], [3, 4]]"}}
    )
    return sent


def test_an_extension_is_given_and_withdrawn(teacher: Caller, ada: Caller, place: Place, submission: Any) -> None:
    listed, path = (
        f"/assignments/{place.assignment_id}/extensions",
        f"/assignments/{place.assignment_id}/students/{ada.user_id}/extension",
    )
    before = teacher.send("GET", path)
    nothing = {"student_id": ada.user_id, "student_name": "Ada", "due": None, "tries": None}
    assert before.get_json() == nothing
    assert problem(teacher.send("PUT", path, {"tries": 7}), 428)["code"] == "precondition-required"
    given = teacher.send("PUT", path, {"tries": 7}, If_Match=before.headers["ETag"])
    assert given.get_json() == nothing | {"tries": 7}
    assert given.headers["ETag"] == teacher.send("GET", path).headers["ETag"]
    assert teacher.get(listed)["items"] == [given.get_json()]
    assert teacher.get(f"/attempts/{submission['attempt_id']}")["tries_left"] == 6
    for method, body in (("PUT", {"tries": 8}), ("DELETE", None)):
        problem(teacher.send(method, path, body, If_Match=before.headers["ETag"]), 412)
    for body in ({}, {"due": "2030-01-01T00:00:00Z"}, {"tries": 0}, {"tries": "7"}):
        problem(teacher.send("PUT", path, body, If_Match="*"), 422)
    assert teacher.send("DELETE", path, None, If_Match=given.headers["ETag"]).get_json() == nothing
    assert teacher.get(listed)["items"] == []
    assert teacher.get(f"/attempts/{submission['attempt_id']}")["tries_left"] == 2


def test_a_mark_is_given_and_withdrawn(teacher: Caller, submission: Any) -> None:
    path = f"/submissions/{submission['id']}/marks/jacobian"
    before = teacher.send("GET", path)
    assert (before.get_json()["points"], before.get_json()["author"]) == (None, "")
    body = {"points": 0.5, "comment": "Near.", "reason": "The shape is right."}
    problem(teacher.send("PUT", path, body), 428)
    given = teacher.send("PUT", path, body, If_Match=before.headers["ETag"])
    assert given.get_json().items() >= (body | {"part": "jacobian", "author": "Teacher"}).items()
    assert teacher.get(f"/submissions/{submission['id']}/marks")["items"] == [given.get_json()]
    assert teacher.get(f"/submissions/{submission['id']}")["score"] == 0.5
    for method, late in (("PUT", {"points": 1, "reason": "x"}), ("DELETE", None)):
        problem(teacher.send(method, path, late, If_Match=before.headers["ETag"]), 412)
    for senseless in ({}, {"points": 0.5}, {"points": 1e5, "reason": "x"}, {"points": -1}, body):
        problem(teacher.send("PUT", path, senseless, If_Match="*"), 422)
    assert teacher.send("DELETE", path, None, If_Match=given.headers["ETag"]).get_json() == before.get_json()
    assert teacher.get(f"/submissions/{submission['id']}")["score"] == submission["score"]
    problem(teacher.send("DELETE", path, None, If_Match="*"), 404)
    problem(teacher.send("GET", f"/submissions/{submission['id']}/marks/other"), 404)


def at_once(callers: Callers, send: Callable[[Caller, int], int]) -> list[int]:
    """The statuses of four requests that begin together."""
    crowd = [callers.of("teacher") for _ in range(4)]
    barrier = Barrier(len(crowd))

    def one(number: int) -> int:
        barrier.wait()
        return send(crowd[number], number)

    with ThreadPoolExecutor(len(crowd)) as pool:
        return sorted(pool.map(one, range(len(crowd))))


def test_of_changes_at_once_one_counts(
    callers: Callers, teacher: Caller, ada: Caller, place: Place, submission: Any
) -> None:
    """All have read the same state, and nobody overwrites what they have not seen."""
    for path, body in (
        (f"/assignments/{place.assignment_id}", lambda number: {"title": f"Title {number}"}),
        (f"/assignments/{place.assignment_id}/students/{ada.user_id}/extension", lambda number: {"tries": 10 + number}),
        (
            f"/submissions/{submission['id']}/marks/jacobian",
            lambda number: {"points": number / 4, "reason": f"Reason {number}"},
        ),
    ):
        tag = teacher.send("GET", path).headers["ETag"]
        method = "PUT" if "/students/" in path or "/marks/" in path else "PATCH"

        def send(caller: Caller, number: int, path: str = path, method: str = method, tag: str = tag) -> int:
            return caller.send(method, path, body(number), If_Match=tag).status_code  # noqa: B023 - called at once

        assert at_once(callers, send) == [200, 412, 412, 412], path


def test_a_route_that_is_to_go_says_so(app: Flask, teacher: Caller) -> None:
    assert "Deprecation" not in teacher.send("GET", "/courses").headers
    since, until = datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC)
    planted = {"list_courses": Deprecation(since, until, "https://grader.example/api.html#courses")}
    app.extensions[KEY] = replace(app.extensions[KEY], deprecated=planted)
    headers = teacher.send("GET", "/courses?limit=1").headers
    assert headers["Deprecation"] == f"@{int(since.timestamp())}"
    assert headers["Sunset"] == "Sun, 01 Jun 2031 00:00:00 GMT"
    assert 'rel="deprecation"' in headers.getlist("Link")[-1]
    assert "Deprecation" not in teacher.send("GET", "/problems").headers
    assert "Deprecation" in app.test_client().get("/api/v1/courses").headers  # 401 says so too
    assert teacher.get("/openapi.json")["paths"]["/courses"]["get"]["deprecated"] is True
    marked = [one for methods in document(ROUTES)["paths"].values() for one in methods.values() if "deprecated" in one]
    assert marked == []
