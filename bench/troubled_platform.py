"""A learning platform in trouble, as a process of its own: what `bench/passback.py` sends grades to.

    python bench/troubled_platform.py --port 9001 --control 9002 --tool http://127.0.0.1:8000 --seed 7

On one port are its services, which fail in every way that services fail; on the other it can be told things,
and asked what has arrived.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError

sys.path.insert(0, str(Path(__file__).parents[1]))

from grader.lti import claims as names
from tests.lti.forging import INSTRUCTOR, LEARNER, ForgingPlatform, make_key
from tests.lti.gradebook import Gradebook

ISSUER, CLIENT, DEPLOYMENT = "https://troubled.example", "tool-1", "1"
KINDS = ("error", "error-after", "wait", "silent", "silent-after", "reset", "reset-after")
"""What goes wrong; with "-after" only once what was asked for is done, so that the tool cannot know."""
ODDS = (6, 4, 3, 2, 2, 4, 4)  # in a hundred requests
SHORT_WAIT = "1"
Answer = tuple[int, dict[str, str], Any]


@dataclass
class TroubledBook(Gradebook):
    """The gradebook, with all that arrived in order, and what is wrong with it now."""

    tool: str = ""
    rng: Random = field(default_factory=Random)
    down_at: tuple[int, ...] = ()
    rotated_at: tuple[int, ...] = ()
    is_calm: bool = False
    asked_for: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    arrived: list[tuple[str, str, str]] = field(default_factory=list)
    goes_down: Callable[[], None] = lambda: None
    forger: ForgingPlatform = field(default_factory=lambda: ForgingPlatform(ISSUER, CLIENT, ""))

    def next_trouble(self) -> str:
        """What goes wrong with the next request, "" for nothing; now and then the whole platform."""
        with self.lock:
            if self.is_calm:
                return ""
            self.asked_for += 1
            if self.asked_for in self.rotated_at:
                self._rotate()
            if self.asked_for in self.down_at:
                self.counts["down"] += 1
                self.goes_down()
            (kind,) = self.rng.choices(["", *KINDS], [100 - sum(ODDS), *ODDS])
            self.counts[kind or "well"] += 1
            return kind

    def _rotate(self) -> None:
        """Sign with a new key, publish it alone, and know no token any longer."""
        self.counts["rotated"] += 1
        self.forger.key = make_key(f"key-{self.counts['rotated']}")
        self.forger.published = [self.forger.key]
        self.tokens.clear()

    def _token(self, form: dict[str, list[str]]) -> Answer:
        """A token; the tool's keys are fetched anew where one is not known."""
        try:
            return super()._token(form)
        except (JoseError, ValueError, KeyError):
            self.keys = httpx.get(f"{self.tool}/lti/keys", timeout=10).json()
            return super()._token(form)

    def _score(self, number: str, score: dict[str, Any]) -> Answer:
        self.arrived.append((number, score["userId"], score["timestamp"]))
        return super()._score(number, score)

    def launch(self, asked: dict[str, str]) -> dict[str, str]:
        """A signed launch of a person into a link."""
        is_teacher = asked["subject"].startswith("teacher")
        scopes = [names.SCOPE_LINE_ITEM, names.SCOPE_SCORE, names.SCOPE_RESULT]
        changes = {
            "sub": asked["subject"],
            "name": asked["subject"].title(),
            names.DEPLOYMENT_ID: DEPLOYMENT,
            names.ROLES: [INSTRUCTOR if is_teacher else LEARNER],
            names.RESOURCE_LINK: {"id": asked["link"]},
            names.GRADES: {"scope": scopes, "lineitems": f"{self.address}/items?type=all"},
            names.CUSTOM: {"assignment": asked["assignment"]} if asked["assignment"] else {},
        }
        with self.lock:
            claims = self.forger.claims(datetime.now(UTC), asked["nonce"], asked["target"], **changes)
            return {"id_token": self.forger.sign(claims)}

    def state(self) -> dict[str, Any]:
        """All that has arrived."""
        with self.lock:
            grades = [
                [item, user, score["scoreGiven"], score["scoreMaximum"]] for (item, user), score in self.grades.items()
            ]
            return {"grades": grades, "items": self.items, "arrived": self.arrived, "counts": dict(self.counts)}


