"""A teacher's story, on a phone: open the clusters, explain one, accept one, look at the dry run, apply it, undo it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.services import attempts, users
from grader.services.access import Actor
from grader.services.demo import DEMO_PASSWORD
from grader.services.submissions import submit
from grader.store.database import open_engine, open_sessions
from tests.browser.conftest import Server, Visit, settled
from tests.services.regrading import judge

pytestmark = [pytest.mark.browser, pytest.mark.live]

ASSIGNMENT, PROBLEM = 1, "derivative-polynomial"
SLOW = 120_000  # milliseconds: the worker has other jobs, too


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param  # the services are tested on both
    return kind


def now() -> datetime:
    return datetime.now(UTC)


def answer(server: Server) -> None:
    """Three students add a sine to the function instead of differentiating it; judged at once."""
    engine = open_engine(server.database_url)
    with open_sessions(engine)() as session:
        for login in ("ada", "ben", "chen"):
            answer_as(session, users.authenticate(session, now, login, DEMO_PASSWORD))
    engine.dispose()


def answer_as(session: Session, student: Actor) -> None:
    attempt = attempts.open_attempt(session, now, student, ASSIGNMENT, PROBLEM)
    numbers = make_variant(load_problem(attempt.problem_source), attempt.seed).parameters
    text = "({a})*x^({n}) + sin(x)".format(**numbers)
    submit(session, now, judge, student, attempt.id, {"derivative": text})


def test_accept_a_cluster_and_regrade(server: Server, visit: Visit) -> None:
    answer(server)
    page = visit("instructor", viewport={"width": 390, "height": 844})
    address = f"/assignments/{ASSIGNMENT}/clusters"
    page.goto(address)
    row = page.get_by_role("link", name="Derivative of a polynomial")
    expect(row).to_be_visible()
    expect(row).to_contain_text("3 wrong submissions")
    row.click()
    first = page.locator(".cluster").first
    expect(first).to_contain_text("3 students")
    settled(page)
    first.get_by_text("Explain").click()
    first.get_by_label("What students in this cluster are told").fill("No sine comes in here.")
    first.get_by_role("button", name="Tell them").click()
    expect(page.locator(".cluster").first).to_contain_text("No sine comes in here.")
    settled(page)
    first = page.locator(".cluster").first
    first.get_by_text("Accept", exact=False).first.click()
    first.get_by_role("button", name="Accept and see the dry run").click()
    page.get_by_label("Reason, for the record").fill("Both were meant.")
    page.get_by_role("button", name="Begin the dry run").click()
    wait_for(page, "Not applied")
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(3)
    for name in ("Ada Ahmed", "Ben", "Chen"):
        expect(page.locator("tbody")).to_contain_text(name)
    page.get_by_role("button", name="Apply").click()
    wait_for(page, "Applied")
    expect(page.locator(".lines").first).to_contain_text("3 up, 0 down")
    student = visit("ada")
    student.goto(f"/assignments/{ASSIGNMENT}")
    expect(student.get_by_role("row", name="Derivative of a polynomial")).to_contain_text("Solved")
    page.get_by_role("button", name="Undo").click()
    wait_for(page, "Undone")
    student.reload()
    expect(student.get_by_role("row", name="Derivative of a polynomial")).not_to_contain_text("Solved")


def wait_for(page: Page, badge: str) -> None:
    """The page looks again by itself until the worker is done."""
    expect(page.locator(".head .badge")).to_have_text(badge, timeout=SLOW)
