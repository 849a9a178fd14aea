"""Every page in the eyes of everybody: nothing breaks, nothing is shown to whom it does not concern."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.services import attempts, users
from grader.services.access import Actor
from grader.services.demo import DEMO_PASSWORD
from grader.web.variants import variant_at
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor
from tests.web.filling import right_fields

TEMPLATES = Path(__file__).parents[2] / "grader" / "web" / "templates"
PROBLEM = "jacobian-polynomial-map"
JACOBIANS = 3
PUBLIC = {"health.alive", "health.ready", "sessions.form", "help.notation", "static"}
TEACHERS_ONLY = {
    "results.course",
    "results.course_csv",
    "results.assignment",
    "results.assignment_csv",
    "students.index",
    "bank.index",
    "bank.show",
}


@contextmanager
def rendered(app: Flask) -> Iterator[set[str]]:
    """The names of the templates that are rendered inside."""
    names: set[str] = set()

    def note(sender: Flask, template: Any, **_: Any) -> None:
        assert sender is app
        names.add(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def submit_right(app: Flask, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> str:
    """Ada's attempt with one right submission; its address."""
    address = student.attempt(PROBLEM, JACOBIANS)
    with sessions() as session:
        attempt = attempts.attempt(session, clock, Actor(2), int(address.rsplit("/", 1)[1]))
    fields = right_fields(variant_at(attempt.problem_source, attempt.seed))
    assert student.post(f"{address}/answer", fields).status_code == 303
    assert app.name
    return address


def page_rules(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and address of every page that is read, with the demo's ids put in."""
    values = {
        "course_id": "1",
        "assignment_id": str(JACOBIANS),
        "attempt_id": "1",
        "submission_id": "1",
        "student_id": "2",
        "problem_id": PROBLEM,
        "filename": "style.css",
    }
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith("/api/"):
            continue
        address = rule.rule
        for argument in rule.arguments:
            for converter in ("int:", "path:", ""):
                address = address.replace(f"<{converter}{argument}>", values[argument])
        found.append((rule.endpoint, address))
    return found


def test_every_page_answers_to_everybody_as_it_should(
    app: Flask,
    anonymous: Visitor,
    student: Visitor,
    teacher: Visitor,
    sessions: sessionmaker[Session],
    clock: SteadyClock,
) -> None:
    submit_right(app, student, sessions, clock)
    pages = page_rules(app)
    assert len(pages) > 15
    with rendered(app) as names:
        for endpoint, address in pages:
            assert (anonymous.get(address).status_code == 200) is (endpoint in PUBLIC), address
            expected = {403} if endpoint in TEACHERS_ONLY else {200, 302}
            assert student.get(address).status_code in expected, address
            assert teacher.get(address).status_code in {200, 302}, address
        student.get("/no-such-page")
        fields = {"answer.jacobian[0][0]": "x"}
        anonymous.post("/attempts/1/answer", fields, "/login")
        anonymous.post(
            "/login",
            {"login": "ada", "password": DEMO_PASSWORD, "next": "/attempts/1/preview", "kept.answer.j": "x"},
            "/login",
        )
    whole = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    parts = {"base.html", "components.html", "courses/_assignments.html", "attempts/_field.html"}
    assert names - parts == whole - parts


def test_somebody_without_courses_is_told_what_to_do(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        users.register(session, app.extensions["grader"].clock, "new", "New Person", DEMO_PASSWORD)
    visitor = Visitor(app.test_client())
    visitor.log_in("new")
    assert "You are not enrolled in a course" in visitor.page("/")
    assert visitor.get("/courses/1").status_code == 404
    assert visitor.get("/bank").status_code == 403


def test_a_neighbours_work_is_not_found(
    app: Flask, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    address = submit_right(app, student, sessions, clock)
    neighbour = Visitor(app.test_client())
    neighbour.log_in("ben")
    for path in (address, "/submissions/1", "/courses/1/students/2"):
        assert neighbour.get(path).status_code in {403, 404}, path
    assert neighbour.post(f"{address}/answer", {"answer.jacobian.text": "1"}).status_code == 404
    assert neighbour.post(f"{address}/preview", {"answer.jacobian.text": "1"}).status_code == 404


def test_the_bank_shows_problems_by_topic_and_seed(teacher: Visitor) -> None:
    assert "Jacobian of a polynomial map" in teacher.page("/bank?topic=jacobians")
    assert "Jacobian of a polynomial map" not in teacher.page("/bank?topic=descent")
    assert "no problem on this topic" in teacher.page("/bank?topic=nothing")
    assert teacher.page(f"/bank/{PROBLEM}?seed=1") != teacher.page(f"/bank/{PROBLEM}?seed=2")
    for seed in ("0", "-1", "x", "9999999", "1.5", "²"):
        assert teacher.get(f"/bank/{PROBLEM}?seed={seed}").status_code == 400
    assert teacher.get("/bank/no-such-problem").status_code == 404


def test_results_are_shown_and_saved(
    app: Flask, student: Visitor, teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    submit_right(app, student, sessions, clock)
    page = teacher.page(f"/assignments/{JACOBIANS}/results")
    assert "Ada" in page
    assert 'class="mark full"' in page
    saved = teacher.get(f"/assignments/{JACOBIANS}/results.csv")
    assert saved.mimetype == "text/csv"
    assert "attachment" in saved.headers["Content-Disposition"]
    assert "Ada" in saved.text
    detail = teacher.page("/submissions/1")
    assert "As typed" in detail
    assert "Proved equal" in detail


@pytest.mark.parametrize("page", ["/", "/courses/1", f"/assignments/{JACOBIANS}", "/courses/1/results"])
def test_the_number_of_statements_of_a_page_is_bounded(teacher: Visitor, engine: Engine, page: str) -> None:
    with counted_statements(engine) as statements:
        teacher.page(page)
    assert len(statements) <= 14, statements


def test_health(anonymous: Visitor) -> None:
    assert anonymous.get("/healthz").get_json() == {"status": "ok"}
    assert anonymous.get("/readyz").get_json() == {"status": "ok", "database": "ok"}


def test_an_actor_is_who_logged_in(student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    with sessions() as session:
        assert users.authenticate(session, clock, "ada", DEMO_PASSWORD) == Actor(2)
    assert "Hello, Ada" in student.page("/")


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_can_have_is_not_found(student: Visitor, number: int) -> None:
    assert student.get(f"/courses/{number}").status_code == 404
