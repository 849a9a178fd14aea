"""Tokens for platforms' services: each client asks for its own."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs

import httpx
from sqlalchemy.orm import Session

from grader.lti.calling import open_client
from grader.lti.claims import SCOPE_SCORE
from grader.services import lti_platforms
from grader.services.lti_platforms import NewPlatform
from grader.services.lti_tokens import Tokens
from tests.factories import SteadyClock, make_user
from tests.lti.gradebook import Gradebook, serving

SECRET = "s" * 40


def asking(request: httpx.Request) -> str:
    """The client for which a token is asked for."""
    payload = parse_qs(request.content.decode())["client_assertion"][0].split(".")[1]
    return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


def test_two_clients_under_one_issuer_have_separate_tokens(session: Session, clock: SteadyClock) -> None:
    staff, scopes, asked = make_user(session, clock, is_staff=True), frozenset({SCOPE_SCORE}), list[str]()
    book = Gradebook(keys=dict(lti_platforms.published_keys(session, clock, SECRET)))
    with serving(book), open_client() as client:
        client.event_hooks = {"request": [lambda request: asked.append(asking(request))]}
        addresses = [f"{book.address}/{name}" for name in ("authorize", "token", "keys")]
        one, other = (
            lti_platforms.add_platform(
                session, clock, staff, NewPlatform("LMS", "https://lms.example", client_id, *addresses)
            ).platform
            for client_id in ("client-a", "client-b")
        )
        tokens = Tokens(clock, client, SECRET)
        given = [tokens.use(session, platform, scopes, str) for platform in (one, other, one, other)]
    assert asked == ["client-a", "client-b"]
    assert given == [given[0], given[1]] * 2
    assert given[0] != given[1]
