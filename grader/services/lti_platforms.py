"""Learning platforms: registering them, and our own keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from grader.errors import ConfigError, Conflict, Forbidden, InvalidRequest, NotFound
from grader.lti.messages import Platform
from grader.lti.own_keys import OwnKey, new_key, public_keys
from grader.services.access import Actor, Clock
from grader.services.fields import line
from grader.services.sealing import sealed, unsealed
from grader.store import audit, lti_grades, lti_links, lti_platforms
from grader.store.database import insert, writing
from grader.store.lti_platforms import LtiDeployment, LtiOwnKey, LtiPlatform
from grader.store.users import User

LONGEST_ADDRESS = 500
LONGEST_DEPLOYMENT = 255
PUBLISHED_AFTER = timedelta(days=30)
"""So long a retired key is still published: a platform may hold what we signed with it."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A platform with its deployments, for those who look after the installation."""

    platform: Platform
    deployments: tuple[str, ...]
    is_ended: bool
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class NewPlatform:
    """What an administrator copies from the platform."""

    name: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    keyset_url: str
    deployments: tuple[str, ...] = ()
    audience: str = ""


def add_platform(session: Session, clock: Clock, actor: Actor, new: NewPlatform) -> PlatformView:
    """Register a platform (staff); Conflict when this client of this issuer is registered."""
    require_staff(session, actor)
    with writing(session):
        row = put_platform(session, clock, new)
        audit.note(session, clock(), actor.user_id, None, "lti.platform-added", row.id, issuer=row.issuer)
        return view_of(session, row)


def put_platform(session: Session, clock: Clock, new: NewPlatform) -> LtiPlatform:
    """The row of a new platform, for services that have checked who asks; Conflict when its client is known."""
    row = LtiPlatform(
        issuer=line(new.issuer, "issuer", LONGEST_ADDRESS),
        client_id=line(new.client_id, "client_id", LONGEST_ADDRESS),
        name=line(new.name, "name"),
        authorization_url=_address(new.authorization_url, "authorization_url"),
        token_url=_address(new.token_url, "token_url"),
        keyset_url=_address(new.keyset_url, "keyset_url"),
        audience=line(new.audience, "audience", LONGEST_ADDRESS) if new.audience.strip() else "",
        created=clock(),
    )
    if any(known.client_id == row.client_id for known in _same_issuer(session, row.issuer)):
        raise Conflict("This client of this issuer is registered already.", "client_id")
    session.add(row)
    session.flush()
    for deployment in new.deployments:
        _put_deployment(session, clock, row.id, deployment)
    return row


def add_deployment(session: Session, clock: Clock, actor: Actor, platform_id: int, deployment: str) -> PlatformView:
    """Take launches from one more deployment (staff)."""
    require_staff(session, actor)
    with writing(session):
        row = _platform(session, platform_id)
        _put_deployment(session, clock, platform_id, deployment)
        audit.note(session, clock(), actor.user_id, None, "lti.deployment-added", platform_id, deployment=deployment)
        return view_of(session, row)


def end_platform(session: Session, clock: Clock, actor: Actor, platform_id: int, *, ended: bool = True) -> None:
    """Take no more launches from a platform, or take them again (staff); what there is stays."""
    require_staff(session, actor)
    with writing(session):
        row = _platform(session, platform_id)
        row.ended = clock() if ended else None
        if not ended:  # what has changed meanwhile was told to nobody
            lti_grades.ask_untold(session, clock(), lti_links.ids_from(session, platform_id))
        audit.note(session, clock(), actor.user_id, None, "lti.platform-ended", platform_id, ended=ended)


def list_platforms(session: Session, actor: Actor) -> tuple[PlatformView, ...]:
    """All platforms (staff)."""
    require_staff(session, actor)
    return tuple(view_of(session, row) for row in lti_platforms.platforms(session))


