"""Tokens for programs: shown once, kept as a hash, with scopes and perhaps one course."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock


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
    ...


def authenticate(session: Session, clock: Clock, plaintext: str) -> Actor:
    """The actor behind a token, else Unauthenticated."""
    ...


def list_tokens(session: Session, actor: Actor) -> tuple[TokenView, ...]:
    """The actor's tokens, newest first."""
    ...


def revoke_token(session: Session, clock: Clock, actor: Actor, token_id: int) -> None:
    """End a token of the actor at once; a second time changes nothing."""
    ...
