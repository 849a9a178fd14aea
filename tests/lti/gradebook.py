"""A platform's services on a real server: tokens, line items, scores, results; it can be told to be in trouble."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

Trouble = Callable[[str], tuple[int, dict[str, str], str] | None]
"""Given the path of a request, the reply that spoils it, or None."""

RESULTS_PER_PAGE = 2


@dataclass
class Gradebook:
    """What the platform has been told; `keys` are our public keys, with which it checks our assertions."""

    keys: dict[str, Any] = field(default_factory=dict)
    trouble: Trouble = lambda _: None
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    scores: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    grades: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    address: str = ""

    def handle(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], Any]:
        """The reply to a request."""
        with self.lock:
            spoiled = self.trouble(path)
            if spoiled is not None:
                return spoiled
            parts = urlsplit(path)
            if parts.path == "/token":
                return self._token(parse_qs(body.decode()))
            if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
                return 401, {}, "who are you?"
            if parts.path == "/items":
                return self._make(json.loads(body)) if method == "POST" else self._list(parse_qs(parts.query))
            number, _, what = parts.path.removeprefix("/items/").partition("/")
            if what == "scores":
                return self._score(number, json.loads(body))
            return self._results(number, int(parse_qs(parts.query).get("page", ["1"])[0]))

    def _token(self, form: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        found = jwt.decode(form["client_assertion"][0], KeySet.import_key_set(self.keys), algorithms=["RS256"])
        assert found.claims["aud"] == f"{self.address}/token"
        token = f"token-{len(self.asked)}"
        self.asked.append(form["scope"][0])
        self.tokens.add(token)
        return 200, {}, {"access_token": token, "expires_in": 3600}

    def _list(self, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        wanted = query.get("resource_id", [None])[0]
        return 200, {}, [item for item in self.items if item.get("resourceId") == wanted]

    def _make(self, item: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        item["id"] = f"{self.address}/items/{len(self.items)}?type=lti"
        self.items.append(item)
        return 201, {}, item

    def _score(self, number: str, score: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        self.scores.append((number, score))
        known = self.grades.get((number, score["userId"]))
        if known is not None and known["timestamp"] >= score["timestamp"]:
            return 409, {}, "there is a later timestamp"
        self.grades[number, score["userId"]] = score
        return 204, {}, ""

    def _results(self, number: str, page: int) -> tuple[int, dict[str, str], Any]:
        """A page of what the gradebook shows; the link to the next is written as some platforms do."""
        found = [score for (item, _), score in sorted(self.grades.items()) if item == number]
        end = page * RESULTS_PER_PAGE
        after = f"</items/{number}/results?type=lti&amp;page={page + 1}>; rel=“next”"
        headers = {"Link": after.encode().decode("latin-1")} if len(found) > end else {}
        shown = [
            {"userId": score["userId"], "resultScore": score["scoreGiven"], "resultMaximum": score["scoreMaximum"]}
            for score in found[end - RESULTS_PER_PAGE : end]
        ]
        return 200, headers, shown


@contextmanager
def serving(book: Gradebook) -> Iterator[None]:
    """The gradebook's server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, data = book.handle(self.command, self.path, self.headers, body)
            sent = data.encode() if isinstance(data, str) else json.dumps(data).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent) if status != 204 else 0))
            self.end_headers()
            if status != 204:
                self.wfile.write(sent)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    book.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
