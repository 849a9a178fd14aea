"""Variants, attempts and submissions over the API: what comes back, to whom, and how often."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.config import Config
from grader.isolation import Isolation, grade_within
from grader.services import submissions
from grader.web.app import create_app
from tests.api.conftest import MATRIX_PROBLEM, Caller, Callers, Place, grade_here, judge_here, problem
from tests.factories import SteadyClock, counted_statements

KEYS = {"answer", "solution", "feedback", "settings"}


def test_variants_for_staff_and_students(teacher: Caller, ada: Caller) -> None:
    path = f"/problems/{MATRIX_PROBLEM}/variants"
    whole = teacher.post(path, {"seed": 7}, 200)
    assert teacher.post(path, {"seed": 7}, 200) == whole
    assert teacher.post(path, {"seed": 8}, 200)["parameters"] != whole["parameters"]
    assert whole["seed"] == 7
    assert all(part["answer"] for part in whole["parts"])
    bare = ada.post(path, {"seed": 7}, 200)
    assert (bare["prompt"], bare["seed"], bare["parameters"], bare["solution"]) == (whole["prompt"], None, None, None)
    for part in bare["parts"]:
        assert {part[key] for key in KEYS} == {None}
        assert part["shape"] == [2, 2]


def test_a_seed_is_a_whole_number(teacher: Caller) -> None:
    for seed in [-1, 2**53, 1.5, "1", None, True]:
        response = teacher.send("POST", f"/problems/{MATRIX_PROBLEM}/variants", {"seed": seed})
        assert problem(response, 422)["errors"][0]["pointer"] == "#/seed"


def test_an_unknown_problem_names_the_nearest(teacher: Caller) -> None:
    details = problem(teacher.send("GET", "/problems/jacobian-polynomial-mop"), 404)
    assert MATRIX_PROBLEM in details["detail"]
    assert teacher.get(f"/problems/{MATRIX_PROBLEM}")["parts"][0]["id"] == "jacobian"


@pytest.fixture
def attempt(teacher: Caller, ada: Caller, place: Place) -> dict[str, Any]:
    """Ada's attempt at the Jacobian, as her teacher sees it."""
    body = {"problem_id": MATRIX_PROBLEM}
    opened = teacher.post(f"/assignments/{place.assignment_id}/students/{ada.user_id}/attempts", body, 200)
    (one,) = opened["items"]
    assert isinstance(one, dict)
    return one


def test_a_submission_takes_few_statements(ada: Caller, attempt: dict[str, Any], engine: Engine) -> None:
    body = {"responses": {"jacobian": "[[1, 2], [3, 4]]"}}
    path = f"/attempts/{attempt['id']}/submissions"
    ada.post(path, body)
    with counted_statements(engine) as sent:
        assert ada.post(path, body)["result"]["parts"][0]["outcome"] == "different"
    assert len([one for one in sent if not one.startswith("BEGIN")]) <= 14, sent


def test_a_student_never_sees_keys(ada: Caller, attempt: dict[str, Any], place: Place) -> None:
    key = attempt["variant"]["parts"][0]["answer"]
    wrong = {"responses": {"jacobian": "[[x, 1], [2, 3]]"}}
    sent = ada.post(f"/attempts/{attempt['id']}/submissions", wrong)
    opened = ada.send("POST", f"/assignments/{place.assignment_id}/students/{ada.user_id}/attempts")
    for text in (
        opened.text,
        ada.send("GET", f"/attempts/{attempt['id']}").text,
        ada.send("GET", f"/submissions/{sent['id']}").text,
    ):
        assert key not in text
        assert '"answer_value"' not in text
        assert str(attempt["variant"]["seed"]) not in text
    part = sent["result"]["parts"][0]
    assert part["details"] is None
    assert [entry["details"] for entry in part["entries"]] == [None] * 4


def test_a_teacher_sees_the_evidence(teacher: Caller, attempt: dict[str, Any]) -> None:
    sent = teacher.post(f"/attempts/{attempt['id']}/submissions", {"responses": {"jacobian": "[[x, 1], [2, 3]]"}})
    assert any(entry["details"] for entry in sent["result"]["parts"][0]["entries"])


