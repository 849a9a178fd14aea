"""Asking a platform for something: time-outs, bounded replies, JSON or an error that says what was wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from grader.errors import PlatformFailed, PlatformSilent

USUAL_SECONDS = 10.0
CONNECT_SECONDS = 5.0
WHOLE_REPLY = 3
"""So many times as long as for a piece of it we wait for a whole reply: a byte a second is no answer."""
LONGEST_WORDS = 300
LARGEST_REPLY = 2_000_000  # bytes
MOST_PAGES = 200
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"""<([^<>]*)>\s*;[^<]*?\brel\s*=\s*["'“”„‟«»]?\s*next\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `data` is None where it is no JSON."""

    status: int
    data: Any
    text: str
    headers: Mapping[str, str]

    @property
    def is_good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def wait(self) -> float | None:
        """For how many seconds it asks us to wait, in numbers or until a date; None where it does not."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdecimal():
            return float(asked)
        try:
            until = parsedate_to_datetime(asked) - parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, TypeError):
            return None
        return max(0.0, until.total_seconds())

    @property
    def words(self) -> str:
        """What it says to a person, with its status: the message of JSON, the text of a page."""
        said = " ".join((_message(self.data) or _TAGS.sub(" ", self.text)).split())[:LONGEST_WORDS]
        return f"{said} (status {self.status})" if said else f"status {self.status}"

    def failed(self, message: str) -> PlatformFailed:
        """The error with this sentence and what the platform says."""
        return PlatformFailed(f"{message}: {self.words}", self.status, self.wait)


def open_client(seconds: float = USUAL_SECONDS) -> httpx.Client:
    """A client for platforms: it gives up after so many seconds of silence, and follows nobody elsewhere."""
    timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    return httpx.Client(timeout=timeout, follow_redirects=False, headers={"User-Agent": "grader"})


def call(client: httpx.Client, method: str, url: str, **options: Any) -> Reply:
    """The reply to a request; PlatformSilent where none comes in time, PlatformFailed where it has no end."""
    end = time.monotonic() + WHOLE_REPLY * (client.timeout.read or USUAL_SECONDS)
    try:
        with client.stream(method, url, **options) as response:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_REPLY:
                    raise PlatformFailed(f"The reply of {_named(url)} is too large.")
                if time.monotonic() > end:
                    raise PlatformSilent(f"{_named(url)} takes too long to answer.")
            return _reply(response, body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PlatformSilent(f"{_named(url)} does not answer ({type(error).__name__}).") from error


def next_page(reply: Reply, url: str) -> str:
    """The address of the next page, "" on the last.

    Read leniently, for platforms write curly quotes, `&amp;`, and `http` behind a proxy. Another site than that of
    `url` is not asked: PlatformFailed, for half a list must not be taken for the whole.
    """
    found = _LINK.search(reply.headers.get("link", ""))
    if found is None:
        return ""
    own = urlsplit(url)
    try:
        one = urlsplit(urljoin(url, unescape(found[1]).strip()))
    except ValueError:
        one = None
    if one is None or one.netloc != own.netloc or one.scheme not in {own.scheme, "http"}:
        raise PlatformFailed(f"The next page of {_named(url)} is said to be at another site.")
    return urlunsplit(one._replace(scheme=own.scheme))


def pages(client: httpx.Client, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
    """The data of all pages of a list; PlatformFailed where one is refused or they never end."""
    seen: set[str] = set()
    while url and url not in seen:
        if len(seen) >= MOST_PAGES:
            raise PlatformFailed(f"The list of {_named(url)} has more than {MOST_PAGES} pages.")
        seen.add(url)
        reply = call(client, "GET", url, headers=dict(headers))
        if not reply.is_good or reply.data is None:
            raise reply.failed(f"{_named(url)} refuses its list")
        yield reply.data
        url = next_page(reply, url)


def _reply(response: httpx.Response, body: bytes) -> Reply:
    text = body.decode("utf-8", "replace")
    try:
        data = httpx.Response(200, content=body).json() if body else None
    except (ValueError, RecursionError):
        data = None
    return Reply(response.status_code, data, text, {name.lower(): value for name, value in response.headers.items()})


def _message(data: Any) -> str:
    """The message in the JSON of a refusal, where it is in one of the usual places."""
    if isinstance(data, list):
        return _message(data[0]) if data else ""
    if not isinstance(data, dict):
        return data if isinstance(data, str) else ""
    places = ("message", "detail", "error_description", "title", "errors", "error", "reason")
    return next((text for place in places if (text := _message(data.get(place)))), "")


def _named(url: str) -> str:
    """The address without its query, which may hold what is private."""
    return url.partition("?")[0]
