"""A real server as its own process and a real browser that talks to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import servers

ROOT = Path(__file__).parents[2]
READY = "The demo course is at"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

Visit = Callable[..., Page]


@dataclass(frozen=True)
class Server:
    """Where the demo is served, and on which database."""

    address: str
    database_url: str


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    """`grader demo` on the test's database, ready to answer."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", "demo", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "k" * 40, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed: list[str] = []
    for line in process.stdout:
        printed.append(line)
        if READY in line:
            break
    else:
        pytest.fail("".join(printed))
    rest = Thread(target=process.stdout.read)  # a full pipe would stop the server
    rest.start()
    yield Server(f"http://127.0.0.1:{port}", database_url)
    process.terminate()
    process.wait(timeout=60)
    rest.join(timeout=10)
    process.stdout.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.chromium(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens a browser of one's own; at the end no page may have failed or asked anybody else for anything."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note_request(address: str) -> None:
        if not address.startswith(server.address):
            faults.append(f"asked {address}")

    def note_console(kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource: the server responded with a status of 4"):
            faults.append(text)

    def visit(login: str | None = None, **options: object) -> Page:
        context = browser.new_context(base_url=server.address, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: note_request(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: note_console(message.type, message.text))
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
