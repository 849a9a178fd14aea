"""A platform registers this tool by itself: with a link that is good for once, and not before staff agrees."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.cli import cli
from grader.config import load_config
from grader.errors import Conflict, Forbidden, LaunchRefused
from grader.lti.registration import TOOL
from grader.services import lti_launches, lti_platforms, lti_registrations, users
from grader.services.access import Actor
from grader.store.lti_platforms import LtiPlatform
from grader.web.app import create_app
from tests.factories import SteadyClock, make_user

PLATFORM = Path(__file__).with_name("registering_platform.py")
PRIVATE = {"GRADER_WEBHOOK_PRIVATE_TARGETS": "yes"}
TOKEN = "registration-token"


@pytest.fixture(scope="module")
def platform() -> Iterator[str]:
    """The address of a platform that is a process of its own."""
    with subprocess.Popen([sys.executable, str(PLATFORM)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture
def staff(session: Session, clock: SteadyClock) -> Actor:
    return make_user(session, clock, is_staff=True)


def app_with(
    settings: dict[str, str], url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock
) -> Flask:
    config = load_config({"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": "s" * 40, **settings})
    return create_app(config, sessions, bank, lambda *_: pytest.fail("nothing is judged"), clock)


@pytest.fixture
def client(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> FlaskClient:
    return app_with(PRIVATE, database_url, sessions, bank, clock).test_client()


@pytest.fixture
def link(session: Session, clock: SteadyClock, staff: Actor) -> str:
    return f"/lti/register/{lti_registrations.invite(session, clock, staff)}"


def asked(platform: str, page: str = "config", token: str = TOKEN) -> dict[str, str]:
    return {"openid_configuration": f"{platform}/{page}?key=1", "registration_token": token}


def rows(session: Session) -> list[LtiPlatform]:
    session.rollback()
    return list(session.scalars(select(LtiPlatform)))


def test_a_platform_registers_itself_and_waits_for_staff(
    client: FlaskClient, link: str, platform: str, session: Session, clock: SteadyClock, staff: Actor
) -> None:
    question = client.get(link, query_string=asked(platform))
    assert (question.status_code, "127.0.0.1 asks to use this tool" in question.text) == (200, True)
    assert f"frame-ancestors 'self' https: {platform}" in question.headers["Content-Security-Policy"]
    assert rows(session) == []  # only asked so far
    done = client.post(link, data=asked(platform))
    assert (done.status_code, "data-registration-close" in done.text) == (200, True)
    [row] = rows(session)
    assert (row.name, row.issuer, row.pending) == ("testlms", platform, True)
    assert (row.authorization_url, row.audience) == (f"{platform}/auth", f"{platform}/audience")
    told: dict[str, Any] = httpx.get(f"{platform}/received").json()[-1]["body"]
    assert told["redirect_uris"] == ["http://localhost/lti/launch"]
    assert (told["jwks_uri"], told["initiate_login_uri"]) == ("http://localhost/lti/keys", "http://localhost/lti/login")
    assert told["token_endpoint_auth_method"] == "private_key_jwt"
    assert told["scope"] == "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    assert [one["type"] for one in told[TOOL]["messages"]] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    values = {"iss": platform, "login_hint": "1", "target_link_uri": "http://localhost/", "client_id": row.client_id}
    begin = (session, clock, values, "http://localhost/", "http://localhost/lti/launch")
    with pytest.raises(LaunchRefused, match="nobody has confirmed"):
        lti_launches.begin_login(*begin)
    assert lti_platforms.origins(session, lambda address: address) == ()
    with pytest.raises(Forbidden):
        lti_registrations.confirm(session, clock, make_user(session, clock), row.id)
    assert lti_registrations.confirm(session, clock, staff, row.id).deployments == ("deployment-9",)
    assert lti_launches.begin_login(*begin).url.startswith(f"{platform}/auth?")
    with pytest.raises(Conflict):
        lti_registrations.turn_down(session, clock, staff, row.id)


def test_a_link_is_good_for_once(client: FlaskClient, link: str, platform: str, session: Session) -> None:
    assert client.post(link, data=asked(platform)).status_code == 200
    for again in (client.get(link, query_string=asked(platform)), client.post(link, data=asked(platform))):
        assert (again.status_code, "used before" in again.text) == (404, True)
    assert len(rows(session)) == 1


def test_a_link_grows_old(client: FlaskClient, link: str, platform: str, clock: SteadyClock) -> None:
    clock.advance(days=8)
    assert client.post(link, data=asked(platform)).status_code == 404
    assert client.get("/lti/register/guessed", query_string=asked(platform)).status_code == 404


@pytest.mark.parametrize(
    ("page", "token", "status", "says"),
    [
        ("elsewhere", TOKEN, 502, "that of another site, bank.example"),
        ("broken", TOKEN, 502, "cannot be read: no JSON"),
        ("config", "stolen", 502, "this token is not ours (status 401)"),
    ],
)
def test_a_platform_that_fails_can_try_the_link_again(
    client: FlaskClient, link: str, platform: str, session: Session, page: str, token: str, status: int, says: str
) -> None:
    refused = client.post(link, data=asked(platform, page, token))
    assert (refused.status_code, says in refused.text, rows(session)) == (status, True, [])
    assert client.post(link, data=asked(platform)).status_code == 200


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "https://[", "https:///x"])
def test_an_address_that_is_none_is_refused(client: FlaskClient, link: str, address: str) -> None:
    assert client.post(link, data={"openid_configuration": address}).status_code == 404


def test_nothing_in_our_own_network_is_asked(
    database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, link: str, platform: str
) -> None:
    guarded = app_with({}, database_url, sessions, bank, clock).test_client()
    before = len(httpx.get(f"{platform}/received").json())
    refused = guarded.post(link, data=asked(platform))
    assert (refused.status_code, "does not answer" in refused.text) == (502, True)
    assert len(httpx.get(f"{platform}/received").json()) == before


def test_staff_turn_a_platform_down(
    client: FlaskClient, link: str, platform: str, session: Session, clock: SteadyClock, staff: Actor
) -> None:
    client.post(link, data=asked(platform))
    [row] = rows(session)
    lti_registrations.turn_down(session, clock, staff, row.id)
    assert rows(session) == []


def test_links_are_made_on_the_page_and_by_command(
    client: FlaskClient, platform: str, session: Session, clock: SteadyClock, database_url: str
) -> None:
    users.register(session, clock, "boss", "Bo Boss", "a long password", is_staff=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found is not None
    client.post("/login", data={"login": "boss", "password": "a long password", "csrf_token": found[1]})
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/platforms").text)
    assert found is not None
    page = client.post("/platforms/invitations", data={"csrf_token": found[1]}).text
    link = re.search(r"http://localhost(/lti/register/[\w-]+)", page)
    assert link is not None
    assert client.post(link[1], data=asked(platform)).status_code == 200
    [row] = rows(session)
    assert "registered itself" in client.get("/platforms").text
    confirmed = client.post(f"/platforms/{row.id}/confirm", data={"csrf_token": found[1], "answer": "yes"})
    assert (confirmed.status_code, rows(session)[0].pending) == (303, False)
    environment = {"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40}
    said = CliRunner(env=environment).invoke(cli, ("lti", "invite"), catch_exceptions=False).stdout
    assert re.fullmatch(r"http://127.0.0.1:8000/lti/register/[\w-]{40,}\n", said)
