"""The problem page with scripts: the visual editor, drafts, a lost connection, figures, and the keyboard alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Locator, Page, Response, expect

from tests.browser.conftest import Server, Visit, demo_server
from tests.browser.test_accessibility import axe, violations
from tests.browser.test_newcomer import right_answers, submit
from tests.conftest import drop_postgres_database, migrated, postgres_database

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.postgres, pytest.mark.xdist_group("problem-page")]

CHAIN = "/assignments/1/problems/derivative-chain-power"
PARABOLA = "/assignments/5/problems/descent-on-parabola"
PART = "#part-derivative"
MOST_SCRIPT = 200_000  # bytes, before the editor is wanted
WEIGHT_OF_SCRIPTS = """performance.getEntriesByType("resource").filter(one => one.name.endsWith(".js"))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One for all tests here; the services are tested on both databases."""
    url = postgres_database()
    with demo_server(migrated(url)) as found:
        yield found
    drop_postgres_database(url)


def field(page: Page, name: str = "derivative") -> Locator:
    return page.locator(f'[name="answer.{name}"]')


def saved(page: Page) -> None:
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved")


def attempt_of(page: Page) -> int:
    return int(page.url.split("#")[0].split("?")[0].rsplit("/", 1)[1])


def test_the_visual_editor_and_the_text_are_in_step(student: str, visit: Visit) -> None:
    page = visit(student)
    page.goto(CHAIN)
    page.wait_for_load_state("networkidle")
    assert 0 < page.evaluate(WEIGHT_OF_SCRIPTS) < MOST_SCRIPT
    # A key types where the caret stands, around what is selected.
    part = page.locator(PART)
    field(page).fill("x + 1")
    field(page).press("ControlOrMeta+a")
    part.get_by_role("button", name="square root").click()
    expect(field(page)).to_have_value("sqrt(x + 1)")
    field(page).press("End")
    part.get_by_role("button", name="power", exact=True).click()
    page.keyboard.type("3")
    expect(field(page)).to_have_value("sqrt(x + 1)^(3)")
    expect(part.locator(".preview-words")).to_have_text("the square root of x plus 1, end of root cubed")
    visual_and_text(page, part)
    # The choice is remembered, the draft is there on another device, and text is what is submitted.
    page.reload()
    expect(part.locator("math-field")).to_be_visible()
    other = visit(student)
    other.goto(CHAIN)
    expect(field(other)).to_have_value("ln(x)/x")
    expect(other.locator("math-field")).to_have_count(0)
    part.get_by_role("button", name="Text").click()
    expect(part.locator("math-field")).to_have_count(0)
    expect(field(page)).to_have_value("ln(x)/x")


def visual_and_text(page: Page, part: Locator) -> None:
    """What stands in the text goes into the editor, what is written there into the text, and back."""
    part.get_by_role("button", name="Visual").click()
    editor = part.locator("math-field")
    expect(editor).to_be_visible()
    expect(editor).to_be_focused()
    assert editor.evaluate("field => field.value.replaceAll(' ', '')") == r"\sqrt{x+1}^{3}"
    editor.evaluate("field => field.executeCommand('selectAll')")
    page.keyboard.type("x^2")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("/2")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("+")
    part.get_by_role("button", name="sin", exact=True).click()
    page.keyboard.type("3x^2x")  # the editor leaves the exponent after one digit
    expect(field(page)).to_have_value("x^2/2 + sin(3*x^2*x)")
    expect(part.locator(".preview-math mfrac")).to_be_visible()
    with page.expect_response(lambda reply: reply.url.endswith("/draft") and "ln(x)/x" in _sent(reply)):
        field(page).fill("ln(x)/x")
    expect(editor.locator(".ML__latex")).to_contain_text("ln")
    saved(page)


def _sent(reply: Response) -> str:
    return (reply.request.post_data_buffer or b"").decode()


def test_nothing_is_lost_and_no_try_used_up(server: Server, student: str, visit: Visit) -> None:
    page = visit(student)
    page.goto(CHAIN)
    number = attempt_of(page)
    right = right_answers(server, number, student)["answer.derivative"]
    page = lose_the_connection(page, number, f"1/1(1/({right}))")
    answer_the_question(page, f"1/1(1/({right}))")
    # Back and forth: nothing is submitted again.
    page.go_back()
    page.go_forward()
    expect(page.locator("#verdict-derivative")).to_contain_text("Right")
    page.reload()
    page.wait_for_load_state("networkidle")
    end_the_session(page, student)


def lose_the_connection(page: Page, number: int, text: str) -> Page:
    """What is typed stays on the device, submitting says so, and the copy is newer than the server's; the new page."""
    field(page).fill("12x")
    saved(page)
    page.context.set_offline(True)
    field(page).fill(text)
    expect(page.locator("[data-draft-state]")).to_contain_text("Kept on this device")
    page.get_by_role("button", name="Submit answer").click()
    expect(page.locator("[data-submit-note]")).to_contain_text("No connection to the server.")
    expect(page.locator("#live")).to_contain_text("No connection to the server.")
    # The page breaks down before the connection is back, so that nothing of it can reach the server later.
    context = page.context
    crash(page)
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"/attempts/{number}")
    expect(field(page)).to_have_value(text)
    expect(page.locator("[data-draft-note]")).to_contain_text("newer than what the server had")
    page.get_by_role("button", name="Show what the server had").click()
    expect(field(page)).to_have_value("12x")
    return page