class Quiet(BaseHTTPRequestHandler):
    """A handler that says nothing and answers with JSON."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def body(self) -> bytes:
        """What was sent."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status: int, headers: dict[str, str], data: Any) -> None:
        """Answer."""
        sent = b"" if status == 204 else data.encode() if isinstance(data, str) else json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)


def services(book: TroubledBook, silence: float) -> type[Quiet]:
    """The services of the platform, with its troubles."""

    class Services(Quiet):
        def do_GET(self) -> None:
            body, path = self.body(), urlsplit(self.path)
            if path.path == "/keys":
                keys = [key.as_dict(private=False) | {"kid": key.kid} for key in book.forger.published]
                self.answer(200, {}, {"keys": keys})
                return
            trouble = book.next_trouble()
            done = None if trouble and not trouble.endswith("-after") else self.handled(body)
            if trouble.startswith("error"):
                self.answer(500, {}, "<html><body>Something went wrong</body></html>")
            elif trouble == "wait":
                self.answer(429, {"Retry-After": SHORT_WAIT}, "slowly")
            elif trouble.startswith("silent"):
                sleep(silence)
            elif trouble.startswith("reset"):
                self.reset()
            elif done is not None:
                self.answer(*done)

        def do_POST(self) -> None:
            self.do_GET()

        def handled(self, body: bytes) -> Answer:
            """What the gradebook says; `/items?…` is the list whatever its query."""
            return book.handle(self.command, self.path, self.headers, body)

        def reset(self) -> None:
            """Close the connection with a reset in place of an answer."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.wfile.close()
            self.connection.close()

    return Services


def control(book: TroubledBook) -> type[Quiet]:
    """What the benchmark says to the platform and asks it."""

    class Control(Quiet):
        def do_GET(self) -> None:
            self.answer(200, {}, book.state())

        def do_POST(self) -> None:
            asked = json.loads(self.body() or b"{}")
            if self.path == "/calm":
                book.is_calm = True
            self.answer(200, {}, book.launch(asked) if self.path == "/launch" else {})

    return Control


class Server(ThreadingHTTPServer):
    """A server whose requests may be broken off without a word on the screen."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody has hung up, or was hung up on: that is what this is for."""


def serve(port: int, handler: type[Quiet], down: Event, away: float) -> None:
    """Serve for ever; when told to go down, refuse connections for so many seconds."""
    while True:
        with Server(("127.0.0.1", port), handler) as server:
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            down.wait()
            server.shutdown()
        sleep(away)
        down.clear()


def main() -> None:
    """Be a platform until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("port", "control", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--silence", type=float, default=2.0, help="so many seconds a silent request lasts")
    parser.add_argument("--away", type=float, default=5.0, help="so many seconds the platform is down at a time")
    parser.add_argument("--down-at", type=int, nargs="*", default=[], help="at which requests it goes down")
    parser.add_argument("--rotated-at", type=int, nargs="*", default=[], help="at which requests its keys change")
    given = parser.parse_args()
    down = Event()
    book = TroubledBook(
        tool=given.tool,
        rng=Random(given.seed),
        down_at=tuple(given.down_at),
        rotated_at=tuple(given.rotated_at),
        goes_down=down.set,
        address=f"http://127.0.0.1:{given.port}",
    )
    told = Server(("127.0.0.1", given.control), control(book))
    Thread(target=told.serve_forever, daemon=True).start()
    print("ready", flush=True)
    serve(given.port, services(book, given.silence), down, given.away)


if __name__ == "__main__":
    main()
