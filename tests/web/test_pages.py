"""Every page in the eyes of everybody: nothing breaks, nothing is shown to whom it does not concern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, get_template_attribute, template_rendered
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.bank.variants import make_variant
from grader.services import attempts, users
from grader.services.access import Actor
from grader.services.demo import DEMO_PASSWORD
from grader.web.parts import part_views
from grader.web.variants import variant_at
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor
from tests.web.filling import right_fields
from tests.web.own_problem import add_own_problem
from tests.web.waiting import add_what_waits

TEMPLATES = Path(__file__).parents[2] / "grader" / "web" / "templates"
PROBLEM = "jacobian-polynomial-map"
JACOBIANS = 3
MOST_STATEMENTS = 32  # BEGIN and ROLLBACK among them
PUBLIC = {"health.alive", "health.ready", "sessions.form", "help.notation", "static", "invitations.welcome", "lti.keys"}
TEACHERS_ONLY = {
    "results.course",
    "results.course_csv",
    "results.assignment",
    "results.assignment_csv",
    "results.course_xlsx",
    "results.course_gradebook",
    "results.assignment_xlsx",
    "analysis.assignment",
    "clusters.index",
    "clusters.show",
    "platforms.gradebook",
    "platforms.index",
    "platforms.stuck",
    "jobs.index",
    "regrades.index",
    "analysis.problem",
    "students.erase_form",
    "queue.index",
    "queue.first",
    "queue.show",
    "people.index",
    "people.new",
    "people.show",
    "people.import_form",
    "invitations.index",
    "bank.index",
    "bank.show",
    "bank.source",
    "bank.schema",
    "editing.create",
    "editing.show",
    "editing.edit",
    "editing.sweep",
    "assignment_editing.index",
    "assignment_editing.create",
    "assignment_editing.edit",
    "assignment_editing.list_extensions",
    "assignment_packages.export",
    "assignment_packages.take",
}


ELSEWHERE = {
    "metrics.show",
    "attempts.figure",
    "clusters.mistake",
    "regrades.show",
    "lti.login",
    "lti.arrive",
    "lti.enter",
    "lti.register",
}
"""Pages of what the demo has none of; tests/web/test_clusters.py, test_answer_figures.py and tests/lti make it."""


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


def page_rules(app: Flask, added: Mapping[str, str]) -> list[tuple[str, str]]:
    """Endpoint and address of every page that is read, with the demo's ids put in."""
    values = {
        **added,
        "course_id": "1",
        "assignment_id": str(JACOBIANS),
        "attempt_id": "1",
        "submission_id": "1",
        "student_id": "2",
        "problem_id": PROBLEM,
        "part_id": "jacobian",
        "filename": "style.css",
    }
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith("/api/") or rule.endpoint in ELSEWHERE:
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
    engine: Engine,
    clock: SteadyClock,
) -> None:
    submit_right(app, student, sessions, clock)
    pages = page_rules(app, add_what_waits(sessions, clock) | add_own_problem(sessions, clock))
    assert len(pages) > 15
    with rendered(app) as names:
        for endpoint, address in pages:
            assert (anonymous.get(address).status_code == 200) is (endpoint in PUBLIC), address
            expected = {403} if endpoint in TEACHERS_ONLY else {200, 302, 303}
            assert student.get(address).status_code in expected, address
            with counted_statements(engine) as statements:
                assert teacher.get(address).status_code in {200, 302, 303}, address
            assert len(statements) <= MOST_STATEMENTS, (address, len(statements))
        student.get("/no-such-page")
        teacher.post("/courses/1/people/import", {"list": "login,name\nzoe,Zoe\n"})
        fields = {"answer.jacobian[0][0]": "x"}
        anonymous.post("/attempts/1/answer", fields, "/login")
        anonymous.post(
            "/login",
            {"login": "ada", "password": DEMO_PASSWORD, "next": "/attempts/1/preview", "kept.answer.j": "x"},
            "/login",
        )
    elsewhere = {"authoring", "reports", "lti"}  # of `grader bank` and of launches, and rendered in their tests
    pages_here = [path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")]
    whole = {str(path) for path in pages_here if path.parts[0] not in elsewhere}
    whole -= {"clusters/mistake.html", "platforms/compared.html", "regrades/show.html"}
    parts = {name for name in whole | names if Path(name).name.startswith("_")} | {"base.html", "components.html"}
    assert names - parts == whole - parts


def test_somebody_without_courses_is_told_what_to_do(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        users.register(session, app.extensions["grader"].clock, "new", "New Person", DEMO_PASSWORD, is_demo=True)
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
    assert "No problem fits this search" in teacher.page("/bank?topic=nothing")
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
    assert 'class="cell full"' in page
    saved = teacher.get(f"/assignments/{JACOBIANS}/results.csv")
    assert saved.mimetype == "text/csv"
    assert "attachment" in saved.headers["Content-Disposition"]
    assert "Ada" in saved.text
    detail = teacher.page("/submissions/1")
    assert "As typed" in detail
    assert "Proved equal" in detail
    assert "<dt>Seed</dt>" in detail
    mine = student.page("/submissions/1")  # with the seed, whoever has the problem has its key
    assert "As typed" in mine
    assert "Seed" not in mine


@pytest.mark.parametrize("page", ["/", "/courses/1", f"/assignments/{JACOBIANS}", "/courses/1/results"])
def test_the_number_of_statements_of_a_page_is_bounded(teacher: Visitor, engine: Engine, page: str) -> None:
    with counted_statements(engine) as statements:
        teacher.page(page)
    assert len(statements) <= 15, statements


def test_health(anonymous: Visitor) -> None:
    assert anonymous.get("/healthz").get_json() == {"status": "ok"}
    assert anonymous.get("/readyz").get_json() == {"status": "ok", "database": "ok", "judge": "ok"}


def test_an_actor_is_who_logged_in(student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    with sessions() as session:
        assert users.authenticate(session, clock, "ada", DEMO_PASSWORD) == Actor(2)
    assert "Hello, Ada" in student.page("/")


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_can_have_is_not_found(student: Visitor, number: int) -> None:
    assert student.get(f"/courses/{number}").status_code == 404


def test_a_written_part_has_a_box_for_the_text_and_its_rubric_in_the_bank(
    app: Flask, bank: Bank, teacher: Visitor
) -> None:
    (part,) = part_views(make_variant(bank.problems["explain-two-modes"], 1), {"compare": "Row <by> row."})[-1:]
    with app.app_context():
        field = get_template_attribute("attempts/_field.html", "field_of")(part)
    assert 'name="answer.compare" rows="6"' in field
    assert ">Row &lt;by&gt; row.</textarea>" in field
    assert "1 point: Backward mode must store the" in teacher.page("/bank/explain-two-modes?seed=1")