def crash(page: Page) -> None:
    """What happens when the browser runs out of memory: no script of the page gets to say good-bye."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()


def answer_the_question(page: Page, text: str) -> None:
    """The second reading is asked in place, and answered with one click."""
    field(page).fill(text)
    submit(page)
    expect(page.locator("#result[role=status]")).to_contain_text("Which one did you mean?")
    expect(page.get_by_text("Tries used").locator("xpath=following-sibling::dd[1]")).to_have_text("0")
    expect(page.locator("#live")).to_contain_text("Which one did you mean?")
    field(page).press("Enter")  # sends the text as it stands, not one of the answers to the question
    page.wait_for_url("**sent=2**")
    expect(page.locator("#result[role=status]")).to_contain_text("Which one did you mean?")
    with page.expect_navigation():
        page.locator(".meaning").last.click()
    expect(page.locator("#verdict-derivative")).to_contain_text("Right")
    expect(page.get_by_text("Tries used").locator("xpath=following-sibling::dd[1]")).to_have_text("1")


def end_the_session(page: Page, student: str) -> None:
    """Said at once, and the text is there after logging in."""
    page.context.clear_cookies()
    field(page).fill("77x")
    expect(page.locator("[data-draft-state]")).to_contain_text("You are logged out.")
    page.locator("[data-draft-state]").get_by_role("link", name="Log in").click()
    page.get_by_label("Log-in name").fill(student)
    page.get_by_label("Password").fill("calculus")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(field(page)).to_have_value("77x")


def test_by_keyboard_alone_on_a_phone(student: str, visit: Visit) -> None:
    source, faults = axe(), []
    page = visit(
        student, viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce", bypass_csp=True
    )
    page.goto(CHAIN)
    field(page).focus()
    page.keyboard.type("3x")
    page.keyboard.press("Tab")
    expect(page.locator(PART).get_by_role("button", name="Text")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Visual
    editor = page.locator(PART).locator("math-field")
    expect(editor).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("+x^2")
    expect(field(page)).to_have_value("3*x + x^2")
    saved(page)
    faults += violations(page, source)
    for _ in range(4):  # the text, Text, Visual, the keys: one stop
        page.keyboard.press("Tab")
    expect(page.locator(f"{PART} .key").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{PART} .key").nth(1)).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    field(page).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_focused()
    expect(page.locator("#live")).to_contain_text("Not right")
    walk_along_the_figure(page)
    faults += violations(page, source)
    fill_a_table(page)
    faults += violations(page, source)
    assert faults == []


def walk_along_the_figure(page: Page) -> None:
    slider = page.get_by_role("slider")
    slider.focus()
    before = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuetext", before or "")
    assert "true slope" in (slider.get_attribute("aria-valuetext") or "")


def fill_a_table(page: Page) -> None:
    page.goto(PARABOLA)
    page.locator("table[data-grid] input").first.focus()
    for place in range(page.locator("table[data-grid] input").count()):
        page.keyboard.type(str(place))
        page.keyboard.press("Tab")
    saved(page)
    submit(page)
    expect(page.locator(".reply .plot")).to_be_visible()
