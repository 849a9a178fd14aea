"""Client credentials of OAuth 2: programs that log in with an id and a secret, and get a token for an hour."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services.access import Actor, Clock, enter
from grader.services.fields import line
from grader.services.tokens import digest, known_scopes
from grader.store import audit, clients
from grader.store.clients import AccessToken, Client
from grader.store.database import writing

KEY_START, SECRET_START, TOKEN_START = "client_", "secret_", "access_"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client without its secret; `key` is its id towards the API."""

    id: int
    key: str
    name: str
    scopes: tuple[str, ...]
    course_id: int | None
    created: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was given to a client."""

    token: str
    scopes: tuple[str, ...]
    seconds: int


def create_client(
    session: Session, clock: Clock, actor: Actor, name: str, scopes: Iterable[str], course_id: int | None = None
) -> tuple[str, ClientView]:
    """A new client that acts for the actor: its secret, this once, and its view."""
    _refuse_token(actor)
    now, secret = clock(), SECRET_START + secrets.token_urlsafe(32)
    row = Client(
        user_id=actor.user_id,
        name=line(name, "name"),
        key=KEY_START + secrets.token_urlsafe(12),
        hash=digest(secret),
        scopes=known_scopes(scopes),
        course_id=course_id,
        created=now,
    )
    if course_id is not None:
        enter(session, actor, course_id, "courses:read")
    with writing(session):
        session.add(row)
        session.flush()
        audit.note(session, now, actor.user_id, course_id, "client.created", row.id, scopes=row.scopes)
        return secret, _view(row)


def list_clients(session: Session, actor: Actor) -> tuple[ClientView, ...]:
    """The actor's clients, newest first."""
    _refuse_token(actor)
    return tuple(_view(row) for row in clients.of_user(session, actor.user_id))


def revoke_client(session: Session, clock: Clock, actor: Actor, client_id: int) -> None:
    """End a client of the actor and its tokens at once; a second time changes nothing."""
    _refuse_token(actor)
    now = clock()
    with writing(session):
        row = session.get(Client, client_id)
        if row is None or row.user_id != actor.user_id:
            raise NotFound("There is no such client.")
        if row.revoked is None:
            row.revoked = now
            clients.drop_tokens(session, row.id)
            audit.note(session, now, actor.user_id, row.course_id, "client.revoked", row.id)


def issue(session: Session, clock: Clock, key: str, secret: str, scopes: Iterable[str] = ()) -> Issued:
    """A token for an hour, with all scopes of the client or these of them.

    Unauthenticated where the client or its secret is wrong, InvalidRequest where it lacks a scope.
    """
    now = clock()
    with writing(session):
        found = clients.by_key(session, key)
        is_right = hmac.compare_digest(found[0].hash if found else "", digest(secret))
        if found is None or not is_right or found[0].revoked is not None or found[1].closed is not None:
            raise Unauthenticated("The client or its secret is wrong, or it was revoked.")
        client = found[0]
        wanted = sorted(set(scopes)) or sorted(client.scopes)
        if lacking := [scope for scope in wanted if scope not in client.scopes]:
            raise InvalidRequest(f"The client lacks the scope {lacking[0][:40]}.", "scope")
        clients.drop_tokens(session, client.id, now)
        token = TOKEN_START + secrets.token_urlsafe(32)
        session.add(AccessToken(client_id=client.id, hash=digest(token), scopes=wanted, expires=now + LIFETIME))
    return Issued(token, tuple(wanted), int(LIFETIME.total_seconds()))


def authenticate(session: Session, clock: Clock, plaintext: str) -> Actor:
    """The actor behind a token that a client was given, else Unauthenticated."""
    found = clients.by_hash(session, digest(plaintext))
    if found is None or found[1].revoked is not None or found[2].closed is not None:
        raise Unauthenticated("This token is unknown, or has been revoked.")
    token, client, person = found
    if clock() >= token.expires:
        raise Unauthenticated("This token has expired. Ask for another one.")
    return Actor(person.id, frozenset(token.scopes), client.course_id)


def _refuse_token(actor: Actor) -> None:
    """Clients are made and ended by people, as tokens are."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot manage clients. Log in instead.")


def _view(row: Client) -> ClientView:
    return ClientView(row.id, row.key, row.name, tuple(row.scopes), row.course_id, row.created, row.revoked)
