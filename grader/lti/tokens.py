"""Access to a platform's services: our signed assertion for a token.

Source: 1EdTech Security Framework 1.1, section 4.1 (client credentials with a JWT assertion, RFC 7523).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import httpx

from grader.errors import PlatformFailed
from grader.lti.calling import call
from grader.lti.messages import Platform
from grader.lti.own_keys import OwnKey, seconds, signed

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(minutes=5)
EARLIER = timedelta(seconds=30)
"""A token is given up this long before it expires."""
USUAL_LIFE = 3600


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token for some scopes, good until `expires`."""

    value: str
    expires: datetime

    def __repr__(self) -> str:
        """Without the token."""
        return f"AccessToken(until {self.expires})"


def request_token(
    client: httpx.Client, platform: Platform, key: OwnKey, scopes: Iterable[str], now: datetime
) -> AccessToken:
    """A new token; PlatformFailed, without a status: asking later may help, for a platform learns our keys in time."""
    claims = {
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.audience or platform.token_url,
        "iat": seconds(now),
        "exp": seconds(now + LIFE),
        "jti": str(uuid4()),
    }
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": signed(claims, key),
        "scope": " ".join(sorted(scopes)),
    }
    reply = call(client, "POST", platform.token_url, data=form)
    value = reply.data.get("access_token") if isinstance(reply.data, dict) else None
    if not reply.is_good or not isinstance(value, str):
        raise PlatformFailed(f"{platform.name} gives no access token: {reply.words}", wait=reply.wait)
    life = reply.data.get("expires_in")
    lasts = life if isinstance(life, int) and not isinstance(life, bool) and life > 0 else USUAL_LIFE
    return AccessToken(value, now + timedelta(seconds=lasts) - EARLIER)
