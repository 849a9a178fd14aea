"""An instructor's story: a problem written in the browser, swept, saved, set with a late rule, tried as a student."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.live]

TITLE = "Slope of my parabola"


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param  # what the script of the editor does depends on no database; the sweep's job does
    return kind


def type_at_end(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def source(page: Page) -> str:
    return page.locator("#source").input_value()


def write_problem(page: Page) -> None:
    page.get_by_role("link", name="Problem bank").first.click()
    page.get_by_role("link", name="New problem").click()
    page.get_by_label("What is asked for").select_option("derivative")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Write the problem").click()
    expect(page.locator(".cm-editor")).to_be_visible()
    expect(page.locator("#seen")).to_contain_text("Nothing to mend.")


def try_the_editor(page: Page) -> None:
    """Completion and meanings from the schema, a finding at its line as one types, the variant of another seed."""
    type_at_end(page, "\nnot")
    page.keyboard.press("Control+Space")  # what is offered while one types closes when the findings come first
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#seen .findings")).to_be_visible()
    expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    for _ in "\nnot":
        page.keyboard.press("Backspace")
    expect(page.locator("#seen")).to_contain_text("Nothing to mend.")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    see_the_meaning(page)
    before = page.locator("#seen .facts").inner_text()
    page.get_by_label("Seed").fill("8")
    expect(page.locator("#seen .facts")).not_to_have_text(before, use_inner_text=True)


def see_the_meaning(page: Page) -> None:
    """It shows while the pointer rests on a word; a line that is drawn anew under it counts as left."""
    meaning = page.locator(".cm-meaning")
    for _ in range(10):
        page.mouse.move(0, 0)
        page.locator(".cm-line span", has_text="level").first.hover()
        try:
            meaning.wait_for(timeout=6_000)
        except WaitedTooLong:
            continue
        return
    pytest.fail("no meaning is shown")


def sweep_and_save(page: Page) -> None:
    page.get_by_role("button", name="Sweep 50 seeds").click()
    expect(page.locator("#sweep")).to_contain_text("50 of 50 seeds", timeout=120_000)
    expect(page.locator("#sweep")).to_contain_text("The sweep finds nothing to mend.")
    type_at_end(page, "# By us.\n")
    page.keyboard.press("Control+s")
    expect(page.locator(".cm-status")).to_contain_text("Saved as version")
    assert "# By us." in source(page)


def set_it(page: Page) -> None:
    page.get_by_role("link", name="Courses").first.click()
    page.get_by_role("main").get_by_role("link", name="Calculus for Machine Learning").first.click()
    page.get_by_role("main").get_by_role("link", name="Assignments").click()
    page.get_by_role("link", name="New assignment").click()
    page.get_by_label("Title", exact=True).fill("Week 7")
    page.get_by_label("Time zone of all dates here").fill("Europe/Berlin")
    page.get_by_label("Due", exact=True).fill("2099-03-01T23:59")
    page.get_by_label("Count less each day.").check()
    page.get_by_label("Percent lost each day").fill("lots")
    page.get_by_label("From", exact=True).select_option(label="This course")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name=f"Add: {TITLE}").click()
    expect(page.get_by_role("button", name=f"Remove: {TITLE}")).to_be_visible()
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#fault-late_loss")).to_contain_text("a percentage")
    expect(page.get_by_label("Percent lost each day")).to_have_value("lots")
    page.get_by_label("Percent lost each day").fill("10")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1, name="Week 7")).to_be_visible()


def extend_and_preview(page: Page) -> None:
    page.get_by_role("link", name="Extensions").click()
    page.get_by_label("Student", exact=True).select_option(label="Ada Ahmed (ada)")
    page.get_by_label("Own due date").fill("2099-03-05T12:00")
    page.get_by_role("button", name="Give the extension").click()
    expect(page.get_by_role("listitem").filter(has_text="Ada Ahmed")).to_contain_text("2099")
    page.get_by_role("link", name="Week 7").first.click()
    page.get_by_role("button", name=f"Preview as a student: {TITLE}").click()
    expect(page.get_by_text("This is the page of a student with seed 1.")).to_be_visible()
    expect(page.get_by_role("button", name="Submit answer").last).to_be_visible()
    expect(page.get_by_text("Worked solution")).to_have_count(0)


def test_an_instructor_writes_sets_and_tries_a_problem(visit: Visit) -> None:
    page = visit("instructor")
    write_problem(page)
    try_the_editor(page)
    sweep_and_save(page)
    set_it(page)
    extend_and_preview(page)
    ada = visit("ada")
    ada.goto("/courses/1")
    ada.get_by_role("link", name="Week 7").first.click()
    expect(ada.get_by_role("main")).to_contain_text("5 Mar 2099")
    ada.get_by_role("link", name=TITLE).click()
    expect(ada.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
