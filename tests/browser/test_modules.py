"""What the small scripts add: walking through a grid, pasting a table, a preview as one types, one click counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visit, demo_server
from tests.browser.test_newcomer import open_problem, right_answers

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.xdist_group("modules")]  # one server for all of them


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests here, on SQLite: what the scripts do does not depend on the database."""
    path = tmp_path_factory.mktemp("modules") / "grader.sqlite3"
    shutil.copy(sqlite_template, path)
    with demo_server(f"sqlite:///{path}") as found:
        yield found


def box(page: Page, row: int, column: int) -> str:
    return page.locator(f'[name="answer.jacobian[{row}][{column}]"]').input_value()


def paste(page: Page, text: str) -> None:
    page.locator('[name="answer.jacobian[0][0]"]').focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def test_tables_are_pasted_into_the_boxes(student: str, visit: Visit) -> None:
    page = visit(student)
    open_problem(page)
    tables = {
        "a\tb\nc\td\n": "abcd",
        "[[e, f], [g, h]]": "efgh",
        "np.array([[i, j], [k, l]])": "ijkl",
        "[m n; o p]": "mnop",
        r"\begin{pmatrix} q & r \\ s & t \end{pmatrix}": "qrst",
    }
    for text, letters in tables.items():
        paste(page, text)
        assert "".join(box(page, i, j) for i in (0, 1) for j in (0, 1)) == letters
    paste(page, "[[1, 2, 3], [4, 5, 6]]")
    assert box(page, 0, 1) == "r"


def test_arrow_keys_walk_through_the_boxes(student: str, visit: Visit) -> None:
    page = visit(student)
    open_problem(page)
    page.locator('[name="answer.jacobian[0][0]"]').click()
    for key, text in (("ArrowRight", "b"), ("ArrowDown", "d"), ("ArrowLeft", "c"), ("ArrowUp", "a")):
        page.keyboard.press("Home" if key == "ArrowLeft" else "End")
        page.keyboard.press(key)
        page.keyboard.type(text)
    assert [box(page, i, j) for i in (0, 1) for j in (0, 1)] == ["a", "b", "c", "d"]


def test_the_preview_follows_the_typing(student: str, visit: Visit) -> None:
    page = visit(student)
    open_problem(page)
    preview = page.locator("#preview-jacobian")
    expect(preview).to_be_hidden()
    page.locator('[name="answer.jacobian[0][0]"]').press_sequentially("x/(y+1)")
    expect(preview.locator("mfrac")).to_be_visible()
    page.locator('[name="answer.jacobian[0][0]"]').fill("")
    expect(preview).to_be_hidden()
    page.locator('[name="answer.jacobian[0][1]"]').fill("q")
    expect(preview).to_contain_text("Row 1, column 2:")
    expect(page.locator("#live")).to_contain_text("Row 1, column 2:")


def test_a_double_click_submits_once(server: Server, student: str, visit: Visit) -> None:
    page = visit(student)
    for name, text in right_answers(server, open_problem(page), student).items():
        page.locator(f'[name="{name}"]').fill(text)
    page.get_by_role("button", name="Submit answer").dblclick()
    expect(page.locator("#result[role=status]")).to_contain_text("All right.")
    expect(page.get_by_role("link", name="Submission")).to_have_count(1)


def test_what_was_typed_survives_the_end_of_a_session(student: str, visit: Visit) -> None:
    page = visit(student)
    open_problem(page)
    first = page.locator('[name="answer.jacobian[0][0]"]')
    first.fill("x*y")
    # No answer of the server's is under way that would bring a cookie back.
    expect(page.locator("#preview-jacobian .preview-words")).not_to_be_empty()
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved")
    page.context.clear_cookies()
    first.fill("x*y + 7")
    page.get_by_role("button", name="Submit answer").click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.get_by_label("Log-in name").fill(student)
    page.get_by_label("Password").fill("calculus")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.locator('[name="answer.jacobian[0][0]"]')).to_have_value("x*y + 7")


def test_the_seed_switch(visit: Visit) -> None:
    page = visit("instructor")
    page.goto("/bank/jacobian-polynomial-map")
    page.get_by_label("Seed", exact=True).fill("12")
    page.get_by_label("Seed", exact=True).blur()
    page.wait_for_url("**seed=12")
    page.get_by_role("link", name="Seed 13").click()
    page.wait_for_url("**seed=13")
