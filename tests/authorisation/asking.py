"""The table of docs/authorisation.md, and asking for a route as somebody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from grader.bank.packing import zipped
from grader.web.api import PREFIX
from grader.web.api.routes import Route
from tests.authorisation.world import MATRIX, SLOPE, Holder, Ids, Kept, World
from tests.small_bank import small_bank

PAGE = (Path(__file__).parents[2] / "docs" / "authorisation.md").read_text(encoding="utf-8")
BODIES: Mapping[str, Any] = {
    "create_checks": {"response": "x", "answer": "x"},
    "create_variant": {"seed": 7},
    "create_course": {"title": "Another"},
    "change_assignment": {"title": "Another title"},
    "create_assignment": {"title": "Another", "problems": [{"id": MATRIX}]},
    "enrol_student": {"login": "@login"},
    "open_attempts": {},
    "propose_regrade": {"policy": "exact"},
    "create_webhook": {"course_id": "@course_id", "url": "https://lms.example/hook", "events": ["submission.graded"]},
    "submit": {"responses": {"jacobian": "[[1, 2], [3, 4]]"}},
    "put_extension": {"tries": 5},
    "put_mark": {"points": 1, "reason": "A slip."},
}
OTHER_NAMES = {"undo_regrade": {"regrade_id": "applied_id"}}
"""Where the usual thing of a course is not in the state that the route needs."""


def tables() -> list[dict[str, dict[str, str]]]:
    """Each table of the page: first column -> column -> cell."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines())
        found.append({row[0].strip("`"): dict(zip(head[1:], row[1:], strict=True)) for row in rows})
    return found


def name_of(route: Route) -> str:
    """As the page writes it."""
    path = re.sub(r"<[^:]+:(\w+)>", r"{\1}", route.path)
    return f"{route.method} {path}"


def ids_of(route: Route) -> list[str]:
    """What the route says of a course: in its path, or in its body."""
    body = BODIES.get(route.name) or {}
    named = [value[1:] for value in body.values() if isinstance(value, str) and value.startswith("@")]
    return [*(OTHER_NAMES.get(route.name, {}).get(one, one) for one in route.ids), *named]


PACKED = "format: grader-assignment\nversion: 1\ntitle: Another\nproblems:\n"
CHOICES = {"mode": "ordinary", "late_kind": "none", "show_solution": "done", "visibility": "shown"}
FORMS: Mapping[str, Mapping[str, str]] = {
    "assignment_editing.create": {"do": "save", "title": "Another", "zone": "UTC", "problem": MATRIX, **CHOICES},
    "assignment_editing.edit": {"do": "add:none"},
    "assignment_editing.extend": {"student": "@student_id", "tries": "12", "due": ""},
    "assignment_editing.set_visibility": {"visibility": "hidden", "course": "@course_id"},
    "attempts.answer": {"answer.jacobian[0][0]": "x"},
    "attempts.draft": {"answer.jacobian[0][0]": "x"},
    "bank.copy": {"course": "@course_id"},
    "clusters.accept": {"share": "50"},
    "clusters.explain": {"feedback": "Look again."},
    "clusters.mistake": {"id": "our-mistake", "feedback": "Look again."},
    "editing.create": {"kind": "expression", "title": "Slopes"},
    "editing.edit": {"source": "id: slope-of-a-parabola", "base": "1", "do": "preview"},
    "editing.look": {"source": "id: slope-of-a-parabola", "seed": "1"},
    "editing.sweep": {"source": "id: slope-of-a-parabola"},
    "invitations.invite": {"days": "3", "role": "student"},
    "people.add": {"login": "zoe", "name": "Zoe", "role": "student"},
    "people.preview_import": {"list": "login,name\nzoe,Zoe\n"},
    "people.apply_import": {"list": "login,name\nzoe,Zoe\n"},
    "people.change_role": {"role": "assistant"},
    "platforms.add": {
        "name": "New",
        "issuer": "https://new.example",
        "client_id": "1",
        "authorization_url": "https://new.example/a",
        "token_url": "https://new.example/t",
        "keyset_url": "https://new.example/k",
    },
    "platforms.deploy": {"deployment": "2"},
    "practice.begin": {"topic": "derivatives"},
    "queue.decide": {"points-compare": "1", "reason-compare": "Kind."},
    "settings.change": {"name": "New Name"},
    "students.erase": {"login": "@student_login"},
    "assignment_editing.release": {"released": "1"},
    "submissions.mark": {"points-jacobian": "1", "reason-jacobian": "Kind."},
    "submissions.withdraw": {"part": "jacobian"},
}
PAGE_NAMES = {
    "clusters": {"problem_id": SLOPE},
    "analysis": {"problem_id": SLOPE},
    "practice.give_up": {"attempt_id": "practice_id"},
    "assignment_editing.release": {"assignment_id": "exam_id"},
    "attempts.figure": {"attempt_id": "slope_attempt_id", "part_id": "derivative"},
    "regrades.undo": {"regrade_id": "applied_id"},
}
FILES: Mapping[str, Callable[[], bytes]] = {
    "assignment_packages.take": lambda: zipped(
        {
            "assignment.yaml": f"{PACKED}  - id: {MATRIX}\n".encode(),
            f"problems/{MATRIX}.yaml": small_bank().problems[MATRIX].source.encode(),
        }
    )
}
QUERIES = {"clusters": "?part=derivative"}


