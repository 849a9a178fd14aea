"""Programs that log in with an id and a secret of their own, and the short-lived tokens they are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.users import User


class Client(Base):
    """A program that acts for a person within `scopes`; with `course_id` in that course alone."""

    __tablename__ = "oauth_clients"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(reference("users"), index=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str]
    scopes: Mapped[list[Any]]
    course_id: Mapped[int | None] = mapped_column(reference("courses"))
    created: Mapped[datetime]
    revoked: Mapped[datetime | None]


class AccessToken(Base):
    """A token that a client was given; it is good until `expires`, and no longer than its client."""

    __tablename__ = "oauth_tokens"

    id: Mapped[Id]
    client_id: Mapped[int] = mapped_column(reference("oauth_clients"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    expires: Mapped[datetime]


def by_key(session: Session, key: str) -> tuple[Client, User] | None:
    """The client with this id and the person that it acts for."""
    query = select(Client, User).join(User, User.id == Client.user_id).where(Client.key == key)
    return session.execute(query).first()


def by_hash(session: Session, digest: str) -> tuple[AccessToken, Client, User] | None:
    """The token with this hash, its client, and the person that it acts for."""
    query = select(AccessToken, Client, User).join(Client, Client.id == AccessToken.client_id)
    return session.execute(query.join(User, User.id == Client.user_id).where(AccessToken.hash == digest)).first()


def of_user(session: Session, user_id: int) -> Sequence[Client]:
    """A person's clients, newest first."""
    return session.scalars(select(Client).where(Client.user_id == user_id).order_by(Client.id.desc())).all()


def drop_tokens(session: Session, client_id: int, before: datetime | None = None) -> None:
    """Forget a client's tokens: those that ended before a moment, or all."""
    query = delete(AccessToken).where(AccessToken.client_id == client_id)
    session.execute(query if before is None else query.where(AccessToken.expires <= before))
