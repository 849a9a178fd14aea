"""A real server as its own process and a real browser that talks to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from grader.services import courses, users
from grader.services.demo import DEMO_PASSWORD
from grader.store.database import open_engine, open_sessions
from grader.web.app import utc_now
from tests import servers
from tests.conftest import drop_postgres_database, migrated, postgres_database

ROOT = Path(__file__).parents[2]
READY = "The demo course is at"
DEMO_COURSE = 1
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

EXPECTED = (
    "Failed to load resource: the server responded with a status of 4",
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
)
"""What a browser reports by itself where a test asks for it."""

SETTINGS = {"GRADER_SECRET_KEY": "k" * 40, "GRADER_GRADING_PROCESSES": "1", "PYTHONUNBUFFERED": "1"}
PATIENCE = 60_000  # milliseconds; two cores are shared with a second browser and its server
expect.set_options(timeout=PATIENCE)

Visit = Callable[..., Page]


@dataclass(frozen=True)
class Server:
    """Where the demo is served, and on which database."""

    address: str
    database_url: str


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the story's own, in which ids begin with 1."""
    if database_kind == "sqlite":
        path = tmp_path / "grader.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = postgres_database()
    yield migrated(url)
    drop_postgres_database(url)


@contextmanager
def demo_server(database_url: str) -> Iterator[Server]:
    """`grader demo` on a migrated database, ready to answer."""
    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", "demo", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, **SETTINGS, "GRADER_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as output:
        printed: list[str] = []
        for line in output:
            printed.append(line)
            if READY in line:
                break
        else:
            pytest.fail("".join(printed))
        rest = Thread(target=output.read)  # a full pipe would stop the server
        rest.start()
        try:
            yield Server(f"http://127.0.0.1:{port}", database_url)
        finally:
            process.terminate()
            process.wait(timeout=60)
            rest.join(timeout=10)


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    """A server of the test's own."""
    with demo_server(database_url) as found:
        yield found


@pytest.fixture
def student(server: Server, request: pytest.FixtureRequest) -> str:
    """The log-in name of a student of the test's own, without drafts."""
    login = request.node.name.replace("_", "-")
    engine = open_engine(server.database_url)
    with open_sessions(engine)() as session:
        teacher = users.authenticate(session, utc_now, "instructor", DEMO_PASSWORD)
        users.register(session, utc_now, login, "Sam Student", DEMO_PASSWORD, is_demo=True)
        courses.enrol(session, utc_now, teacher, DEMO_COURSE, login)
    engine.dispose()
    return login


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.chromium(), args=QUIET)
        yield chromium
        chromium.close()


def arrive(page: Page, heading: str) -> None:
    """Wait until the page with this heading is there and its scripts listen; a link or a button led to it."""
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    page.wait_for_load_state()


def settled(page: Page) -> None:
    """Wait until the worker is done with what the page shows, so that it does not load itself anew."""
    expect(page.locator("body:not(:has([data-waiting])) main")).to_be_visible()
    page.wait_for_load_state()


def is_within(page: Page) -> None:
    """Nothing has to be scrolled sideways but what says so."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens a browser of one's own; at the end no page may have failed or asked anybody else for anything."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note_request(address: str) -> None:
        if not address.startswith(server.address):
            faults.append(f"asked {address}")

    def note_console(kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(EXPECTED):
            faults.append(text)

    def visit(login: str | None = None, **options: object) -> Page:
        context = browser.new_context(base_url=server.address, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: note_request(request.url))
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda message: note_console(message.type, message.text))
        page = context.new_page()
        if login:
            page.goto("/login")
            page.get_by_label("Log-in name").fill(login)
            page.get_by_label("Password").fill("calculus")
            page.get_by_role("main").get_by_role("button", name="Log in").click()
            page.get_by_role("heading", level=1, name="Hello").wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert faults == []
