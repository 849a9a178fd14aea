"""An instructor's story: a problem written in the browser, swept, saved, set with a late rule, tried as a student."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.browser.conftest import Visit
from tests.browser.hands import Hands, Pointer
from tests.browser.test_instructor_week import OWN as TITLE
from tests.browser.test_instructor_week import WEEK, extend_it, set_it

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.long]


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


def preview_it(hands: Hands) -> None:
    page = hands.page
    hands.link(WEEK)
    hands.follow(page.get_by_role("button", name=f"Preview as a student: {TITLE}"))
    expect(page.get_by_text("This is the page of a student with seed 1.")).to_be_visible()
    expect(page.get_by_role("button", name="Submit answer").last).to_be_visible()
    expect(page.get_by_text("Worked solution")).to_have_count(0)


def test_an_instructor_writes_sets_and_tries_a_problem(visit: Visit) -> None:
    page = visit("instructor")
    write_problem(page)
    try_the_editor(page)
    sweep_and_save(page)
    hands = Pointer(page)
    set_it(hands)
    extend_it(hands)
    preview_it(hands)
