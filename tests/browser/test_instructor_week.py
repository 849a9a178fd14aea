"""An instructor's week: a problem written, set, an extension, results, clusters, a regrade, an override, a file.

Once on a phone, once by keyboard alone on a desktop.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.services import attempts, users
from grader.services.access import Actor
from grader.services.demo import DEMO_PASSWORD
from grader.services.submissions import submit
from grader.store.database import open_engine, open_sessions
from tests.browser.conftest import Server, Visit, arrive, is_within, settled
from tests.browser.hands import DESKTOP, PHONE, Hands, Keyboard, Pointer
from tests.services.regrading import judge

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.long]

COURSE, WEEK, OWN = "Calculus for Machine Learning", "Week 7", "Slope of my parabola"
SHIPPED, SHIPPED_ID = "Derivative of a polynomial", "derivative-polynomial"
STUDENTS = {"ada": "Ada Ahmed", "ben": "Ben Berger", "chen": "Chen Chu"}
SLOW = 120_000  # milliseconds: the worker has other jobs, too


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param  # the services are tested on both
    return kind


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("way", ["phone", "keyboard"])
def test_an_instructors_week(server: Server, visit: Visit, way: str) -> None:
    page = visit("instructor", **(PHONE if way == "phone" else DESKTOP))
    hands: Hands = Pointer(page) if way == "phone" else Keyboard(page)
    write_a_problem(hands)
    set_it(hands)
    assignment = int(page.url.rsplit("/", 1)[1])
    extend_it(hands)
    be_seen_by_ada(visit)
    answer(server, assignment)
    watch_the_results(hands)
    explain_and_accept(hands)
    try_apply_and_undo(hands, visit, assignment)
    override(hands)
    take_the_table_away(hands)


def write_a_problem(hands: Hands) -> None:
    """A bad id has the focus again; in the editor a slip is said at its foot, and saving leaves one there."""
    page = hands.page
    hands.follow(page.get_by_role("link", name="Problem bank").first)
    hands.link("New problem")
    hands.choose(page.get_by_label("What is asked for"), words_of(page.get_by_label("What is asked for"), "derivative"))
    hands.write(page.get_by_label("Title"), OWN)
    hands.write(page.get_by_label("Id", exact=True), "No good!")
    hands.button("Write the problem")
    expect(page.get_by_label("Id", exact=True)).to_be_focused()
    is_within(page)
    hands.write(page.get_by_label("Id", exact=True), "")
    hands.button("Write the problem")
    expect(page.locator(".flashes .note")).to_be_focused()
    editor, foot = page.locator(".cm-content"), page.locator(".cm-status")
    hands.write_at_end(editor, "not")
    expect(foot).to_contain_text("This is not YAML")
    is_within(page)
    for _ in "not":
        page.keyboard.press("Backspace")
    page.keyboard.type("# By us.\n")
    page.keyboard.press("Control+s")
    expect(foot).to_contain_text("Saved as version")
    expect(editor).to_be_focused()
    hands.write_at_end(editor, "# On Monday.\n")
    hands.press(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#live")).to_contain_text("Saved as version")
    expect(foot).to_contain_text("Saved as version")


def words_of(field: Locator, value: str) -> str:
    """What an option of a list is called."""
    return str(field.locator(f'option[value="{value}"]').evaluate("option => option.label"))


def set_it(hands: Hands) -> None:
    """Own problem and shipped one; what is refused has the focus, and nothing typed is lost."""
    page = hands.page
    hands.follow(page.get_by_role("link", name="Courses").first)
    hands.link(COURSE)
    hands.link("Assignments")
    hands.link("New assignment")
    hands.write(page.get_by_label("Title", exact=True), WEEK)
    hands.choose(page.get_by_label("From", exact=True), "This course")
    hands.button("Search")
    hands.follow(page.get_by_role("button", name=f"Add: {OWN}"))
    expect(page.get_by_label("Title or text")).to_be_focused()  # nothing else is offered
    hands.choose(page.get_by_label("From", exact=True), "The bank")
    hands.write(page.get_by_label("Title or text"), SHIPPED)
    with page.expect_navigation():
        page.keyboard.press("Enter")  # searches, and saves nothing
    hands.follow(page.get_by_role("button", name=f"Add: {SHIPPED}", exact=True))
    hands.follow(page.get_by_role("button", name=f"Move up: {SHIPPED}"))
    expect(page.get_by_role("button", name=f"Move down: {SHIPPED}")).to_be_focused()
    hands.write(page.get_by_label("Time zone of all dates here"), "Europe/Berlin")
    hands.set_moment(page.get_by_label("Due", exact=True), "2099-03-01T23:59")
    hands.tick(page.get_by_label("Count less each day."))
    hands.write(page.get_by_label("Percent lost each day"), "lots")
    hands.button("Save")
    expect(page.locator("#fault-late_loss")).to_contain_text("a percentage")
    expect(page.get_by_label("Percent lost each day")).to_be_focused()
    is_within(page)
    hands.write(page.get_by_label("Percent lost each day"), "10")
    hands.button("Save")
    arrive(page, WEEK)
    expect(page.locator(".row-title")).to_contain_text([SHIPPED, OWN])


def extend_it(hands: Hands) -> None:
    """For one student: first without anything that is extended, which is refused."""
    page = hands.page
    hands.link("Extensions")
    hands.choose(page.get_by_label("Student", exact=True), "Ada Ahmed (ada)")
    hands.set_moment(page.get_by_label("Own due date"), "2099-03-05T12:00")
    hands.button("Give the extension")
    expect(page.get_by_role("listitem").filter(has_text="Ada Ahmed")).to_contain_text("2099")
    is_within(page)


def be_seen_by_ada(visit: Visit) -> None:
    ada = visit("ada")
    ada.goto("/courses/1")
    ada.get_by_role("link", name=WEEK).first.click()
    expect(ada.get_by_role("main")).to_contain_text("5 Mar 2099")
    ada.get_by_role("link", name=OWN).click()
    expect(ada.get_by_role("heading", level=1, name=OWN)).to_be_visible()


def answer(server: Server, assignment: int) -> None:
    """Three students add a sine to the function instead of differentiating it; judged at once."""
    engine = open_engine(server.database_url)
    with open_sessions(engine)() as session:
        for login in STUDENTS:
            answer_as(session, assignment, users.authenticate(session, now, login, DEMO_PASSWORD))
    engine.dispose()


def answer_as(session: Session, assignment: int, student: Actor) -> None:
    attempt = attempts.open_attempt(session, now, student, assignment, SHIPPED_ID)
    numbers = make_variant(load_problem(attempt.problem_source), attempt.seed).parameters
    text = "({a})*x^({n}) + sin(x)".format(**numbers)
    submit(session, now, judge, student, attempt.id, {"derivative": text})


def watch_the_results(hands: Hands) -> None:
    """Of this assignment, from a head of the table to a mark in it by the arrows or at once, and to the work."""
    page = hands.page
    hands.follow(page.get_by_role("link", name="Courses").first)
    hands.link(COURSE)
    hands.link("Results")
    hands.choose(page.get_by_label("Assignment", exact=True), WEEK)
    hands.button("Show")
    row = page.get_by_role("row", name="Ben Berger")
    is_within(page)
    mark = row.get_by_role("link", name=SHIPPED)
    if isinstance(hands, Keyboard):
        hands.reach(page.get_by_role("columnheader", name=SHIPPED).get_by_role("link"))
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(mark).to_be_focused()
    hands.follow(mark)
    expect(page.get_by_text("The work of Ben Berger")).to_be_visible()
    is_within(page)


def explain_and_accept(hands: Hands) -> None:
    """The three wrong answers are one cluster: explained, then accepted."""
    page = hands.page
    hands.link(WEEK)
    hands.link("Wrong answers")
    row = page.get_by_role("main").get_by_role("link", name=SHIPPED)
    expect(row).to_contain_text("3 wrong submissions")
    hands.follow(row)
    first = page.locator(".cluster").first
    expect(first).to_contain_text("3 students")
    settled(page)
    hands.press(first.locator("summary", has_text="Explain"))
    hands.write(first.get_by_label("What students in this cluster are told"), "No sine comes in here.")
    hands.follow(first.get_by_role("button", name="Tell them"))
    expect(first).to_contain_text("No sine comes in here.")
    settled(page)
    is_within(page)
    hands.press(first.locator("summary", has_text="Accept"))
    hands.follow(first.get_by_role("button", name="Accept and see the dry run"))


def try_apply_and_undo(hands: Hands, visit: Visit, assignment: int) -> None:
    page = hands.page
    hands.write(page.get_by_label("Reason, for the record"), "Both were meant.")
    hands.button("Begin the dry run")
    wait_for(page, "Not applied")
    expect(page.locator("tbody tr")).to_have_count(3)
    for name in STUDENTS.values():
        expect(page.locator("tbody")).to_contain_text(name)
    is_within(page)
    hands.button("Apply")
    wait_for(page, "Applied")
    expect(page.locator(".lines").first).to_contain_text("3 up, 0 down")
    student = visit("ada")
    student.goto(f"/assignments/{assignment}")
    expect(student.get_by_role("row", name=SHIPPED)).to_contain_text("Solved")
    hands.button("Undo")
    wait_for(page, "Undone")
    student.reload()
    expect(student.get_by_role("row", name=SHIPPED)).not_to_contain_text("Solved")


def wait_for(page: Page, badge: str) -> None:
    """The page looks again by itself until the worker is done."""
    expect(page.locator(".head .badge")).to_have_text(badge, timeout=SLOW)
    settled(page)


def override(hands: Hands) -> None:
    """What the judge has decided: refused without a reason, and recorded with one."""
    page = hands.page
    hands.follow(page.locator("tbody").get_by_role("link", name="Submission").first)
    hands.press(page.get_by_text("Override or comment on part a"))
    points = page.get_by_label("Points of 1 for part a")
    hands.write(points, "1/2")
    hands.button("Give the points")
    expect(page.get_by_role("alert")).to_contain_text("Say for the record why")
    reason = page.get_by_label("Why other points than the judge's")
    expect(reason).to_be_focused()
    expect(points).to_have_value("1/2")
    hands.write(reason, "the prompt was misleading")
    hands.button("Give the points")
    expect(page.locator(".flashes .note")).to_be_focused()
    expect(page.get_by_text("The points are recorded.")).to_be_visible()
    expect(page.locator("#verdict-derivative")).to_contain_text(re.compile(r"0\.5 / 1"))
    is_within(page)


def take_the_table_away(hands: Hands) -> None:
    page = hands.page
    hands.follow(page.get_by_role("link", name="Courses").first)
    hands.link(COURSE)
    hands.link("Results")
    with page.expect_download() as download:
        hands.press(page.get_by_role("link", name="XLSX"))
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    names = {row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)}
    assert set(STUDENTS.values()) <= names
