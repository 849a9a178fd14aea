"""Late rules and exams over the API: what is sent comes back, and a student's token learns nothing too early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import MATRIX_PROBLEM, Caller, Callers
from tests.factories import START

RULES: dict[str, Any] = {
    "due": "2026-03-09T09:00:00Z",
    "tries": 2,
    "late": {"kind": "daily", "grace": 10, "loss": 0.1, "floor": 0.25, "until": "2026-03-12T09:00:00Z"},
    "exam": True,
    "feedback_from": "2026-03-13T09:00:00Z",
    "one_variant": True,
}


def create(teacher: Caller, **more: Any) -> dict[str, Any]:
    course = teacher.get("/courses")["items"][0]["id"]
    body = {"title": "Exam", "problems": [{"id": MATRIX_PROBLEM}], **RULES, **more}
    made: dict[str, Any] = teacher.post(f"/courses/{course}/assignments", body)
    return made


def test_rules_come_back_as_they_were_sent(teacher: Caller) -> None:
    made = create(teacher)
    assert {name: made[name] for name in RULES} == RULES
    assert (made["released"], made["visibility"], made["held"]) == (None, "shown", False)
    assert create(teacher, hidden=True)["visibility"] == "hidden"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"late": {"kind": "daily"}}, "#/late/loss"),
        ({"late": {"kind": "never"}}, "#/late/kind"),
        ({"late": {"kind": "grace", "grace": -1}}, "#/late/grace"),
        ({"practice": True}, "#/exam"),
        ({"zone": "Mars"}, "#/zone"),
    ],
)
def test_rules_that_make_no_sense_name_their_place(teacher: Caller, more: dict[str, Any], pointer: str) -> None:
    course = teacher.get("/courses")["items"][0]["id"]
    body = {"title": "Exam", "problems": [{"id": MATRIX_PROBLEM}], **RULES, **more}
    refused = teacher.send("POST", f"/courses/{course}/assignments", body)
    assert refused.status_code in (400, 422)
    assert pointer in str(refused.get_json()), refused.get_json()


def test_a_students_token_learns_nothing_before_the_marks_are_shown(teacher: Caller, callers: Callers) -> None:
    made, ada = create(teacher), callers.of("ada")
    students = teacher.get(f"/courses/{made['course_id']}/students")["items"]
    student = next(one["id"] for one in students if one["login"] == "ada")
    (opened,) = ada.post(f"/assignments/{made['id']}/students/{student}/attempts", status=200)["items"]
    right = teacher.get(f"/attempts/{opened['id']}")["variant"]["parts"]
    responses = {part["id"]: part["answer"] for part in right}
    sent = ada.post(f"/attempts/{opened['id']}/submissions", {"responses": responses})
    told = [sent, ada.get(f"/submissions/{sent['id']}")]
    assert [(one["held"], one["result"], one["score"], one["counted"]) for one in told] == [
        (True, None, None, True)
    ] * 2
    attempt = ada.get(f"/attempts/{opened['id']}")
    assert (attempt["held"], attempt["progress"], attempt["points"], attempt["parts"]) == (True, "received", 0, [])
    assert all(part["answer"] is None for part in attempt["variant"]["parts"])
    mine = next(
        one for one in ada.get(f"/students/{student}/results")["items"][0]["assignments"] if one["id"] == made["id"]
    )
    assert (mine["held"], mine["points"], mine["problems"][0]["progress"]) == (True, 0, "received")
    assert teacher.get(f"/attempts/{opened['id']}")["points"] == attempt["max_points"]
    callers.clock.now = START + timedelta(days=12)
    assert ada.get(f"/submissions/{sent['id']}")["result"]["score"] > 0
