"""The newcomer's story: a randomised Jacobian in the browser, one wrong entry, and what the instructor sees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from grader.services import attempts, users
from grader.services.demo import DEMO_PASSWORD
from grader.store.database import open_engine, open_sessions
from grader.web.variants import variant_at
from tests.browser.conftest import Server, Visit, arrive
from tests.web.filling import right_fields

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.long]

TITLE = "Jacobian of a polynomial map"


def now() -> datetime:
    return datetime.now(UTC)


def right_answers(server: Server, attempt_id: int, login: str = "ada") -> dict[str, str]:
    engine = open_engine(server.database_url)
    with open_sessions(engine)() as session:
        student = users.authenticate(session, now, login, DEMO_PASSWORD)
        view = attempts.attempt(session, now, student, attempt_id)
    engine.dispose()
    return right_fields(variant_at(view.problem_source, view.seed))


def fill(page: Page, answers: dict[str, str]) -> None:
    for name, text in answers.items():
        page.locator(f'[name="{name}"]').fill(text)


def open_problem(page: Page) -> int:
    page.get_by_role("link", name="Jacobians and the chain rule").last.click()
    page.get_by_role("link", name=TITLE).click()
    arrive(page, TITLE)
    return int(page.url.split("#")[0].rsplit("/", 1)[1])


def submit(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Submit answer").click()


@pytest.mark.parametrize(
    ("database_kind", "scripts"),
    [("sqlite", True), pytest.param("postgresql", True, marks=pytest.mark.postgres), ("sqlite", False)],
    ids=["sqlite", "postgresql", "without-scripts"],
    indirect=["database_kind"],
)
def test_the_newcomers_story(server: Server, visit: Visit, scripts: bool) -> None:
    page = visit("ada", java_script_enabled=scripts)
    right = right_answers(server, open_problem(page))
    first, _, third, *_ = right
    one_part = {name: text for name, text in right.items() if name.startswith("answer.jacobian")}

    # Unreadable: said before and after submitting, with the place; the text stays and no try is used up.
    fill(page, one_part | {first: "2x + ("})
    if not scripts:
        page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview-jacobian")).to_contain_text("not readable yet")
    expect(page.locator("#preview-jacobian")).to_contain_text("Row 1, column 1:")
    expect(page.locator("#preview-jacobian .caret")).to_contain_text("^")
    page.get_by_role("button", name="Submit answer").click()  # with scripts, the page stays
    expect(page.get_by_text("No try was used up.").first).to_be_visible()
    expect(page.locator(f'[name="{first}"]')).to_have_value("2x + (")
    expect(page.get_by_text("5 of 5 tries left")).to_be_visible()
    page.wait_for_load_state()

    # One wrong entry: named, marked in its box, the others right.
    fill(page, right | {third: "99"})
    if not scripts:
        with page.expect_navigation():
            page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview-jacobian .preview-math mtable")).to_be_visible()
    submit(page)
    expect(page.locator("#verdict-jacobian")).to_contain_text("3 of 4 entries are right")
    expect(page.locator("#verdict-jacobian")).to_contain_text("Entry (2,1) is wrong")
    assert page.locator(f'[name="{third}"]').get_attribute("aria-invalid") == "true"
    assert page.locator(f'[name="{first}"]').get_attribute("aria-invalid") is None
    expect(page.get_by_text("4 of 5 tries left")).to_be_visible()

    # The second try is right.
    fill(page, right)
    submit(page)
    expect(page.locator("#result[role=status]")).to_contain_text("All right.")
    expect(page.get_by_text("Solved").first).to_be_visible()
    page.get_by_text("Worked solution").click()

    # The instructor sees it.
    teacher = visit("instructor", java_script_enabled=scripts)
    teacher.get_by_role("link", name="Results").click()
    row = teacher.get_by_role("row", name="Ada Ahmed")
    row.get_by_role("link", name=TITLE).click()
    expect(teacher.get_by_text("The work of Ada Ahmed")).to_be_visible()
    teacher.get_by_role("link", name="Submission 1").click()
    expect(teacher.get_by_role("heading", level=1, name="Submission 1")).to_be_visible()
    expect(teacher.get_by_text("Entry (2,1) is wrong")).to_be_visible()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_wrong_in_every_entry(server: Server, visit: Visit) -> None:
    page = visit("ada")
    right = right_answers(server, open_problem(page))
    fill(page, dict.fromkeys(right, "12345"))
    submit(page)
    expect(page.locator("#result[role=status]")).to_contain_text("Not right yet.")
    assert page.locator(".cell-mark.wrong").count() == len(right)
