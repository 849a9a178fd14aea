"""Every page that a link leads to: no violation found by axe, nothing wider than a phone, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from grader.bank.loading import load_bank, load_problem
from grader.bank.variants import make_variant
from grader.config import load_config
from grader.services import assignments, attempts, invitations, regrades, users
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.demo import DEMO_PASSWORD
from grader.services.problems import source_of
from grader.services.submissions import submit
from grader.store.database import open_engine, open_sessions
from grader.web.app import create_app
from tests import servers
from tests.browser.conftest import Server, Visit, settled
from tests.services.regrading import judge

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.long]

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = [(1280, "light", "de"), (390, "dark", "en")]
PROBLEM, COURSE, ASSIGNMENT = "derivative-polynomial", 1, 1
WRITTEN = "explain-chain-rule-as-product"
CLUSTERS = f"/assignments/{ASSIGNMENT}/problems/{PROBLEM}/clusters"
MOST_PAGES = 120
NOT_PAGES = {
    "assignment_editing.preview",
    "attempts.figure",  # data for the script
    "attempts.queued",  # the same
    "bank.schema",  # for editors
    "health.alive",
    "health.ready",
    "lti.keys",
    "metrics.show",  # for Prometheus
    "static",
}
FILES = (".csv", ".xlsx", ".zip")
NEED_A_PLATFORM = {
    "lti.arrive",
    "lti.enter",
    "lti.login",
    "lti.register",
    "platforms.gradebook",
    "platforms.stuck",
}
"""Looked at by tests/lti, which have one."""
SEND_ON = {"attempts.leave_preview", "queue.first", "students.index", "attempts.open", "editing.sweep"}
"""They only lead to pages that are looked at."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # pages look the same on both


def now() -> datetime:
    return datetime.now(UTC)


def axe() -> str:
    if not AXE.exists():
        servers.missing("chromium", "axe-core is not installed; run npm ci in frontend/")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, source: str) -> list[str]:
    settled(page)
    page.evaluate(source)
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    faults = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{page.url} is wider than the window")
    return faults


def stage(server: Server) -> str:
    """Something of everything: wrong, right and unread answers, one for a person, a regrade, an invitation."""
    engine = open_engine(server.database_url)
    with open_sessions(engine)() as session:
        people = {name: users.authenticate(session, now, name, DEMO_PASSWORD) for name in ("instructor", "ada", "ben")}
        teacher = people["instructor"]
        bank = load_bank((ROOT / "problems" / "understanding",))
        chosen = [ChosenProblem(source_of(bank.problems[WRITTEN]))]
        written = assignments.create_assignment(session, now, teacher, COURSE, "In your own words", chosen)
        for student in (people["ada"], people["ben"]):
            answer(session, student)
        opened = attempts.open_attempt(session, now, people["ada"], written.id, WRITTEN)
        parts = [part.id for part in bank.problems[WRITTEN].parts]
        submit(session, now, judge, people["ada"], opened.id, dict.fromkeys(parts, "Because of the chain rule."))
        regrades.propose(session, now, teacher, ASSIGNMENT, regrades.Request())
        secret, _ = invitations.invite(session, now, teacher, COURSE, 7)
    engine.dispose()
    return secret


def answer(session: Session, student: Actor) -> None:
    """The function plus a sine in place of its derivative, which becomes a formula of the parameters, and a slip."""
    attempt = attempts.open_attempt(session, now, student, ASSIGNMENT, PROBLEM)
    numbers = make_variant(load_problem(attempt.problem_source), attempt.seed).parameters
    for text in ("({a})*x^({n}) + sin(x)".format(**numbers), "2x +"):
        submit(session, now, judge, student, attempt.id, {"derivative": text})


def pages_of(app: Flask) -> set[str]:
    """The endpoints of all pages, by the router's list."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = [rule for rule in rules if not rule.rule.startswith("/api/") and not rule.rule.endswith(FILES)]
    return {rule.endpoint for rule in pages} - NOT_PAGES


def crawl(page: Page, app: Flask, first: list[str]) -> dict[str, str]:
    """Follow every link to a page of a kind that was not seen before: endpoint to address."""
    router = app.url_map.bind("localhost")
    seen: dict[str, str] = {}
    waiting = list(first)
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        endpoint = endpoint_of(router, path)
        if endpoint is None or endpoint in seen or endpoint in NOT_PAGES:
            continue
        answered = page.goto(path)
        assert answered is not None
        assert answered.status == 200, (path, answered.status)
        settled(page)
        seen[endpoint] = path
        waiting += page.eval_on_selector_all(
            "a[href], form[method=get][action]", "found => found.map(one => one.href || one.action)"
        )
    return seen


def endpoint_of(router: object, address: str) -> str | None:
    """The endpoint behind the address of a page of ours, None for anything else."""
    path = urlsplit(address).path
    if path.endswith(FILES):
        return None
    try:
        endpoint, _ = router.match(path, "GET")  # type: ignore[attr-defined]
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def test_every_page_is_accessible(server: Server, visit: Visit) -> None:
    source, secret = axe(), stage(server)
    config = load_config({"GRADER_DATABASE_URL": server.database_url, "GRADER_SECRET_KEY": "k" * 40})
    engine = open_engine(server.database_url)
    app = create_app(config, open_sessions(engine), load_bank((ROOT / "problems" / "descent",)), judge)
    engine.dispose()
    teacher, student = visit("instructor"), visit("ada")
    wait_for_clusters(teacher)
    begun = [f"/assignments/{ASSIGNMENT}/regrades", CLUSTERS, copied_problem(teacher)]
    found = {
        None: {"sessions.form": "/login", "invitations.welcome": f"/join/{secret}"},
        "instructor": crawl(teacher, app, [*begun, "/"]),
        "ada": crawl(student, app, ["/"]),
    }
    reached = {endpoint for pages in found.values() for endpoint in pages}
    missed = pages_of(app) - reached - NEED_A_PLATFORM - SEND_ON
    faults = [f"no link leads to {endpoint}" for endpoint in sorted(missed)]
    for width, scheme, language in VIEWS:
        options = {
            "viewport": {"width": width, "height": 860},
            "color_scheme": scheme,
            "bypass_csp": True,
            "reduced_motion": "reduce",
        }
        for login, pages in found.items():
            page = visit(login, **options, locale=language) if language == "en" else german(visit, login, options)
            for address in pages.values():
                page.goto(address)
                faults += violations(page, source)
    if faults:
        pytest.fail("\n".join(faults))


def german(visit: Visit, login: str | None, options: dict[str, object]) -> Page:
    """A browser that asks for German pages."""
    page = visit(None, **options, locale="de-DE")
    if login is not None:
        page.goto("/login")
        page.locator("#login").fill(login)
        page.locator("#password").fill(DEMO_PASSWORD)
        page.locator("main button").click()
        page.locator("h1").filter(has_text="Hallo").wait_for()
    return page


def wait_for_clusters(page: Page) -> None:
    """The worker puts wrong answers together; one of the groups can be made a mistake of the problem."""
    page.goto(CLUSTERS)
    expect(page.get_by_text("Make it a mistake of the problem").first).to_be_visible(timeout=90_000)


def copied_problem(page: Page) -> str:
    """The address of a problem that belongs to the course, so that its pages can be looked at."""
    page.goto(f"/bank/{PROBLEM}")
    page.get_by_role("button", name="Copy to").first.click()
    page.wait_for_url("**/courses/**")
    return urlsplit(page.url).path
