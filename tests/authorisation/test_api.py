"""docs/authorisation.md, the API: each route as each person, with each scope, in each course."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from grader.services.access import SCOPES
from grader.web.api import ROUTES
from grader.web.api.routes import Route
from tests.authorisation.asking import Programs, ids_of, name_of, tables
from tests.authorisation.world import Kept, World

TABLE = next(table for table in tables() if name_of(ROUTES[0]) in table)
COLUMNS = ("instructor", "assistant", "student", "classmate", "outsider", "foreigner", "staff")
INSIDERS = COLUMNS[:4]
LISTS = {"GET /courses", "GET /webhooks"}
TELLING = ("other-", "the other course", "foreign", "lti-")
"""What only the other courses hold."""


@pytest.fixture(scope="module")
def programs(app: Flask, world: World, kept: Kept) -> Programs:
    return Programs(app, world, kept)


def cell(route: Route, role: str) -> int:
    return int(TABLE[name_of(route)][role])


def shape(response: TestResponse) -> tuple[int, str, Any, str | None]:
    """All that somebody can tell an answer by."""
    return (
        response.status_code,
        response.content_type,
        response.get_json(silent=True),
        response.headers.get("WWW-Authenticate"),
    )


def test_the_table_has_every_route_and_scope() -> None:
    assert list(TABLE) == [name_of(route) for route in ROUTES]
    assert [row["Scope"].strip("`") for row in TABLE.values()] == [route.scope for route in ROUTES]
    assert {column for row in TABLE.values() for column in row} == {"Scope", *COLUMNS}


def test_each_role_with_all_scopes(programs: Programs, world: World) -> None:
    assert set(world.people) == set(COLUMNS)
    for route in ROUTES:
        for role in COLUMNS:
            response = programs.ask_as(route, (role, "all", ""), world.own)
            assert response.status_code == cell(route, role), (name_of(route), role, response.text)
            assert (response.status_code < 300) is (response.status_code in route.replies)
            if response.status_code < 300 and role in INSIDERS:
                assert not [word for word in TELLING if word in response.text.lower()], (name_of(route), role)


def test_each_role_with_each_scope(programs: Programs, world: World) -> None:
    """What all scopes but one do not allow, none of them allows alone; two roles ask with each all the same."""
    for route in ROUTES:
        for role in COLUMNS:
            for scope in SCOPES if role in ("instructor", "student") else (route.scope,):
                response = programs.ask_as(route, (role, scope, ""), world.own)
                wanted = cell(route, role) if scope == route.scope else 403
                assert response.status_code == wanted, (name_of(route), role, scope, response.text)
            lacking = programs.ask_as(route, (role, f"all but {route.scope}", ""), world.own)
            assert lacking.status_code == 403
            assert f"lacks the scope {route.scope}" in lacking.text


def test_without_credentials(programs: Programs, world: World) -> None:
    """The same for what there is and for what there is not."""
    for route in ROUTES:
        for token in (None, "grader_unknown"):
            answers = [shape(programs.ask(route, token, ids)) for ids in (world.own, world.nothing)]
            assert answers[0] == answers[1]
            assert answers[0][0] == 401, name_of(route)


@pytest.mark.parametrize("place", ["other", "foreign"])
def test_another_course_looks_like_none(programs: Programs, world: World, place: str) -> None:
    """Each of the ids in turn, and all together: whatever of them is one's own.

    People of the same institution are enrolled by their log-in names; those of a platform look like nobody.
    """
    ids = getattr(world, place)
    for route in ROUTES:
        named = [one for one in ids_of(route) if (place, one) != ("other", "login")]
        mixtures = [mixed for count in range(1, len(named) + 1) for mixed in combinations(named, count)]
        for role in COLUMNS if place == "other" else (*INSIDERS, "outsider", "staff"):
            if role == "outsider" and place == "other":
                continue
            for mixed in mixtures:
                real = {**world.own, **{name: ids[name] for name in mixed}}
                none = {**world.own, **{name: world.nothing[name] for name in mixed}}
                holder = (role, "all", "")
                seen, unseen = programs.ask_as(route, holder, real), programs.ask_as(route, holder, none)
                assert shape(seen) == shape(unseen), (name_of(route), role, mixed)
                assert seen.status_code >= 400, (name_of(route), role, mixed)


def test_a_token_for_one_course(programs: Programs, world: World) -> None:
    """The instructor's for their own course: there it does what they may, elsewhere nothing."""
    holder = ("instructor", "all", "own")
    for route in ROUTES:
        assert programs.ask_as(route, holder, world.own).status_code == cell(route, "instructor"), name_of(route)
        if ids_of(route):
            seen, unseen = (programs.ask_as(route, holder, ids) for ids in (world.other, world.nothing))
            assert shape(seen) == shape(unseen), name_of(route)
