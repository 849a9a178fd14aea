"""A student's week: what is due, hints, a mistake explained, a draft, a question, a late answer, practice, settings.

Once by keyboard alone on a desktop, and on a phone, once with scripts and once without any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

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
from tests.browser.conftest import Server, Visit, arrive, is_within
from tests.browser.hands import DESKTOP, PHONE, Hands, Keyboard, Pointer
from tests.browser.test_newcomer import TITLE, now
from tests.web.filling import right_fields

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.long]

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
    server: Server
    way: type[Hands]
    options: dict[str, Any]

    @property
    def has_scripts(self) -> bool:
        return bool(self.options.get("java_script_enabled", True))

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


def fill(hands: Hands, answers: dict[str, str]) -> None:
    for name, text in answers.items():
        hands.write(hands.page.locator(f'[name="{name}"]'), text)


def submit(hands: Hands) -> None:
    hands.button("Submit answer")


def test_a_students_week(server: Server, visit: Visit) -> None:
    set_late_work(server)
    for student in (
        Student("ada", "Ada Ahmed", 2, server, Keyboard, DESKTOP),
        Student("ben", "Ben Berger", 3, server, Pointer, PHONE | {"java_script_enabled": False}),
        Student("chen", "Chen Chu", 4, server, Pointer, PHONE),
    ):
        hands = student.way(visit(student.login, timezone_id="Europe/Berlin", **student.options))
        look_at_the_start_page(hands, student)
        choose_a_time_zone(hands, student)
        attempt = work_on_an_assignment(hands, student)
        hand_in_late(hands, student)
        practise(hands, student)
        be_seen_by_the_teacher(visit("instructor"), student, attempt)
        log_out_everywhere(hands, visit(student.login, **student.options))


def look_at_the_start_page(hands: Hands, student: Student) -> None:
    """What is due, in the zone of the browser, or in UTC, and named, where no script tells it."""
    page = hands.page
    expect(page.get_by_role("heading", name="Due next")).to_be_visible()
    zone = "Times are those of Europe/Berlin." if student.has_scripts else "Times are in UTC."
    expect(page.get_by_text(zone)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(LATE_WORK)


def choose_a_time_zone(hands: Hands, student: Student) -> None:
    page = hands.page
    hands.follow(page.get_by_role("link", name=f"Settings of {student.name}"))
    hands.choose(page.get_by_label("Time zone"), "Asia/Tokyo")
    hands.choose(page.get_by_label("Language"), "English")
    hands.button("Save")
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    expect(page.get_by_text("Times are those of Asia/Tokyo.")).to_be_visible()
    hands.follow(page.get_by_role("link", name="Courses").first)


def work_on_an_assignment(hands: Hands, student: Student) -> int:
    """Hints do not cost what is typed; the table of the score tells a mistake and its repair, and adds up."""
    page = hands.page
    hands.follow(page.get_by_role("link", name="Jacobians and the chain rule").last)
    expect(page.get_by_text("each failed try of a part costs 10 % of its points")).to_be_visible()
    hands.link(TITLE)
    arrive(page, TITLE)
    attempt = attempt_of(page)
    right = student.right_answers(attempt)
    first = next(iter(right))
    fill(hands, {first: "x + 17"})
    for number in (1, 2):
        hands.follow(page.get_by_role("button", name=f"Show hint {number} of"))
        expect(page.locator(".hint-note")).to_have_count(number)
        expect(page.locator(f'[name="{first}"]')).to_have_value("x + 17")
    for answers in (right | {first: "99"}, right):
        fill(hands, answers)
        submit(hands)
    table = page.get_by_role("table", name="How your score comes about")
    expect(table.get_by_role("row", name="Submission 1")).to_contain_text("3 of 4 right")
    expect(table.get_by_role("row", name="Submission 2")).to_contain_text("right before")
    expect(table.get_by_role("row", name="Your score")).to_contain_text("5.6 / 6")
    is_within(page)
    hands.link("Jacobians and the chain rule")
    row = page.get_by_role("row", name=TITLE)
    expect(row).to_contain_text("Solved")
    expect(row).to_contain_text("5.6 / 6")
    is_within(page)
    return attempt


def hand_in_late(hands: Hands, student: Student) -> None:
    """A formula and a choice: the mistake in the formula is named, and what is late counts less."""
    page = hands.page
    page.goto("/courses/1")
    hands.link(LATE_WORK)
    hands.link("Convex, concave, or neither")
    arrive(page, "Convex, concave, or neither")
    variant = student.variant(attempt_of(page))
    right = right_fields(variant)
    hands.tick(page.locator(f'[name="answer.kind"][value="{right["answer.kind"]}"]'))
    fill(hands, {"answer.second": "({a})*({n})*x^({n} - 1) + ({b})".format(**variant.parameters)})
    if student.has_scripts:
        lose_the_page(page)
    submit(hands)
    expect(page.locator("#verdict-second")).to_contain_text("This is of lower order than asked for")
    expect(page.locator("#verdict-kind")).to_contain_text("Right")
    be_asked_which_was_meant(hands, f"1/1(1/({right['answer.second']}))")
    table = page.get_by_role("table", name="How your score comes about")
    expect(table).to_contain_text("−0.1")
    expect(table.get_by_role("row", name="Your score")).to_contain_text("1.8 / 2")
    is_within(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()


def lose_the_page(page: Page) -> None:
    """What was typed and ticked is there again."""
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved")
    typed = page.locator('[name="answer.second"]').input_value()
    page.reload()
    expect(page.locator('[name="answer.second"]')).to_have_value(typed)
    expect(page.locator('[name="answer.kind"]:checked')).to_have_count(1)


def be_asked_which_was_meant(hands: Hands, text: str) -> None:
    """Right in its second reading: asked in place, and answered with one press."""
    page = hands.page
    fill(hands, {"answer.second": text})
    submit(hands)
    expect(page.locator("#result[role=status]")).to_contain_text("Which one did you mean?")
    is_within(page)
    hands.follow(page.locator(".meaning").last)
    expect(page.locator("#verdict-second")).to_contain_text("Right")


def practise(hands: Hands, student: Student) -> None:
    """Skip, look at a solution, get new numbers, go on where one left off, answer: the topic moves."""
    page = hands.page
    page.goto("/courses/1/practice")
    topic = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Gradients"))
    expect(topic).to_contain_text("Not begun")
    is_within(page)
    hands.follow(topic.get_by_role("button"))
    expect(page.get_by_role("heading", name="Hints")).to_be_visible()
    skip_to_typed_answers(hands)
    given_up = attempt_of(page)
    hands.button("Show me the solution")
    assert attempt_of(page) == given_up
    expect(page.locator("#solution")).to_have_attribute("open", "")
    is_within(page)
    hands.follow(page.get_by_role("link", name="The same with other numbers"))
    expect(page.get_by_role("button", name="Submit answer").last).to_be_visible()
    assert attempt_of(page) != given_up
    page.goto("/")
    expect(page.get_by_role("heading", name="Go on where you left off")).to_be_visible()
    hands.follow(page.get_by_role("link", name="Continue"))
    fill(hands, student.right_answers(attempt_of(page)))
    submit(hands)
    expect(page.locator("#result[role=status]")).to_contain_text("All right.")
    hands.button("Another problem on this topic")
    page.goto("/courses/1/practice")
    expect(topic).to_contain_text("At the beginning")
    expect(topic).to_contain_text("One problem answered")


def skip_to_typed_answers(hands: Hands) -> None:
    """Another practice problem until there is one without options to choose from."""
    for _ in range(MOST_SKIPPED):
        if not hands.page.locator(OPTIONS).count():
            return
        hands.button("Another problem on this topic")
    pytest.fail("every problem has options")


def be_seen_by_the_teacher(teacher: Page, student: Student, attempt: int) -> None:
    """The hints that were opened, and the mastery of the topics."""
    teacher.goto(f"/attempts/{attempt}")
    expect(teacher.get_by_text("The student has opened 2 of")).to_be_visible()
    teacher.goto(f"/courses/1/students/{student.id}/practice")
    expect(teacher.get_by_role("heading", name=f"Practice of {student.name}")).to_be_visible()
    expect(teacher.get_by_text("One problem answered").first).to_be_visible()


def log_out_everywhere(hands: Hands, elsewhere: Page) -> None:
    """A log-in on another device ends with this one."""
    hands.page.goto("/settings")
    hands.button("Log out on every device")
    expect(hands.page.get_by_text("You are logged out on every device.")).to_be_visible()
    elsewhere.goto("/courses/1")
    expect(elsewhere.get_by_role("heading", level=1, name="Log in")).to_be_visible()
