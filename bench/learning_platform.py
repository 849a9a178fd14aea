"""A learning platform that takes grades, for bench/chaos.py: tokens, a column, scores with ever later stamps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine
from stack import Place, now

from grader.lti import claims
from grader.services import lti_platforms
from grader.services.lti_platforms import NewPlatform
from grader.store.database import open_sessions
from grader.store.lti_links import LtiContext, LtiLink, LtiPerson
from grader.store.lti_platforms import LtiDeployment

COLUMNS = "/items"


@dataclass
class LearningPlatform:
    """What it was told; `with` serves it."""

    told: list[dict[str, Any]] = field(default_factory=list)
    latest: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""
    _lock: Lock = field(default_factory=Lock)

    @property
    def grades(self) -> Mapping[str, Fraction]:
        """The share of the points that each student has."""
        with self._lock:
            return {
                user: Fraction(str(one["scoreGiven"])) / Fraction(str(one["scoreMaximum"]))
                for user, one in self.latest.items()
            }

    @property
    def repeated(self) -> int:
        """How many of the scores that it was told say what the one before said of the student."""
        with self._lock:
            known: dict[str, tuple[Any, Any]] = {}
            found = 0
            for one in self.told:
                score = (one["scoreGiven"], one["scoreMaximum"])
                found += known.get(one["userId"]) == score
                known[one["userId"]] = score
            return found

    def faults(self) -> list[str]:
        """What a gradebook would complain of."""
        return [f"there are {len(self.columns)} columns"] if len(self.columns) != 1 else []

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """The reply to a request."""
        with self._lock:
            if path.startswith("/token"):
                return 200, {"access_token": "token", "expires_in": 3600}
            if path.endswith("/scores"):
                return self._score(json.loads(body))
            if method == "POST":
                self.columns.append({**json.loads(body), "id": f"{self.address}{COLUMNS}/{len(self.columns)}"})
                return 201, self.columns[-1]
            return 200, self.columns

    def _score(self, score: dict[str, Any]) -> tuple[int, Any]:
        self.told.append(score)
        known = self.latest.get(score["userId"])
        if known is not None and known["timestamp"] >= score["timestamp"]:
            return 409, {"error": "there is a later one"}
        self.latest[score["userId"]] = score
        return 200, {}

    def __enter__(self) -> Self:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, data = platform.answer(self.command, self.path, body)
                sent = json.dumps(data).encode()
                with suppress(ConnectionError):  # who asked may have been killed meanwhile
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(sent)))
                    self.end_headers()
                    self.wfile.write(sent)

            do_POST = do_GET  # noqa: N815 - as http.server calls it

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def link_to(engine: Engine, place: Place, platform: LearningPlatform) -> None:
    """Connect the course: the assignment has a column there, and every student is known by their number."""
    at = platform.address
    with open_sessions(engine)() as session:
        new = NewPlatform(
            "LMS", "https://lms.example", "client", f"{at}/authorize", f"{at}/token", f"{at}/keys", ("1",)
        )
        added = lti_platforms.add_platform(session, now, place.teacher, new)
        deployment = session.query(LtiDeployment).one()
        context = LtiContext(
            deployment_id=deployment.id,
            context="c",
            course_id=place.course_id,
            title="Course",
            roster_url="",
            created=now(),
        )
        session.add(context)
        session.flush()
        session.add(
            LtiLink(
                deployment_id=deployment.id,
                context_id=context.id,
                resource_link="1",
                assignment_id=place.assignment_id,
                problem="",
                line_item="",
                line_items=f"{at}{COLUMNS}",
                scopes=[claims.SCOPE_SCORE, claims.SCOPE_LINE_ITEM],
                created=now(),
            )
        )
        session.add_all(
            LtiPerson(platform_id=deployment.platform_id, subject=str(student), user_id=student, created=now())
            for student, _ in place.students
        )
        session.commit()
        assert added