@dataclass(frozen=True)
class Programs:
    """Those who hold tokens."""

    app: Flask
    world: World
    kept: Kept

    def ask(self, route: Route, token: str | None, ids: Ids) -> TestResponse:
        """The answer; what it changed is put back."""
        named = OTHER_NAMES.get(route.name, {})
        path = re.sub(r"<[^:]+:(\w+)>", lambda found: str(ids[named.get(found[1], found[1])]), route.path)
        body = BODIES.get(route.name)
        if body is not None:
            body = {key: ids[value[1:]] if str(value).startswith("@") else value for key, value in body.items()}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"If-Match": "*"} if route.is_conditional else {}
        response = self.app.test_client().open(PREFIX + path, method=route.method, json=body, headers=headers)
        if route.method != "GET" and response.status_code < 400:
            self.kept.restore()
        return response

    def ask_as(self, route: Route, holder: Holder, ids: Ids) -> TestResponse:
        return self.ask(route, self.world.tokens[holder], ids)


def page_name(rule: Rule, method: str) -> str:
    """As the page writes it."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    return f"{method} {path}"


@dataclass(frozen=True)
class Visitors:
    """Those who have logged in."""

    app: Flask
    world: World
    kept: Kept

    def rules(self) -> list[tuple[Rule, str]]:
        """Every page and form with its method."""
        return [
            (rule, method)
            for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            if not rule.rule.startswith("/api/")
        ]

    def names_of(self, rule: Rule, arguments: Iterable[str]) -> list[str]:
        """What the page's arguments are called in a course."""
        named = PAGE_NAMES.get(rule.endpoint) or PAGE_NAMES.get(rule.endpoint.partition(".")[0], {})
        return [named.get(one, one) for one in arguments]

    def ask(self, rule: Rule, method: str, role: str, ids: Ids) -> TestResponse:
        """The answer; what it changed is put back."""
        blueprint = rule.endpoint.partition(".")[0]

        def put(found: re.Match[str]) -> str:
            (name,) = self.names_of(rule, [found[1]])
            return str(ids.get(name, name))

        path = re.sub(r"<(?:\w+:)?(\w+)>", put, rule.rule)
        client = self.app.test_client()
        if role != "nobody":
            with client.session_transaction() as session:
                session["user"] = self.world.people[role]
        form = FORMS.get(rule.endpoint, {}) if method == "POST" else {}
        values: dict[str, Any] = {
            key: str(ids[text[1:]]) if text.startswith("@") else text for key, text in form.items()
        }
        if method == "POST" and rule.endpoint in FILES:
            values["file"] = (BytesIO(FILES[rule.endpoint]()), "a.zip")
        path += QUERIES.get(blueprint, "")
        response = client.open(path, method=method, data=values or None, buffered=True)
        if method == "POST" and response.status_code < 400:
            self.kept.restore()
        return response


def outcome(response: TestResponse) -> str:
    """As the page writes it: yes, log in, or the status."""
    if response.status_code == 401 or "/login" in response.headers.get("Location", ""):
        return "log in"
    return "yes" if response.status_code < 400 else str(response.status_code)
