"""Tokens for programs: shown once, kept as a hash, with scopes and perhaps one course."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services.access import SCOPES, Actor, Clock, enter
from grader.services.fields import line
from grader.store import audit, tokens
from grader.store.database import writing
from grader.store.tokens import Token

START = "grader_"
HINT_LENGTH = len(START) + 6
USE_NOTED_EVERY = timedelta(minutes=5)
"""How exact `last_used` is: noting every request would make each one write."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token without its secret; `hint` is its first characters."""

    id: int
    name: str
    hint: str
    scopes: tuple[str, ...]
    course_id: int | None
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None


def create_token(
    session: Session,
    clock: Clock,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    course_id: int | None = None,
    expires: datetime | None = None,
) -> tuple[str, TokenView]:
    """A new token that acts for the actor: the plaintext, this once, and its view."""
    _refuse_token(actor)
    now = clock()
    plaintext = START + secrets.token_urlsafe(32)
    row = Token(
        user_id=actor.user_id,
        name=line(name, "name"),
        hint=plaintext[:HINT_LENGTH],
        hash=digest(plaintext),
        scopes=known_scopes(scopes),
        course_id=course_id,
        created=now,
        expires=_later(expires, now),
    )
    if course_id is not None:
        enter(session, actor, course_id, "courses:read")
    with writing(session):
        session.add(row)
        session.flush()
        audit.note(session, now, actor.user_id, course_id, "token.created", row.id, scopes=row.scopes)
        return plaintext, _view(row)


def authenticate(session: Session, clock: Clock, plaintext: str) -> Actor:
    """The actor behind a token, else Unauthenticated."""
    now = clock()
    found = tokens.by_hash(session, digest(plaintext))
    if found is None:
        raise Unauthenticated("This token is unknown.")
    token, person = found
    if token.revoked is not None or person.closed is not None:
        raise Unauthenticated("This token has been revoked.")
    if token.expires is not None and now >= token.expires:
        raise Unauthenticated("This token has expired.")
    actor = Actor(person.id, frozenset(token.scopes), token.course_id)
    if token.last_used is None or now - token.last_used >= USE_NOTED_EVERY:
        token_id = token.id
        with writing(session):
            tokens.note_use(session, now, token_id)
    return actor


def list_tokens(session: Session, actor: Actor) -> tuple[TokenView, ...]:
    """The actor's tokens, newest first."""
    _refuse_token(actor)
    return tuple(_view(row) for row in tokens.of_user(session, actor.user_id))


def revoke_token(session: Session, clock: Clock, actor: Actor, token_id: int) -> None:
    """End a token of the actor at once; a second time changes nothing."""
    _refuse_token(actor)
    now = clock()
    with writing(session):
        row = session.get(Token, token_id)
        if row is None or row.user_id != actor.user_id:
            raise NotFound("There is no such token.")
        if row.revoked is None:
            row.revoked = now
            audit.note(session, now, actor.user_id, row.course_id, "token.revoked", row.id)


def _refuse_token(actor: Actor) -> None:
    """Tokens are made and ended by people: one that leaked could otherwise prolong its own life."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot manage tokens. Log in instead.")


def known_scopes(scopes: Iterable[str]) -> list[str]:
    """The scopes in order, each of which must exist."""
    wanted = sorted(set(scopes))
    if not wanted:
        raise InvalidRequest(f"A token needs at least one scope of {', '.join(SCOPES)}.", "scopes")
    for scope in wanted:
        if scope not in SCOPES:
            raise InvalidRequest(f"There is no scope {scope!r}, only {', '.join(SCOPES)}.", "scopes")
    return wanted


def _later(expires: datetime | None, now: datetime) -> datetime | None:
    """An end that is still to come."""
    if expires is not None and (expires.tzinfo is None or expires <= now):
        raise InvalidRequest("The end of a token must be a moment in the future, with its time zone.", "expires")
    return expires


def digest(plaintext: str) -> str:
    """What is kept of a token. It is 256 random bits, so a fast hash is as good as a slow one."""
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).hexdigest()


def _view(row: Token) -> TokenView:
    """The row without its hash."""
    return TokenView(
        id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=tuple(row.scopes),
        course_id=row.course_id,
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        last_used=row.last_used,
    )