def origins(session: Session, origin_of: Callable[[str], str]) -> tuple[str, ...]:
    """The sites of all platforms whose launches are taken; one of them shows a launch that goes wrong."""
    rows = [row for row in lti_platforms.platforms(session) if row.ended is None and not row.pending]
    return tuple({origin_of(address) for row in rows for address in (row.issuer, row.authorization_url)} - {""})


def require_staff(session: Session, actor: Actor) -> None:
    """Refuse everybody who does not look after the installation."""
    person = session.get(User, actor.user_id)
    if person is None or not person.is_staff or actor.scopes is not None:
        raise Forbidden("Only staff may look after learning platforms.")


def platform_of(row: LtiPlatform) -> Platform:
    """A stored platform as the protocol needs it."""
    return Platform(
        id=row.id,
        issuer=row.issuer,
        client_id=row.client_id,
        name=row.name,
        authorization_url=row.authorization_url,
        token_url=row.token_url,
        keyset_url=row.keyset_url,
        audience=row.audience,
    )


def published_keys(session: Session, clock: Clock, secret: str) -> Mapping[str, Any]:
    """The public halves of our keys, as platforms fetch them; the first one is made when there is none.

    Retired ones that were sealed with another secret key are lost, and left out.
    """
    present = signing_key(session, clock, secret)
    retired = (row for row in lti_platforms.own_keys(session, clock() - PUBLISHED_AFTER) if row.kid != present.id)
    return public_keys([present, *(key for row in retired if (key := _opened_if_ours(row, secret)) is not None)])


def signing_key(session: Session, clock: Clock, secret: str) -> OwnKey:
    """The key with which we sign now; made at the first use."""
    found = _present_key(session, clock)
    if found is None:
        with writing(session):
            found = _present_key(session, clock) or _add_key(session, clock, secret)
    return _opened(found, secret)


def rotate_keys(session: Session, clock: Clock, secret: str) -> str:
    """Sign with a new key from now on; the id of it. The old one is published for a month more."""
    now = clock()
    with writing(session):
        for row in lti_platforms.own_keys(session, now):
            row.retired = row.retired or now
        return _add_key(session, clock, secret).kid


def _present_key(session: Session, clock: Clock) -> LtiOwnKey | None:
    return next((row for row in lti_platforms.own_keys(session, clock()) if row.retired is None), None)


def _add_key(session: Session, clock: Clock, secret: str) -> LtiOwnKey:
    key = new_key()
    row = LtiOwnKey(kid=key.id, sealed=sealed(key.pem, secret), created=clock())
    session.add(row)
    session.flush()
    return row


def _opened(row: LtiOwnKey, secret: str) -> OwnKey:
    return OwnKey(row.kid, unsealed(row.sealed, secret))


def _opened_if_ours(row: LtiOwnKey, secret: str) -> OwnKey | None:
    try:
        return _opened(row, secret)
    except ConfigError:
        return None


def _same_issuer(session: Session, issuer: str) -> Sequence[LtiPlatform]:
    return [row for row in lti_platforms.platforms(session) if row.issuer == issuer]


def _platform(session: Session, platform_id: int) -> LtiPlatform:
    row = session.get(LtiPlatform, platform_id)
    if row is None:
        raise NotFound("There is no such platform.")
    return row


def _put_deployment(session: Session, clock: Clock, platform_id: int, deployment: str) -> None:
    name = line(deployment, "deployment", LONGEST_DEPLOYMENT)
    values = {"platform_id": platform_id, "deployment": name, "created": clock()}
    session.execute(insert(session, LtiDeployment).values(values).on_conflict_do_nothing())


def view_of(session: Session, row: LtiPlatform) -> PlatformView:
    """A stored platform with its deployments."""
    known = tuple(each.deployment for each in lti_platforms.deployments(session, row.id))
    return PlatformView(platform_of(row), known, row.ended is not None, row.pending)


def _address(text: str, field: str) -> str:
    """An address that we ask or send browsers to: https, or http on this machine."""
    address = line(text, field, LONGEST_ADDRESS)
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise InvalidRequest("This has to be an address that begins with https://.", field)
    return address
