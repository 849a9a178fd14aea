"""A walk over all routes: who may, and what everybody else is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter
from werkzeug.test import TestResponse

from grader.services.access import SCOPES
from grader.web.api import ROUTES
from grader.web.api.document import document
from grader.web.api.routes import Route
from tests.api.conftest import CHOICE_PROBLEM, MATRIX_PROBLEM, Caller, Callers, Place, problem

BODIES: dict[str, Any] = {
    "create_checks": {"response": "x", "answer": "x"},
    "create_variant": {"seed": 7},
    "create_course": {"title": "Another"},
    "change_assignment": {"title": "Another title"},
    "create_assignment": {"title": "Another", "problems": [{"id": MATRIX_PROBLEM}]},
    "enrol_student": {"login": "ada"},
    "open_attempts": {},
    "propose_regrade": {"policy": "exact"},
    "create_webhook": {"course_id": 0, "url": "https://lms.example/hook", "events": ["submission.graded"]},
    "submit": {"responses": {"jacobian": "[[1, 2], [3, 4]]"}},
    "put_extension": {"tries": 5},
    "put_mark": {"points": 1, "reason": "A slip."},
}
NOT_YET = {"apply_regrade", "undo_regrade"}
"""The regrade at hand is under way still; tests/api/test_regrades.py goes on from there."""
NOBODY = 2**63 - 1
Ids = dict[str, Any]


@pytest.fixture
def ids(place: Place, callers: Callers) -> Ids:
    """Things of the course, one of each kind."""
    teacher, ada = callers.of("teacher"), callers.of("ada")
    opened = teacher.post(f"/assignments/{place.assignment_id}/students/{ada.user_id}/attempts", status=200)
    attempt = next(one for one in opened["items"] if one["problem_id"] == MATRIX_PROBLEM)
    hook = teacher.post("/webhooks", {**BODIES["create_webhook"], "course_id": place.course_id})["id"]
    sent = teacher.post(f"/attempts/{attempt['id']}/submissions", BODIES["submit"])
    return {
        "course_id": place.course_id,
        "assignment_id": place.assignment_id,
        "student_id": ada.user_id,
        "attempt_id": attempt["id"],
        "submission_id": sent["id"],
        "regrade_id": teacher.post(f"/assignments/{place.assignment_id}/regrades", {}, status=202)["id"],
        "problem_id": CHOICE_PROBLEM,
        "part_id": "jacobian",
        "webhook_id": hook,
        "delivery_id": teacher.get(f"/webhooks/{hook}/deliveries")["items"][0]["id"],
    }


def body_of(route: Route, ids: Ids) -> Any:
    body = BODIES.get(route.name)
    return {**body, "course_id": ids["course_id"]} if body and "course_id" in body else body


def path_of(route: Route, ids: Ids) -> str:
    return re.sub(r"<[^:]+:(\w+)>", lambda found: str(ids[found[1]]), route.path)


def call(caller: Caller, route: Route, ids: Ids) -> TestResponse:
    headers = {"If_Match": "*"} if route.is_conditional else {}
    return caller.send(route.method, path_of(route, ids), body_of(route, ids), **headers)


def of_a_course() -> Iterator[Route]:
    """The routes to things that belong to a course."""
    yield from (
        route
        for route in ROUTES
        if re.search(r":(course|assignment|student|attempt|submission|regrade|webhook)_id>", route.path)
        or "course_id" in BODIES.get(route.name, {})
    )


def test_no_token(callers: Callers, ids: Ids) -> None:
    for route in ROUTES:
        response = call(callers.nobody(), route, ids)
        assert problem(response, 401)["code"] == "unauthenticated"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="grader"'


def test_wrong_token(callers: Callers, ids: Ids) -> None:
    for header in ["Bearer grader_unknown", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "é", "Basic \xff"]:
        for route in ROUTES:
            path, body = path_of(route, ids), body_of(route, ids)
            response = callers.nobody().send(route.method, path, body, Authorization=header)
            problem(response, 401)
            assert response.headers["WWW-Authenticate"].startswith('Bearer realm="grader", error="invalid_token"')


def test_a_log_in_is_no_token(app: Flask, ids: Ids, callers: Callers) -> None:
    """The session cookie of the pages opens nothing here."""
    client: FlaskClient = app.test_client()
    with client.session_transaction() as session:
        session["user"] = ids["student_id"]
    assert client.get("/").status_code == 200
    for route in ROUTES:
        problem(call(Caller(client), route, ids), 401)
    del callers


def test_lacking_scope(callers: Callers, ids: Ids) -> None:
    by_lack = {lack: callers.of("teacher", *(set(SCOPES) - {lack})) for lack in SCOPES}
    for route in ROUTES:
        response = call(by_lack[route.scope], route, ids)
        assert route.scope in problem(response, 403)["detail"]
        assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_scope_alone_suffices(callers: Callers, ids: Ids) -> None:
    """Each route works for the teacher with a token of only its scope, and answers as it is described."""
    by_scope = {scope: callers.of("teacher", scope) for scope in SCOPES}
    for route in ROUTES:
        response = call(by_scope[route.scope], route, ids)
        if route.name in NOT_YET:
            problem(response, 409)
            continue
        assert response.status_code in route.replies, (route.name, response.text)
        assert response.headers["Cache-Control"] == ("private, no-cache" if route.has_etag else "no-store")
        assert ("ETag" in response.headers) == route.has_etag
        assert int(response.headers["RateLimit-Remaining"]) < int(response.headers["RateLimit-Limit"])
        if response.status_code == 204:
            assert not response.data
            continue
        assert response.content_type == "application/json"
        TypeAdapter(route.replies[response.status_code]).validate_json(response.data, extra="forbid")
        if response.status_code == 201 and route.name != "enrol_student":
            location = response.headers["Location"]
            assert location.startswith("/api/v1/")
            assert callers.of("teacher").get(location.removeprefix("/api/v1"))["id"] == response.get_json()["id"]


def test_another_course_looks_like_none(callers: Callers, place: Place, ids: Ids) -> None:
    """For another teacher, for a token bound to another course, and for somebody in no course."""
    strangers = [callers.of("stranger"), callers.of("chen")]
    strangers.append(callers.of("stranger", course_id=place.other_course_id))
    nothing = dict.fromkeys(ids, NOBODY) | {"problem_id": CHOICE_PROBLEM, "part_id": "jacobian"}
    for stranger in strangers:
        for route in of_a_course():
            seen = problem(call(stranger, route, ids), 404)
            unseen = problem(call(stranger, route, nothing), 404)
            assert seen == unseen, route.name


def test_an_id_that_nothing_can_have(teacher: Caller, ids: Ids) -> None:
    for route in of_a_course():
        if not route.ids:
            continue
        for number in (2**63, "9" * 5000, "-1", "1.0", "x", "²"):
            problem(call(teacher, route, {**ids, **dict.fromkeys(ids, number)}), 404)


FOR_STUDENTS = {
    "create_checks",
    "list_problems",
    "show_problem",
    "create_variant",
    "list_courses",
    "list_webhooks",
    "show_course",
    "list_assignments",
    "show_assignment",
    "open_attempts",
    "show_attempt",
    "submit",
    "show_submission",
    "student_results",
}


def test_what_a_student_may(ada: Caller, callers: Callers, ids: Ids) -> None:
    """With all scopes, but for themselves only; a fellow student sees nothing of theirs."""
    allowed = {route.name for route in ROUTES if call(ada, route, ids).status_code < 300}
    assert allowed == FOR_STUDENTS
    for route in ROUTES:
        if set(re.findall(r":(\w+)>", route.path)) & {"student_id", "attempt_id", "submission_id"}:
            problem(call(callers.of("ben"), route, ids), 403 if "extension" in route.path else 404)


def test_errors_are_described(teacher: Caller, ids: Ids) -> None:
    """What is sent back for a wrong body or query is among the described answers."""
    paths = document(ROUTES)["paths"]
    for route in ROUTES:
        described = paths[re.sub(r"<[^:]+:(\w+)>", r"{\1}", route.path)][route.method.lower()]["responses"]
        assert {"401", "403"} <= set(described)
        if route.body is not None:
            faults = problem(teacher.send(route.method, path_of(route, ids), {"nonsense": 1}), 422)["errors"]
            assert "#/nonsense" in [fault["pointer"] for fault in faults]
            assert "422" in described
        if route.query is not None:
            for query in ("limit=0", "limit=1000", "limit=x", "cursor=x", "cursor=WzEsIFtdXQ", "nonsense=1"):
                faults = problem(teacher.send(route.method, f"{path_of(route, ids)}?{query}"), 422)["errors"]
                assert faults[0]["parameter"] == query.partition("=")[0]
            assert "422" in described


HOSTILE = (
    r'"\u0000"',
    r'"\ud800"',
    '""',
    "1e400",
    "-1",
    "123456789012345678901234567890",
    "null",
    "true",
    "[]",
    "{}",
    '[[["x"]]]',
    r'{"x\u0000": {}}',
    '{"": {}}',
    '{"absolute": -1}',
    '"9999-12-31T23:59:59-23:00"',
    '"' + "(" * 9000 + '"',
)


def test_nothing_sent_is_a_defect(teacher: Caller, ids: Ids) -> None:
    """Each field of each body with values that a database, a clock or a parser could stumble over."""
    for route in ROUTES:
        for field in route.body.model_fields if route.body else ():
            for value in HOSTILE:
                raw = json.dumps({**body_of(route, ids), field: "@"}).replace('"@"', value)
                response = teacher.client.open(
                    f"/api/v1{path_of(route, ids)}",
                    method=route.method,
                    data=raw,
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {teacher.token}"},
                )
                assert response.status_code < 500, (route.name, field, value[:40], response.text)


def test_unknown_addresses_and_methods(teacher: Caller) -> None:
    problem(teacher.send("GET", "/nothing"), 404)
    response = teacher.send("DELETE", "/courses")
    problem(response, 405)
    assert "POST" in response.headers["Allow"]
