"""`grader bank preview` in a browser: it follows the file, keeps what was typed, and shows what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bank.samples import SOUND, spoiled
from tests.browser.test_accessibility import axe, violations

pytestmark = [pytest.mark.browser, pytest.mark.live]
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()"]
READY_MS = 60_000


@dataclass(frozen=True)
class Preview:
    """Where the preview is served, and the file that it shows."""

    address: str
    file: Path

    def save(self, text: str) -> None:
        """Save as editors do: write beside it, then put it in its place."""
        beside = self.file.with_name(".saving")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.file)


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    file = tmp_path / "derivatives" / "slope-of-a-parabola.yaml"
    file.parent.mkdir()
    file.write_text(SOUND, encoding="utf-8")
    process = subprocess.Popen(
        [*PROGRAM, "bank", "preview", str(file), "--port", "0", "--seeds", "25"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if "The preview is at" not in line:
        pytest.fail(line + process.stdout.read())
    rest: list[str] = []
    reader = Thread(target=lambda: rest.extend(process.stdout))  # type: ignore[arg-type]
    reader.start()
    yield Preview(line.split()[-1], file)
    process.terminate()
    assert process.wait(timeout=60) in {0, 1}
    reader.join(timeout=10)
    process.stdout.close()
    assert "Traceback" not in "".join(rest)


@pytest.fixture
def page(browser: Browser, preview: Preview) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(READY_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if preview.address not in request.url else None)
    page.goto(preview.address)
    yield page
    context.close()
    assert faults == []


def test_the_page_follows_the_file_and_keeps_what_was_typed(preview: Preview, page: Page) -> None:
    line = page.locator("[name='answer.derivative']")
    line.fill("1 + 2x")
    preview.save(SOUND.replace("Look to the", "Turn to the"))
    expect(page.get_by_text("Turn to the")).to_be_visible(timeout=READY_MS)
    expect(line).to_have_value("1 + 2x")
    expect(line).to_be_focused()
    expect(page.locator(".verdict")).to_have_count(0)


def test_a_verdict_follows_the_file(preview: Preview, page: Page) -> None:
    page.locator("[name='answer.slope']").fill("1")
    page.get_by_role("button", name="Check answer").click()
    expect(page.locator("#verdict-slope")).to_contain_text("Not right", timeout=READY_MS)
    preview.save(spoiled("answer: slope\n", 'answer: "slope - slope + 1"\n'))
    expect(page.locator("#verdict-slope")).to_contain_text("Right", timeout=READY_MS)


def test_a_broken_file_and_its_repair(preview: Preview, page: Page) -> None:
    preview.save(spoiled("level: drill", "levl: drill"))
    expect(page.get_by_text("Did you mean 'level'?")).to_be_visible(timeout=READY_MS)
    expect(page.get_by_text("as it last could be read")).to_be_visible()
    preview.save(SOUND)
    expect(page.get_by_text("as it last could be read")).to_have_count(0, timeout=READY_MS)


def test_the_slider_changes_the_seed_and_the_sweep_ends(preview: Preview, page: Page) -> None:
    expect(page.locator("#sweep")).to_contain_text("25 of 25 seeds", timeout=READY_MS)
    expect(page.locator("#sweep")).to_contain_text("Nothing to mend.")
    page.get_by_label("Seed", exact=True).press("ArrowRight")
    page.wait_for_url("**?seed=1")
    assert preview.file.name in page.url


def test_without_script_the_page_works_by_hand(preview: Preview, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(preview.address)
    preview.save(SOUND.replace("Look to the", "Turn to the"))
    page.reload()
    expect(page.get_by_text("Turn to the")).to_be_visible()
    page.get_by_label("Seed", exact=True).press("ArrowRight")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**?seed=1")
    page.locator("[name='answer.slope']").fill("x +")
    page.get_by_role("button", name="Check answer").click()
    expect(page.locator("#verdict-slope")).to_contain_text("could not be read")
    context.close()


def test_the_page_is_accessible_in_every_state(preview: Preview, browser: Browser) -> None:
    source, faults = axe(), []
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme=scheme,  # type: ignore[arg-type]
            bypass_csp=True,
            reduced_motion="reduce",  # colours that are still changing have no contrast to speak of
        )
        for text in (SOUND, spoiled("marks: {slope: 0}", "marks: {slope: 1}"), spoiled("level: drill", "levl: drill")):
            preview.save(text)
            page = context.new_page()
            page.goto(preview.address)
            faults += violations(page, source)
            page.close()
        context.close()
    assert faults == []
