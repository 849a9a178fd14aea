"""A student's week: what is due, hints, a mistake explained, an answer that is late, practice, settings.

Once with scripts on a desktop, once without any on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from grader.bank.loading import load_bank
from grader.bank.variant import Variant
from grader.services import assignments, attempts, users
from grader.services.assignments import ChosenProblem
from grader.services.demo import DEMO_PASSWORD
from grader.services.lateness import LateKind, LateRule
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.store.database import open_engine, open_sessions
from grader.web.variants import variant_at
from tests.browser.conftest import Server, Visit, arrive
from tests.browser.test_newcomer import fill, now, open_problem, submit
from tests.web.filling import right_fields

pytestmark = [pytest.mark.browser, pytest.mark.live]

PROBLEMS = Path(__file__).parents[2] / "problems"
BENDS, LATE_WORK = "curvature-of-power", "Last week's work"
RULES = Policy(tries=5, late=LateRule(LateKind.DAILY, loss=Fraction(1, 10)))
MOST_SKIPPED = 12
OPTIONS = "#answer-form :is([type=radio], [type=checkbox], textarea[name^='answer.']:visible)"


@dataclass(frozen=True)
class Student:
    """Who plays the week, and how."""

    login: str
    name: str
    id: int
    scripts: bool
    width: int
    server: Server

    def right_answers(self, attempt_id: int) -> dict[str, str]:
        return right_fields(self.variant(attempt_id))

    def variant(self, attempt_id: int) -> Variant:
        engine = open_engine(self.server.database_url)
        with open_sessions(engine)() as session:
            actor = users.authenticate(session, now, self.login, DEMO_PASSWORD)
            view = attempts.attempt(session, now, actor, attempt_id)
        engine.dispose()
        return variant_at(view.problem_source, view.seed)


def set_late_work(server: Server) -> None:
    """An assignment that was due an hour ago and takes answers for nine tenths of their points."""
    (problem,) = load_bank((PROBLEMS / "convexity" / f"{BENDS}.yaml",)).problems.values()
    engine, rules = open_engine(server.database_url), replace(RULES, due=now() - timedelta(hours=1))
    with open_sessions(engine)() as session:
        teacher = users.authenticate(session, now, "instructor", DEMO_PASSWORD)
        assignments.create_assignment(session, now, teacher, 1, LATE_WORK, [ChosenProblem(source_of(problem))], rules)
    engine.dispose()


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param  # the services are tested on both
    return kind


def attempt_of(page: Page) -> int:
    return int(page.url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].rsplit("/", 1)[1])


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_students_week(server: Server, visit: Visit) -> None:
    set_late_work(server)
    for student in (
        Student("ada", "Ada Ahmed", 2, True, 1280, server),
        Student("ben", "Ben Berger", 3, False, 390, server),
    ):
        options = {"java_script_enabled": student.scripts, "viewport": {"width": student.width, "height": 860}}
        page = visit(student.login, timezone_id="Europe/Berlin", **options)
        look_at_the_start_page(page, student)
        choose_a_time_zone(page, student)
        attempt = work_on_an_assignment(page, student)
        hand_in_late(page, student)
        practise(page, student)
        be_seen_by_the_teacher(visit("instructor"), student, attempt)
        log_out_everywhere(page, visit(student.login, **options))


def look_at_the_start_page(page: Page, student: Student) -> None:
    """What is due, in the zone of the browser, or in UTC, and named, where no script tells it."""
    expect(page.get_by_role("heading", name="Due next")).to_be_visible()
    zone = "Times are those of Europe/Berlin." if student.scripts else "Times are in UTC."
    expect(page.get_by_text(zone)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(LATE_WORK)


def choose_a_time_zone(page: Page, student: Student) -> None:
    page.get_by_role("link", name=f"Settings of {student.name}").click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_label("Language").select_option("en")
    press(page, "Save")
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    expect(page.get_by_text("Times are those of Asia/Tokyo.")).to_be_visible()
    page.get_by_role("link", name="Courses").first.click()


def work_on_an_assignment(page: Page, student: Student) -> int:
    """Hints do not cost what is typed; the table of the score tells a mistake and its repair, and adds up."""
    page.get_by_role("link", name="Jacobians and the chain rule").last.click()
    expect(page.get_by_text("each failed try of a part costs 10 % of its points")).to_be_visible()
    page.go_back()
    attempt = open_problem(page)
    right = student.right_answers(attempt)
    first = next(iter(right))
    fill(page, {first: "x + 17"})
    for number in (1, 2):
        with page.expect_navigation():
            page.get_by_role("button", name=f"Show hint {number} of").click()
        expect(page.locator(".hint-note")).to_have_count(number)
        expect(page.locator(f'[name="{first}"]')).to_have_value("x + 17")
    for answers in (right | {first: "99"}, right):
        fill(page, answers)
        submit(page)
    table = page.get_by_role("table", name="How your score comes about")
    expect(table.get_by_role("row", name="Submission 1")).to_contain_text("3 of 4 right")
    expect(table.get_by_role("row", name="Submission 2")).to_contain_text("right before")
    expect(table.get_by_role("row", name="Your score")).to_contain_text("5.6 / 6")
    page.get_by_role("link", name="Jacobians and the chain rule").click()
    row = page.get_by_role("row", name="Jacobian of a polynomial map")
    expect(row).to_contain_text("Solved")
    expect(row).to_contain_text("5.6 / 6")
    return attempt


def hand_in_late(page: Page, student: Student) -> None:
    """A formula and a choice: the mistake in the formula is named, and what is late counts less."""
    page.goto("/courses/1")
    page.get_by_role("link", name=LATE_WORK).first.click()
    page.get_by_role("link", name="Convex, concave, or neither").click()
    arrive(page, "Convex, concave, or neither")
    variant = student.variant(attempt_of(page))
    right = right_fields(variant)
    page.locator(f'[name="answer.kind"][value="{right["answer.kind"]}"]').check()
    fill(page, {"answer.second": "({a})*({n})*x^({n} - 1) + ({b})".format(**variant.parameters)})
    submit(page)
    expect(page.locator("#verdict-second")).to_contain_text("This is of lower order than asked for")
    expect(page.locator("#verdict-kind")).to_contain_text("Right")
    fill(page, {"answer.second": right["answer.second"]})
    submit(page)
    table = page.get_by_role("table", name="How your score comes about")
    expect(table.get_by_role("row", name="Submission 2")).to_contain_text("−0.1")
    expect(table.get_by_role("row", name="Your score")).to_contain_text("1.8 / 2")
    page.goto("/")
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()


def practise(page: Page, student: Student) -> None:
    """Skip, look at a solution, get new numbers, go on where one left off, answer: the topic moves."""
    page.goto("/courses/1/practice")
    topic = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Gradients"))
    expect(topic).to_contain_text("Not begun")
    with page.expect_navigation():
        topic.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Hints")).to_be_visible()
    skip_to_typed_answers(page)
    given_up = attempt_of(page)
    press(page, "Show me the solution")
    assert attempt_of(page) == given_up
    expect(page.locator("#solution")).to_have_attribute("open", "")
    with page.expect_navigation():
        page.get_by_role("link", name="The same with other numbers").click()
    expect(page.get_by_role("button", name="Submit answer").last).to_be_visible()
    assert attempt_of(page) != given_up
    page.goto("/")
    expect(page.get_by_role("heading", name="Go on where you left off")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Continue").click()
    fill(page, student.right_answers(attempt_of(page)))
    submit(page)
    expect(page.get_by_role("status")).to_contain_text("All right.")
    press(page, "Another problem on this topic")
    page.goto("/courses/1/practice")
    expect(topic).to_contain_text("At the beginning")
    expect(topic).to_contain_text("One problem answered")


def skip_to_typed_answers(page: Page) -> None:
    """Another practice problem until there is one without options to choose from."""
    for _ in range(MOST_SKIPPED):
        if not page.locator(OPTIONS).count():
            return
        press(page, "Another problem on this topic")
    pytest.fail("every problem has options")


def be_seen_by_the_teacher(teacher: Page, student: Student, attempt: int) -> None:
    """The hints that were opened, and the mastery of the topics."""
    teacher.goto(f"/attempts/{attempt}")
    expect(teacher.get_by_text("The student has opened 2 of")).to_be_visible()
    teacher.goto(f"/courses/1/students/{student.id}/practice")
    expect(teacher.get_by_role("heading", name=f"Practice of {student.name}")).to_be_visible()
    expect(teacher.get_by_text("One problem answered").first).to_be_visible()


def log_out_everywhere(page: Page, elsewhere: Page) -> None:
    """A log-in on another device ends with this one."""
    page.goto("/settings")
    press(page, "Log out on every device")
    expect(page.get_by_text("You are logged out on every device.")).to_be_visible()
    elsewhere.goto("/courses/1")
    expect(elsewhere.get_by_role("heading", level=1, name="Log in")).to_be_visible()
