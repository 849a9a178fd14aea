"""Two clients at one issuer and one at another, registered with an installation; and browsers that are launched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.bank.loading import Bank
from grader.config import load_config
from grader.services import lti_platforms, users
from grader.services.access import Actor
from grader.services.lti_platforms import NewPlatform
from grader.web.app import create_app
from tests.factories import SteadyClock
from tests.lti.forging import ForgingPlatform, pairs_of, published
from tests.small_bank import small_bank

HOME = "http://localhost/"
ISSUER = "https://lms.example"


@pytest.fixture(scope="session")
def bank() -> Bank:
    return small_bank()


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what must be atomic is tested on both, in test_races


@pytest.fixture
def platforms() -> Iterator[list[ForgingPlatform]]:
    made: list[ForgingPlatform] = []
    with published(made) as address:
        made += [
            ForgingPlatform(ISSUER, "client-a", address),
            ForgingPlatform(ISSUER, "client-b", address),
            ForgingPlatform("https://other.example", "client-c", address),
        ]
        yield made


@pytest.fixture
def staff(session: Session, clock: SteadyClock, platforms: list[ForgingPlatform]) -> Actor:
    """Somebody of the staff, who has registered the platforms."""
    actor = Actor(users.register(session, clock, "admin", "Anna Admin", None, is_staff=True).id)
    for one in platforms:
        address = f"{one.address}/{one.client_id}"
        new = NewPlatform(
            f"LMS {one.client_id}",
            one.issuer,
            one.client_id,
            f"{address}/authorize",
            f"{address}/token",
            f"{address}/keys",
            ("deployment-1",),
        )
        lti_platforms.add_platform(session, clock, actor, new)
    return actor


@pytest.fixture
def app(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, staff: Actor) -> Flask:
    assert staff
    config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40})
    return create_app(config, sessions, bank, lambda *_: pytest.fail("nothing is judged"), clock)


@dataclass
class Browser:
    """A browser that a platform sends here and there."""

    client: FlaskClient
    clock: SteadyClock

    def log_in(self, platform: ForgingPlatform, method: str = "GET", **changes: str | None) -> TestResponse:
        """The platform's log-in request."""
        values = {
            "iss": platform.issuer,
            "login_hint": "hint-5",
            "target_link_uri": f"{HOME}lti/launch",
            "client_id": platform.client_id,
            "lti_message_hint": "message-7",
            "lti_deployment_id": "deployment-1",
        } | changes
        sent = {name: value for name, value in values.items() if value is not None}
        if method == "POST":
            return self.client.post("/lti/login", data=sent)
        return self.client.get("/lti/login", query_string=sent)

    def begun(self, platform: ForgingPlatform, **changes: str | None) -> dict[str, str]:
        """What the platform is handed with the browser."""
        answer = self.log_in(platform, **changes)
        if answer.status_code == 303:  # in a frame: are cookies kept?
            answer = self.client.get(answer.location)
        assert answer.status_code == 302, answer.text
        return pairs_of(answer.location)

    def launch(self, token: str, state: str, **fields: str) -> TestResponse:
        return self.client.post("/lti/launch", data={"id_token": token, "state": state, **fields})

    def whole(self, platform: ForgingPlatform, **changes: Any) -> TestResponse:
        """Log-in and launch, with these changes to the claims."""
        given = self.begun(platform)
        claims = platform.claims(self.clock(), given["nonce"], f"{HOME}lti/launch", **changes)
        return self.launch(platform.sign(claims), given["state"])


@pytest.fixture
def browser(app: Flask, clock: SteadyClock) -> Browser:
    return Browser(app.test_client(), clock)


@pytest.fixture
def another(app: Flask, clock: SteadyClock) -> Browser:
    return Browser(app.test_client(), clock)
