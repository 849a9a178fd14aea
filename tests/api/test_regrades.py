"""A regrade by a program: tried out, looked at, applied once, undone."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from grader.services.background import handlers
from grader.worker import EmbeddedWorker
from tests.api.conftest import MATRIX_PROBLEM, Callers, Place, grade_here, problem
from tests.factories import SteadyClock


def test_the_whole_way(
    app: Flask, callers: Callers, place: Place, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    del app
    teacher, ada = callers.of("teacher"), callers.of("ada")
    opened = teacher.post(f"/assignments/{place.assignment_id}/students/{ada.user_id}/attempts", status=200)
    attempt = next(one for one in opened["items"] if one["problem_id"] == MATRIX_PROBLEM)
    teacher.post(f"/attempts/{attempt['id']}/submissions", {"responses": {"jacobian": "[[1, 2], [3, 4]]"}})
    worker = EmbeddedWorker(sessions, clock, grade_here, handlers(clock, grade_here))
    path = f"/assignments/{place.assignment_id}/regrades"
    body = {"policy": "exact", "basis": "engine", "reason": "A new judge."}
    begun = teacher.send("POST", path, body, **{"Idempotency-Key": "once"})
    assert begun.status_code == 202
    regrade = begun.get_json()
    assert begun.headers["Location"] == f"/api/v1/regrades/{regrade['id']}"
    assert (regrade["state"], regrade["attempts"], regrade["reason"]) == (
        "running",
        len(opened["items"]),
        "A new judge.",
    )
    again = teacher.send("POST", path, body, **{"Idempotency-Key": "once"})
    assert again.get_json()["id"] == regrade["id"]
    other = teacher.send("POST", path, {**body, "policy": "never_lower"}, **{"Idempotency-Key": "once"})
    problem(other, 422)
    address = f"/regrades/{regrade['id']}"
    problem(teacher.send("POST", f"{address}/apply"), 409)
    worker.run_once()
    ready = teacher.get(address)
    assert (ready["state"], ready["changes"]) == ("ready", [])
    assert teacher.send("POST", f"{address}/apply").status_code == 202
    problem(teacher.send("POST", f"{address}/apply"), 409)
    worker.run_once()
    assert teacher.get(address)["state"] == "applied"
    assert teacher.send("POST", f"{address}/undo").status_code == 202
    worker.run_once()
    assert teacher.get(address)["state"] == "undone"
    problem(ada.send("GET", address), 404)
