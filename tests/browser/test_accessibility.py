"""Every page by the router's list: no violation found by axe, nothing wider than a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from grader.web.pages import BLUEPRINTS
from tests import servers
from tests.browser.conftest import Server, Visit
from tests.browser.test_newcomer import fill, open_problem, right_answers, submit

pytestmark = [pytest.mark.browser, pytest.mark.live]

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
PROBLEM = "jacobian-polynomial-map"
ADAS = ["/", "/courses/1", "/assignments/1", "/assignments/3", "/attempts/1", "/submissions/1", "/help/notation"]
TEACHERS = [
    "/",
    "/courses/1",
    "/assignments/3",
    "/assignments/3/results",
    "/courses/1/results",
    "/courses/1/students",
    "/courses/1/students/2",
    "/attempts/1",
    "/submissions/1",
    "/submissions/2",
    "/bank",
    "/bank?topic=jacobians",
    f"/bank/{PROBLEM}?seed=3",
]


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # pages look the same on both


def axe() -> str:
    if not AXE.exists():
        servers.missing("chromium", "axe-core is not installed; run npm ci in frontend/")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, source: str) -> list[str]:
    page.evaluate(source)
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    faults = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{page.url} is wider than the window")
    return faults


def test_every_page_is_accessible(server: Server, visit: Visit) -> None:
    source = axe()
    student = visit("ada")
    right = right_answers(server, open_problem(student))
    first = next(iter(right))
    for change in ({first: "99"}, {first: "2x +"}):
        fill(student, right | change)
        submit(student)
    faults: list[str] = []
    for width, scheme in VIEWS:
        options = {"viewport": {"width": width, "height": 860}, "color_scheme": scheme, "bypass_csp": True}
        for login, addresses in ((None, ["/login"]), ("ada", ADAS), ("instructor", TEACHERS)):
            page = visit(login, **options)
            for address in addresses:
                page.goto(address)
                faults += violations(page, source)
    assert faults == []


def test_the_list_of_pages_is_complete() -> None:
    listed = [re.sub(r"\?.*", "", address) for address in ("/login", *ADAS, *TEACHERS)]
    not_pages = {"health", "static"}
    modules = {blueprint.name for blueprint in BLUEPRINTS} - not_pages
    first_words = {"courses": "/courses", "assignments": "/assignments", "attempts": "/attempts", "bank": "/bank"}
    first_words |= {"submissions": "/submissions", "help": "/help", "sessions": "/login"}
    first_words |= {"students": "/courses/1/students", "results": "/courses/1/results"}
    assert modules == set(first_words)
    for name, words in first_words.items():
        assert any(address.startswith(words) for address in listed), name
