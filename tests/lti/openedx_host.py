"""Open edX's own LTI consumer, started beside our server, and people who walk from one to the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from tests import servers
from tests.lti.processes import PATIENCE

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-openedx" / "bin" / "python"
RUN = Path(__file__).parent / "openedx" / "run.py"
FIELD = re.compile(r'<input[^>]*\bname="([^"]*)"[^>]*\bvalue="([^"]*)"')


def installed() -> None:
    """Skip, or fail where it is required, if the environment of the block is missing."""
    if not PYTHON.exists():
        servers.missing("openedx", "run `make openedx` to install lti-consumer-xblock")


@dataclass
class Visitor:
    """Somebody with a browser, logged in at the platform."""

    platform: str
    browser: httpx.Client

    def page(self, block: str, view: str = "student") -> str:
        """The block as the platform shows it."""
        answer = self.browser.get(f"{self.platform}/block/{block}/{view}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def launch(self, address: str) -> httpx.Response:
        """Log-in and launch, from the address with which the platform begins them, to where our server leads."""
        form = self.browser.get(address)
        assert form.status_code == 200, form.text
        return self.send(form.text, "/lti/launch")

    def address(self, block: str) -> str:
        """What the block's page opens in its frame; it stands there with plain ampersands."""
        return self.page(block).partition('data-target="')[2].partition('"')[0]

    def open(self, block: str) -> httpx.Response:
        """Open the block's tool."""
        return self.launch(self.address(block))

    def link_content(self, block: str) -> httpx.Response:
        """Begin Deep Linking where the author's page offers it."""
        return self.launch(unescape(self.page(block, "author").partition('<a href="')[2].partition('"')[0]))

    def send(self, page: str, action: str, **fields: Any) -> httpx.Response:
        """Send the form of a page whose address has this in it, with some fields changed."""
        forms = re.finditer(r'<form[^>]*\baction="([^"]+)"[^>]*>.*?</form>', page, re.DOTALL)
        form = next((each for each in forms if action in unescape(each[1])), None)
        assert form is not None, page
        hidden = {unescape(name): unescape(value) for name, value in FIELD.findall(form[0])}
        return self.browser.post(unescape(form[1]), data=hidden | fields)


@contextmanager
def visiting(platform: str, tool: str, login: str) -> Iterator[Visitor]:
    """A visitor; like browsers, theirs sends Secure cookies to this very machine without TLS."""
    with httpx.Client(base_url=tool, follow_redirects=True, timeout=PATIENCE) as browser:

        def trust(_: httpx.Response) -> None:
            for cookie in browser.cookies.jar:
                cookie.secure = False

        browser.event_hooks = {"response": [trust]}
        entered = browser.get(f"{platform}/enter/{login}")
        assert entered.status_code == 200, f"{entered.status_code} at {entered.url}: {entered.text}"
        yield Visitor(platform, browser)