def test_wrong_then_unread_then_right(ada: Caller, attempt: dict[str, Any]) -> None:
    path = f"/attempts/{attempt['id']}/submissions"
    outcomes = []
    right = {part["id"]: part["answer"] for part in attempt["variant"]["parts"]}
    for responses in ({"jacobian": "[[x, 1], [2, 3]]"}, {"jacobian": "[[x, 1], [2, +"}, right):
        sent = ada.post(path, {"responses": responses})
        part = sent["result"]["parts"][0]
        outcomes.append((part["outcome"], sent["counted"]))
        assert ada.get(f"/submissions/{sent['id']}") == sent
    assert outcomes == [("different", True), ("invalid", False), ("equal", True)]
    seen = ada.get(f"/attempts/{attempt['id']}")
    assert (seen["progress"], seen["tries_used"], seen["tries_left"]) == ("solved", 2, 1)


def test_no_tries_left(ada: Caller, attempt: dict[str, Any]) -> None:
    path = f"/attempts/{attempt['id']}/submissions"
    for _ in range(3):
        ada.post(path, {"responses": {"jacobian": "[[x, 1], [2, 3]]"}})
    response = ada.send("POST", path, {"responses": {"jacobian": "[[x, 1], [2, 3]]"}})
    assert problem(response, 409)["code"] == "no-tries-left"


MISFITS: list[tuple[Any, str]] = [
    ({"jacobain": "1"}, "#/responses/jacobain"),
    ({"jacobian": 1}, "#/responses/jacobian"),
    ({"jacobian": "1" * 20_001}, "#/responses/jacobian"),
    ({str(number): "1" for number in range(101)}, "#/responses"),
    (None, "#/responses"),
]


def test_responses_that_do_not_fit(ada: Caller, attempt: dict[str, Any]) -> None:
    for responses, pointer in MISFITS:
        response = ada.send("POST", f"/attempts/{attempt['id']}/submissions", {"responses": responses})
        assert problem(response, 422)["errors"][0]["pointer"] == pointer
    assert ada.get(f"/attempts/{attempt['id']}")["tries_used"] == 0


def test_the_same_key_submits_once(ada: Caller, attempt: dict[str, Any]) -> None:
    path, body = f"/attempts/{attempt['id']}/submissions", {"responses": {"jacobian": "[[x, 1], [2, 3]]"}}
    first = ada.post(path, body, Idempotency_Key="one")
    assert ada.post(path, body, Idempotency_Key="one") == first
    assert ada.post(path, body, Idempotency_Key="two")["number"] == 2
    other = {"responses": {"jacobian": "[[y, 1], [2, 3]]"}}
    faults = problem(ada.send("POST", path, other, Idempotency_Key="one"), 422)["errors"]
    assert faults[0]["parameter"] == "Idempotency-Key"
    problem(ada.send("POST", path, body, Idempotency_Key="k" * 201), 422)


def test_what_must_wait_is_accepted(
    config: Config,
    sessions: sessionmaker[Session],
    bank: Bank,
    clock: SteadyClock,
    callers: Callers,
    attempt: dict[str, Any],
) -> None:
    """With a judge that is not running: 202, and the result once somebody has judged."""
    app: Flask = create_app(config, sessions, bank, partial(grade_within, Isolation()), clock, judge_here)
    ada = callers.of("ada")
    ada.client = app.test_client()
    path, body = f"/attempts/{attempt['id']}/submissions", {"responses": {"jacobian": "[[x, 1], [2, 3]]"}}
    response = ada.send("POST", path, body, Idempotency_Key="one")
    assert response.status_code == 202
    assert int(response.headers["Retry-After"]) > 0
    waiting = response.get_json()
    assert (waiting["state"], waiting["result"]) == ("stored", None)
    assert ada.post(path, body, 202, Idempotency_Key="one") == waiting
    address = response.headers["Location"].removeprefix("/api/v1")
    assert ada.get(address) == waiting
    clock.advance(hours=1)
    assert submissions.judge_stored(sessions, clock, grade_here) == 1
    assert ada.get(address)["result"]["parts"][0]["outcome"] == "different"
    assert ada.post(path, body, Idempotency_Key="one")["id"] == waiting["id"]
