"""Whatever people are called and whatever they type, no page takes it for its own markup."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from grader.services import marking
from grader.services.access import Actor
from grader.services.marking import Given
from grader.store.assignments import Assignment
from grader.store.courses import Course
from grader.store.problems import ProblemVersion
from grader.store.submissions import Submission
from grader.store.users import User
from tests.factories import SteadyClock
from tests.web.conftest import Visitor
from tests.web.own_problem import add_own_problem
from tests.web.test_pages import page_rules, submit_right
from tests.web.waiting import add_what_waits

HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)' onfocus='alert(4){{7*7}}"""
RAW = ("<script>alert", "<img src=x", '" onmouseover="', "' onfocus='", "{{49", ">49")


def poison(session: Session) -> None:
    """Put the text wherever a person's own words are kept."""
    places: list[tuple[Any, str]] = [
        (User, "name"),
        (Course, "title"),
        (Assignment, "title"),
        (ProblemVersion, "title"),
    ]
    for table, column in places:
        session.execute(update(table).values({column: HOSTILE}))
    session.execute(update(User).values(email=f"a@{HOSTILE}"))
    for row in session.query(Submission):
        row.responses = dict.fromkeys(row.responses, HOSTILE)
    session.commit()


def test_no_page_shows_a_text_raw(
    app: Flask, student: Visitor, teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    submit_right(app, student, sessions, clock)
    pages = page_rules(app, add_what_waits(sessions, clock) | add_own_problem(sessions, clock))
    with sessions() as session:
        marking.mark(session, clock, Actor(1), 1, {"jacobian": Given("1", HOSTILE, HOSTILE)})
        poison(session)
    seen = 0
    for _, address in pages:
        for visitor in (student, teacher):
            response = visitor.get(address)
            if response.status_code != 200 or not response.mimetype.startswith("text/html"):
                continue
            found = [raw for raw in RAW if raw in response.text]
            assert found == [], (address, found)
            seen += "alert" in response.text
    assert seen > 10  # it is there, as text


def test_forms_give_back_what_was_typed_as_text(student: Visitor, teacher: Visitor) -> None:
    address = student.attempt("jacobian-polynomial-map", 3)
    replies = [
        student.post("/login", {"login": HOSTILE, "password": "x", "next": HOSTILE, f"kept.{HOSTILE}": HOSTILE}),
        student.post(f"{address}/answer", {"answer.jacobian.text": HOSTILE}),
        student.post(f"{address}/preview", {"answer.jacobian.text": HOSTILE}),
        teacher.post("/courses/1/people/import", {"list": f"login,name\n{HOSTILE},{HOSTILE}\n"}),
        teacher.post("/courses/1/people", {"login": HOSTILE, "name": HOSTILE, "email": HOSTILE, "role": HOSTILE}),
        teacher.post("/settings", {"name": HOSTILE * 40, "time_zone": HOSTILE, "language": HOSTILE}),
        student.get(f"/help/notation?q={HOSTILE}"),
        student.get(f"/{HOSTILE}"),
    ]
    for reply in replies:
        assert reply.status_code < 500
        if reply.mimetype == "application/json":
            assert json.loads(reply.text) is not None
            continue
        assert [raw for raw in RAW if raw in reply.text] == [], reply.request.path


def test_headers_cannot_be_broken_out_of(student: Visitor) -> None:
    for text in ("/x%0d%0aSet-Cookie:%20a=b", "/login?next=/%0d%0aSet-Cookie:%20a=b", "/login?next=/\tx"):
        reply = student.get(text)
        assert "a=b" not in reply.headers.get("Set-Cookie", "")
        assert "\n" not in reply.headers.get("Location", "")
