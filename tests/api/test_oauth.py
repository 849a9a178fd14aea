"""Client credentials of OAuth 2: a token for an hour, or an error as RFC 6749 has it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.services import clients
from grader.services.access import Actor
from grader.web.api.oauth import TRIES
from tests.api.conftest import Caller, Callers, Place, problem
from tests.factories import SteadyClock

GRANT = {"grant_type": "client_credentials"}
SCOPES = ("courses:read", "results:read")


@pytest.fixture
def client(teacher: Caller, sessions: sessionmaker[Session], clock: SteadyClock) -> tuple[clients.ClientView, str]:
    with sessions() as session:
        secret, view = clients.create_client(session, clock, Actor(teacher.user_id), "Bridge", SCOPES)
    return view, secret


def ask(caller: Caller, form: Mapping[str, object], basic: tuple[str, str] | None = None) -> TestResponse:
    headers = {"Authorization": f"Basic {b64encode(':'.join(basic).encode()).decode()}"} if basic else {}
    response = caller.client.post("/api/v1/oauth/token", data=form, headers=headers)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/json"
    return response


def test_by_basic_and_in_the_form(callers: Callers, client: tuple[clients.ClientView, str], clock: SteadyClock) -> None:
    view, secret = client
    nobody = callers.nobody()
    by_form = {**GRANT, "client_id": view.key, "client_secret": secret, "scope": "courses:read"}
    for answer, scopes in (
        (ask(nobody, GRANT, (view.key, secret)), "courses:read results:read"),
        (ask(nobody, by_form), "courses:read"),
    ):
        assert answer.status_code == 200
        fields = answer.get_json()
        assert (fields["token_type"], fields["expires_in"], fields["scope"]) == ("Bearer", 3600, scopes)
        caller = Caller(nobody.client, fields["access_token"])
        assert caller.get("/courses")["items"]
        problem(caller.send("POST", "/courses", {"title": "No"}), 403)
    clock.advance(hours=1)
    problem(caller.send("GET", "/courses"), 401)


def test_errors(callers: Callers, client: tuple[clients.ClientView, str]) -> None:
    view, secret = client
    right = {"client_id": view.key, "client_secret": secret}
    refused = [
        ({}, None, 400, "invalid_request"),
        (right, None, 400, "invalid_request"),
        ({"grant_type": "password", **right}, None, 400, "unsupported_grant_type"),
        (GRANT, None, 401, "invalid_client"),
        ({**GRANT, **right, "client_secret": "x"}, None, 401, "invalid_client"),
        ({**GRANT, **right, "client_id": "client_x"}, None, 401, "invalid_client"),
        (GRANT, (view.key, "x"), 401, "invalid_client"),
        ({**GRANT, **right}, (view.key, secret), 400, "invalid_request"),
        ({**GRANT, **right, "scope": "courses:write"}, None, 400, "invalid_scope"),
        ({**GRANT, **right, "scope": ["courses:read", "results:read"]}, None, 400, "invalid_request"),
        ({"grant_type": ["client_credentials"] * 2, **right}, None, 400, "invalid_request"),
    ]
    for form, basic, status, code in refused:
        response = ask(callers.nobody(), form, basic)
        assert (response.status_code, response.get_json()["error"]) == (status, code), form
        assert response.get_json()["error_description"]
        assert response.headers.get("WWW-Authenticate", "").startswith("Basic") == (status == 401)
    sent = callers.nobody().client.post("/api/v1/oauth/token", json={**GRANT, **right})
    assert (sent.status_code, sent.get_json()["error"]) == (400, "invalid_request")


def test_guessing_is_slow(callers: Callers) -> None:
    form = {**GRANT, "client_id": "client_x", "client_secret": "x"}
    nobody = callers.nobody()
    statuses = [ask(nobody, form).status_code for _ in range(TRIES.amount + 1)]
    assert set(statuses[:-1]) == {401}
    assert statuses[-1] == 429


def test_revoking_ends_its_tokens(
    callers: Callers, client: tuple[clients.ClientView, str], sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    view, secret = client
    caller = Caller(
        callers.nobody().client, ask(callers.nobody(), GRANT, (view.key, secret)).get_json()["access_token"]
    )
    caller.get("/courses")
    owner = callers.of("teacher")
    with sessions() as session:
        with pytest.raises(NotFound):
            clients.revoke_client(session, clock, Actor(owner.user_id + 1), view.id)
        clients.revoke_client(session, clock, Actor(owner.user_id), view.id)
        assert clients.list_clients(session, Actor(owner.user_id))[0].revoked == clock()
    problem(caller.send("GET", "/courses"), 401)
    assert ask(callers.nobody(), GRANT, (view.key, secret)).status_code == 401


def test_bound_to_a_course(teacher: Caller, place: Place, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    actor = Actor(teacher.user_id)
    other = teacher.post("/courses", {"title": "Second"})["id"]
    with sessions() as session:
        secret, view = clients.create_client(session, clock, actor, "Bridge", SCOPES, place.course_id)
        with pytest.raises(NotFound):
            clients.create_client(session, clock, actor, "Bridge", SCOPES, place.other_course_id)
        with pytest.raises(InvalidRequest):
            clients.create_client(session, clock, actor, "Bridge", ["courses:eat"])
        with pytest.raises(Forbidden):
            clients.create_client(session, clock, Actor(actor.user_id, frozenset(SCOPES)), "Bridge", SCOPES)
    caller = Caller(teacher.client, ask(teacher, GRANT, (view.key, secret)).get_json()["access_token"])
    caller.get(f"/courses/{place.course_id}")
    problem(caller.send("GET", f"/courses/{other}"), 404)


def test_nothing_secret_is_stored(callers: Callers, client: tuple[clients.ClientView, str], engine: Engine) -> None:
    view, secret = client
    token = ask(callers.nobody(), GRANT, (view.key, secret)).get_json()["access_token"]
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT hash FROM oauth_clients UNION SELECT hash FROM oauth_tokens")).all())
    assert secret not in kept
    assert token not in kept
