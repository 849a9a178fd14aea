"""Launches: from a platform's log-in request to a person in a course."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from grader.errors import LaunchRefused, PlatformFailed
from grader.lti.launching import Expected, read_launch
from grader.lti.login import LoginRequest, authorization_url, read_login
from grader.lti.messages import Launch
from grader.lti.signatures import find_key, key_id
from grader.services.access import Clock
from grader.services.lti_keys import KEYS_PAUSE, FetchKeys
from grader.services.lti_platforms import platform_of
from grader.store import lti_logins, lti_platforms
from grader.store.database import writing
from grader.store.lti_logins import LtiLogin
from grader.store.lti_platforms import LtiPlatform

LOGIN_LIFE = timedelta(minutes=10)
KEYS_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes next, and what it must keep until it comes back.

    `storage` is the name of the platform's frame that can keep it, too.
    """

    url: str
    state: str
    browser_secret: str
    storage: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brings back: `browser_secret` from its cookie or the platform's storage, "" without."""

    token: str
    state: str
    browser_secret: str


def begin_login(session: Session, clock: Clock, values: Mapping[str, str], base_url: str, launch_url: str) -> Begun:
    """Answer a platform's log-in request; LaunchRefused when it is not one that we know."""
    request = read_login(values, base_url)
    row = _platform_for(session, request)
    state, nonce, secret = (secrets.token_urlsafe(32) for _ in range(3))
    now = clock()
    with writing(session):
        lti_logins.forget_old(session, now - LOGIN_LIFE)
        session.add(
            LtiLogin(
                state_hash=hashed(state),
                browser_hash=hashed(secret),
                nonce=nonce,
                platform_id=row.id,
                target=request.target,
                storage=request.storage,
                created=now,
            )
        )
    url = authorization_url(platform_of(row), request, launch_url, state, nonce)
    return Begun(url, state, secret, request.storage)


def storage_of(session: Session, clock: Clock, state: str) -> tuple[str, str]:
    """The platform's frame that may keep what the browser lost, and the platform's address; "" where there is none."""
    row = lti_logins.waiting(session, hashed(state), clock() - LOGIN_LIFE)
    if row is None or not row.storage:
        return "", ""
    return row.storage, session.get_one(LtiPlatform, row.platform_id).authorization_url


def finish_login(session: Session, clock: Clock, fetch_keys: FetchKeys, returned: Returned) -> Launch:
    """The launch that belongs to a log-in of this very browser; each log-in is good for one.

    The state is used up first, by one atomic statement: of two replays at once exactly one gets further.
    """
    login = _use(session, clock, returned)
    row = session.get_one(LtiPlatform, login.platform_id)
    if row.ended is not None:
        raise LaunchRefused("Launches from this platform are not taken any longer.", "platform-ended")
    deployments = [each.deployment for each in lti_platforms.deployments(session, row.id)]
    platform, expected = platform_of(row), Expected(login.nonce, login.target, deployments)
    keys = _keys(session, clock, row, fetch_keys, key_id(returned.token))
    return read_launch(returned.token, keys, platform, expected, clock())


def hashed(text: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _use(session: Session, clock: Clock, returned: Returned) -> LtiLogin:
    """The log-in of this state, used up now."""
    if not returned.state:
        raise LaunchRefused("The launch does not say which log-in it belongs to.", "state-missing")
    if not returned.token:
        raise LaunchRefused("The launch holds no signed token.", "not-a-token")
    now = clock()
    with writing(session):
        login = lti_logins.use_login(session, now, hashed(returned.state), now - LOGIN_LIFE)
    if login is None:
        raise LaunchRefused(
            "This launch was used before, or its log-in is too long ago. Start it again from your course.",
            "state-unknown",
        )
    if not secrets.compare_digest(login.browser_hash, hashed(returned.browser_secret)):
        raise LaunchRefused("This launch was begun in another browser, or the browser kept no cookie.", "browser")
    return login


def _platform_for(session: Session, request: LoginRequest) -> LtiPlatform:
    """The client that the request is for."""
    known = lti_platforms.of_issuer(session, request.issuer)
    rows = [row for row in known if not row.pending]
    if len(rows) < len(known) and all(row.client_id != request.client_id for row in rows):
        raise LaunchRefused("This learning platform is registered, and nobody has confirmed it yet.", "unconfirmed")
    if not rows:
        raise LaunchRefused("This learning platform is not registered here.", "issuer-unknown")
    if request.client_id:
        rows = [row for row in rows if row.client_id == request.client_id]
        if not rows:
            raise LaunchRefused("This client of the learning platform is not registered here.", "client-unknown")
    elif len(rows) > 1:
        raise LaunchRefused("The platform's log-in request does not say for which client it is.", "client-missing")
    return rows[0]


def _keys(session: Session, clock: Clock, row: LtiPlatform, fetch_keys: FetchKeys, kid: str) -> Mapping[str, Any]:
    """The platform's keys: as they were fetched last, or anew where they are old or lack the key that is asked for."""
    now, platform = clock(), platform_of(row)
    if row.keys is not None and row.keys_fetched is not None:
        age = now - row.keys_fetched
        if age < KEYS_PAUSE or (age < KEYS_LIFE and find_key(row.keys, kid) is not None):
            return row.keys
    session.rollback()  # nothing is open while the platform takes its time
    try:
        found = fetch_keys(platform)
    except PlatformFailed as error:
        raise LaunchRefused(f"{error} Try again in a moment.", "keys-unavailable") from error
    _keep_keys(session, now, platform.id, found)
    return found


def _keep_keys(session: Session, now: datetime, platform_id: int, keys: Mapping[str, Any]) -> None:
    with writing(session):
        row = session.get_one(LtiPlatform, platform_id)
        row.keys, row.keys_fetched = dict(keys), now
