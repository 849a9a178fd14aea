"""The marker's story: a queue answered by keyboard, an override, a list of people, files for a spreadsheet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from grader.store.database import open_engine, open_sessions
from tests.browser.conftest import Server, Visit, arrive
from tests.browser.test_newcomer import now
from tests.web.waiting import add_what_waits

pytestmark = [pytest.mark.browser, pytest.mark.live]

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LIST = "Log-in;First name;Last name;Role\nzoe;Zoë;Zimmer;\nbad name;Bad;Name;\nada;;;assistant\n"


def first_criterion(page: Page) -> Locator:
    return page.locator("[name=criteria-compare]").first


def answer_the_queue(page: Page) -> None:
    """By keyboard alone: criteria by their numbers, a comment, on to the next."""
    page.goto("/courses/1")
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_text("2 answers wait for a person.")).to_be_visible()
    page.get_by_role("link", name="Begin with the oldest").press("Enter")
    arrive(page, "The cost of forward and backward mode")
    expect(first_criterion(page)).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("4")
    expect(page.get_by_label("Points of 4 for part c")).to_have_value("2")
    page.keyboard.press("4")
    expect(page.get_by_label("Points of 4 for part c")).to_have_value("1")
    page.keyboard.press("4")
    page.get_by_label("Comment for the student").focus()
    page.keyboard.type("Forward mode is missing.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 answer is left.")).to_be_visible()
    expect(first_criterion(page)).to_be_focused()
    page.get_by_label("Points of 4 for part c").fill("1/2")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing waits")).to_be_visible()


def override_and_withdraw(page: Page) -> None:
    """A part that the judge has decided: refused without a reason, withdrawn in the end, told by the history."""
    page.goto("/submissions/1")
    page.get_by_text("Override or comment on part a").click()
    page.get_by_label("Points of 1 for part a").fill("1")
    part = page.get_by_role("region", name=re.compile("How many multiplications does one product"))
    part.get_by_role("button", name="Give the points").click()
    expect(page.get_by_role("alert")).to_contain_text("Say for the record why")
    expect(page.get_by_label("Points of 1 for part a")).to_have_value("1")
    page.get_by_label("Why other points than the judge's").first.fill("the prompt was misleading")
    part.get_by_role("button", name="Give the points").click()
    expect(page.get_by_text("The points are recorded.")).to_be_visible()
    expect(page.locator("#verdict-matrix")).to_contain_text("1 / 1")
    expect(page.get_by_text("Reason: the prompt was misleading")).to_be_visible()
    part.get_by_role("button", name="Withdraw the mark").click()
    expect(page.locator("#verdict-matrix")).to_contain_text("Not right")
    expect(page.get_by_text("Marks that count no longer")).to_be_visible()

    page.get_by_role("link", name="All of Ben Berger").click()
    expect(page.locator(".event-marked").filter(has_text="counts no longer")).to_have_count(1)


def import_a_list(page: Page, file: Path) -> None:
    """With a bad line: looked at, then imported."""
    file.write_bytes(LIST.encode("utf-16"))
    page.goto("/courses/1/people")
    page.get_by_role("link", name="Import a list").click()
    page.get_by_label("A CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("region", name="Left out")).to_contain_text("A log-in name is made of letters")
    expect(page.get_by_role("row", name="zoe")).to_contain_text("new account, enrolled")
    expect(page.get_by_role("row", name="ada")).to_contain_text("so far: Student")
    page.get_by_role("button", name="Import 2 lines").click()
    expect(page.get_by_text("2 people imported, 1 of them with new accounts.")).to_be_visible()
    expect(page.get_by_role("row", name="Zoë Zimmer")).to_contain_text("no password")


def invite_somebody(page: Page, visit: Visit) -> None:
    """The link is shown once, and followed by somebody new."""
    page.get_by_role("link", name="Invitation links").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    newcomer = visit()
    newcomer.goto(link)
    newcomer.get_by_label("Log-in name").fill("yan")
    newcomer.get_by_label("Name", exact=True).fill("Yan Yu")
    newcomer.get_by_label("Password", exact=True).fill("long enough now")
    newcomer.get_by_label("The password again").fill("long enough now")
    newcomer.get_by_role("button", name="Make the account and join").click()
    expect(newcomer.get_by_role("heading", level=1, name="Calculus for Machine Learning")).to_be_visible()


def take_the_table_away(page: Page) -> None:
    """Filtered, sorted, and as a workbook."""
    page.goto("/courses/1/results")
    page.get_by_label("Name, log-in or e-mail").fill("b")
    page.get_by_label("State").select_option("Begun, not all solved")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="Ben Berger")).to_be_visible()
    expect(page.get_by_role("row", name="Yan Yu")).to_have_count(0)
    page.get_by_role("columnheader", name="Total").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Total")).to_have_attribute("aria-sort", "descending")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    names = [row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)]
    assert {"Ben Berger", "Zoë Zimmer", "Yan Yu"} <= set(names)


def test_the_markers_story(server: Server, visit: Visit, tmp_path: Path, database_kind: str) -> None:
    engine = open_engine(server.database_url)
    for _ in range(2):
        add_what_waits(open_sessions(engine), now)
    engine.dispose()
    page = visit("instructor", viewport=PHONE if database_kind == "postgresql" else DESKTOP)
    answer_the_queue(page)
    ben = visit("ben")
    ben.goto("/submissions/1")
    expect(ben.get_by_text("Forward mode is missing.")).to_be_visible()
    expect(ben.locator("#verdict-compare")).to_contain_text("2 / 4")
    expect(ben.get_by_text("Marked by Ines Instructor")).to_be_visible()
    override_and_withdraw(page)
    import_a_list(page, tmp_path / "list.csv")
    invite_somebody(page, visit)
    take_the_table_away(page)
