"""docs/authorisation.md, the pages: each page and form as each person, and with the ids of another institution."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.authorisation.asking import Visitors, outcome, page_name, tables
from tests.authorisation.world import Kept, World

TABLE = next(table for table in tables() if "GET /" in table)
COLUMNS = ("nobody", "instructor", "assistant", "student", "classmate", "outsider", "foreigner", "staff")
ELSEWHERE = {
    "static",
    "sessions.log_in",
    "sessions.log_out",
    "settings.change_password",
    "settings.log_out_everywhere",
    "invitations.join_as_new",
    "queue.try_again",
}
"""Open to anybody, for somebody's own log-in, or (the last) for what only a fault of the judge brings about."""
ONWARD = {"students.index", "attempts.leave_preview"}
"""These only lead to another page, which says what there is."""
SHARED = {"problem_id", "part_id", "filename", "platform_id", "job_id"}
"""What is no course's."""
TELLING = ("other-", "the other course", "foreign ", "lti-1-")


@pytest.fixture(scope="module")
def visitors(app: Flask, world: World, kept: Kept) -> Visitors:
    return Visitors(app, world, kept)


def is_here(endpoint: str) -> bool:
    """Launches have tests of their own."""
    return endpoint not in ELSEWHERE and not endpoint.startswith("lti.")


def test_the_table_has_every_page(visitors: Visitors) -> None:
    assert list(TABLE) == [page_name(rule, method) for rule, method in visitors.rules() if is_here(rule.endpoint)]
    assert {column for row in TABLE.values() for column in row} == set(COLUMNS)


def test_each_page_as_each_person(visitors: Visitors, world: World) -> None:
    for rule, method in visitors.rules():
        if not is_here(rule.endpoint):
            continue
        name = page_name(rule, method)
        for role in COLUMNS:
            response = visitors.ask(rule, method, role, world.own)
            assert outcome(response) == TABLE[name][role], (name, role, response.status_code)
            if response.mimetype == "text/html" and role in COLUMNS[1:5]:
                assert not [word for word in TELLING if word in response.text.lower()], (name, role)


def test_another_institution_looks_like_nothing(visitors: Visitors, world: World) -> None:
    """Each of its ids in turn beside one's own, and all of them together."""
    for rule, method in visitors.rules():
        named = sorted(set(rule.arguments) - SHARED)
        if not is_here(rule.endpoint) or not named or "secret" in named:
            continue
        for mixed in [[name] for name in named] + ([named] if len(named) > 1 else []):
            if mixed in (["own_id"], ["mark"]):
                continue  # alike in every course
            every = visitors.names_of(rule, mixed)
            for role in ("instructor", "student"):
                real = {**world.own, **{name: world.foreign[name] for name in every}}
                none = {**world.own, **{name: world.nothing[name] for name in every}}
                seen, unseen = (visitors.ask(rule, method, role, ids) for ids in (real, none))
                where = (page_name(rule, method), role, mixed)
                assert seen.status_code == unseen.status_code, where
                assert told(seen.text) == told(unseen.text), where
                assert outcome(seen) in ("403", "404") or rule.endpoint in ONWARD, where


def told(page: str) -> str:
    """The page without the ids that were asked for and the tokens of its forms."""
    return re.sub(r"\d+", "0", re.sub(r'value="[^"]{60,}"', "", page))
