"""POST /checks."""

from __future__ import annotations

from typing import Any

from grader.isolation import Isolation, judge_within
from grader.web.api.limits import CHECKS
from grader.web.api.machinery import KEY, Machinery
from tests.api.conftest import Caller, Callers, judge_here, problem

EQUAL = {"response": "12x^2 - 5", "answer": "12*x**2 - 5", "variables": {"x": {}}}


OUTCOMES: list[tuple[dict[str, Any], str]] = [
    (EQUAL, "equal"),
    ({"response": "2x", "answer": "3x"}, "different"),
    ({"response": "2x +", "answer": "3x"}, "invalid"),
    ({"response": "2x"}, "read"),
    ({"response": "2x", "answer": None}, "read"),
    ({"response": "3.14", "answer": "pi", "type": "number", "tolerance": {"absolute": 0.01}}, "equal"),
    ({"response": "x^2 + C", "answer": "x^2", "variables": {"x": {}}, "up_to": "constant"}, "equal"),
    ({"response": "k*x", "answer": "c*x", "variables": {"x": {}, "c": {}}, "up_to": {"renaming": ["c"]}}, "equal"),
    ({"response": "x^2/x", "answer": "x", "strict": True}, "different"),
    ({"response": [[0, 1], [1, "1/2"]], "answer": "[[0, 1], [1, 0.5]]", "type": "matrix"}, "equal"),
]


def test_one_pair(teacher: Caller) -> None:
    for body, outcome in OUTCOMES:
        verdict = teacher.post("/checks", body, 200)
        assert (verdict["outcome"], verdict["error"]) == (outcome, None), body
        assert verdict["elapsed_ms"] >= 0


def test_a_list_keeps_its_order_and_one_bad_pair_stops_no_other(teacher: Caller) -> None:
    bad = {"id": "b", "response": "x", "answer": "x +"}
    found = teacher.post("/checks", [{"id": "a", **EQUAL}, bad, {"id": 3, "response": "x", "answer": "y"}], 200)
    assert [one["id"] for one in found] == ["a", "b", 3]
    assert [one["outcome"] for one in found] == ["equal", None, "different"]
    assert "cannot be read" in found[1]["error"]
    assert found[1]["pointer"] == "#/1/answer"


FAULTS = [
    (b"", 400, "#", "it is empty"),
    (b"{", 400, "#", "line 1 column 1"),
    (b'{"response": "x", }', 400, "#", "line 1 column 19"),
    (b'{"response": "\xff"}', 400, "#", "not JSON"),
    (b'{"response": NaN}', 422, "#/response", "text"),
    (b"[" * 5000, 400, "#", "recursion"),
    (b"7", 422, "#", "object"),
    (b"{}", 422, "#/response", "missing"),
    (b'{"response": 7}', 422, "#/response", "text"),
    (b'{"response": "x", "anwser": "x"}', 422, "#/anwser", "'answer'"),
    (b'{"response": "x", "tolerance": {"absolut": 1}}', 422, "#/tolerance/absolut", "absolut"),
    (b'{"response": "x", "variables": {"a/b": 1}}', 422, "#/variables/a~1b", "object"),
    (b'{"response": "x", "variables": {"x": {"in": "never"}}}', 422, "#/variables/x/in", "never"),
    (b'{"response": "x", "answer": "x +"}', 422, "#/answer", "cannot be read"),
    (b'{"response": "x", "answer": "x", "type": "matrx"}', 422, "#/type", "matrix"),
    (b'[{"response": "x"}, {"response": null}]', 422, "#/1/response", "text"),
    (b"[]", 422, "#", "0 items"),
    (b"[" + b",".join([b'{"response": "x"}'] * 101) + b"]", 422, "#", "101 items"),
    (b'{"response": "' + b"x" * 20_001 + b'"}', 422, "#/response", "20000"),
]


def test_a_bad_body_is_told_where(teacher: Caller) -> None:
    for body, status, pointer, words in FAULTS:
        response = teacher.client.post(
            "/api/v1/checks",
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {teacher.token}"},
        )
        (fault, *_) = problem(response, status)["errors"]
        assert fault["pointer"] == pointer, body[:80]
        assert words in fault["detail"]


def test_a_form_is_no_body(teacher: Caller) -> None:
    response = teacher.client.post(
        "/api/v1/checks", data={"response": "x"}, headers={"Authorization": f"Bearer {teacher.token}"}
    )
    assert "Content-Type: application/json" in problem(response, 415)["detail"]


def test_too_large_a_body(teacher: Caller) -> None:
    problem(teacher.send("POST", "/checks", {"response": "x" * 1_000_001}), 413)


def test_too_many_checks(teacher: Caller, callers: Callers) -> None:
    """The allowance is a person's, whatever token is used."""
    pairs = [{"response": "1"}] * 100
    for _ in range(CHECKS.amount // 100):
        teacher.post("/checks", pairs, 200)
    for caller in (teacher, callers.of("teacher")):
        response = caller.send("POST", "/checks", {"response": "1"})
        assert problem(response, 429)["code"] == "too-many-requests"
        assert 1 <= int(response.headers["Retry-After"]) <= 60
    callers.of("ada").post("/checks", pairs, 200)


def test_pairs_are_judged_in_child_processes(teacher: Caller) -> None:
    """As in the product; a refusal of the child's comes back as one of ours."""
    with Isolation() as isolation:
        teacher.client.application.extensions[KEY] = Machinery(lambda pair: judge_within(isolation, pair))
        assert teacher.post("/checks", EQUAL, 200)["outcome"] == "equal"
        response = teacher.send("POST", "/checks", {"response": "x", "answer": "x +"})
        assert problem(response, 422)["errors"][0]["pointer"] == "#/answer"


def test_a_judge_that_stops_gives_no_verdict(teacher: Caller) -> None:
    stopped = Isolation()
    teacher.client.application.extensions[KEY] = Machinery(lambda pair: judge_within(stopped, pair))
    for body in (EQUAL, [EQUAL]):
        response = teacher.send("POST", "/checks", body)
        assert problem(response, 503)["status"] == 503
        assert response.headers["Retry-After"] == "5"


def test_what_is_left_of_a_list_is_undecided(teacher: Caller) -> None:
    """With no time at all for lists."""
    teacher.client.application.extensions[KEY] = Machinery(judge_here, list_seconds=0)
    found = teacher.post("/checks", [EQUAL, {"response": "x", "answer": "x +"}], 200)
    assert [(one["outcome"], one["evidence"]) for one in found] == [("undecided", "budget")] * 2
    assert "longer than 0 seconds" in found[0]["message"]
