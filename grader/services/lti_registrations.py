"""Platforms that register themselves: by a link that is good for once, and not before somebody of the staff agrees."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy.orm import Session

from grader.errors import CallerError, Conflict, NotFound, PlatformFailed
from grader.lti.registration import Configuration, Registered, Tool, read_configuration, register
from grader.services.access import Actor, Clock
from grader.services.lti_launches import hashed
from grader.services.lti_platforms import NewPlatform, PlatformView, put_platform, require_staff, view_of
from grader.store import audit, lti_invitations, lti_platforms
from grader.store.database import writing
from grader.store.lti_invitations import LtiInvitation
from grader.store.lti_platforms import LtiPlatform

LIFE = timedelta(days=7)
USED = "This link was used before, or is too old. Ask whoever gave it to you for a new one."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a platform's link brings: where its configuration stands, and what lets us register there."""

    configuration_url: str
    token: str = ""


def invite(session: Session, clock: Clock, actor: Actor) -> str:
    """The secret of a link by which one platform may register itself, within a week (staff)."""
    require_staff(session, actor)
    secret = secrets.token_urlsafe(32)
    with writing(session):
        row = LtiInvitation(hash=hashed(secret), author_id=actor.user_id, created=clock())
        session.add(row)
        session.flush()
        audit.note(session, clock(), actor.user_id, None, "lti.platform-invited", row.id)
    return secret


def require_open(session: Session, clock: Clock, secret: str) -> None:
    """NotFound where the link is not good, or not any longer."""
    if not lti_invitations.is_open(session, hashed(secret), clock() - LIFE):
        raise NotFound(USED)


def register_platform(
    session: Session, clock: Clock, client: httpx.Client, secret: str, asked: Asked, tool: Tool
) -> PlatformView:
    """Register with the platform, and keep it until it is confirmed.

    The link is used up first, by one atomic statement, and can be used again where the platform fails.
    Raises NotFound for a link that is not good, PlatformFailed, Conflict for a client that is known already.
    """
    with writing(session):
        number = lti_invitations.use(session, clock(), hashed(secret), clock() - LIFE)
    if number is None:
        raise NotFound(USED)
    try:
        found = read_configuration(client, asked.configuration_url)
        given = register(client, found, asked.token, tool)
        return _keep(session, clock, number, found, given)
    except BaseException:
        with writing(session):
            session.get_one(LtiInvitation, number).used = None
        raise


def confirm(session: Session, clock: Clock, actor: Actor, platform_id: int) -> PlatformView:
    """Take launches of a platform that has registered itself (staff); doing it twice changes nothing."""
    require_staff(session, actor)
    with writing(session):
        row = _known(session, platform_id)
        if not row.pending:
            return view_of(session, row)
        row.pending = False
        audit.note(session, clock(), actor.user_id, None, "lti.platform-confirmed", platform_id)
        return view_of(session, row)


def turn_down(session: Session, clock: Clock, actor: Actor, platform_id: int) -> None:
    """Forget a platform that has registered itself and was not confirmed (staff)."""
    require_staff(session, actor)
    with writing(session):
        row = _known(session, platform_id)
        if not row.pending:
            raise Conflict("This platform is confirmed already.")
        for invitation in lti_invitations.of_platforms(session):
            if invitation.platform_id == platform_id:
                invitation.platform_id = None
        for deployment in lti_platforms.deployments(session, platform_id):
            session.delete(deployment)
        session.flush()
        audit.note(session, clock(), actor.user_id, None, "lti.platform-turned-down", platform_id, issuer=row.issuer)
        session.delete(row)


def _keep(session: Session, clock: Clock, number: int, found: Configuration, given: Registered) -> PlatformView:
    """The platform as it is stored."""
    new = NewPlatform(
        name=found.product or found.issuer,
        issuer=found.issuer,
        client_id=given.client_id,
        authorization_url=found.authorization_url,
        token_url=found.token_url,
        keyset_url=found.keyset_url,
        deployments=tuple(filter(None, [given.deployment])),
        audience=found.audience,
    )
    with writing(session):
        invitation = session.get_one(LtiInvitation, number)
        try:
            row = put_platform(session, clock, new)
        except CallerError as error:
            raise PlatformFailed(f"The platform's values cannot be taken. {error}") from error
        row.pending = True
        invitation.platform_id = row.id
        audit.note(session, clock(), invitation.author_id, None, "lti.platform-registered", row.id, issuer=row.issuer)
        return view_of(session, row)


def _known(session: Session, platform_id: int) -> LtiPlatform:
    row = session.get(LtiPlatform, platform_id)
    if row is None:
        raise NotFound("There is no such platform.")
    return row
