"""Tokens for programs, of which only a hash is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grader.store.base import Base, Id, reference
from grader.store.users import User


class Token(Base):
    """A secret that acts for a person within `scopes`; with `course_id` in that course alone."""

    __tablename__ = "tokens"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(reference("users"), index=True)
    name: Mapped[str]
    hint: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    course_id: Mapped[int | None] = mapped_column(reference("courses"))
    created: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


_BY_HASH = select(Token, User).join(Token.user).where(Token.hash == bindparam("digest"))


def by_hash(session: Session, digest: str) -> tuple[Token, User] | None:
    """The token with this hash and the person that it acts for."""
    return session.execute(_BY_HASH, {"digest": digest}).first()


def note_use(session: Session, now: datetime, token_id: int) -> None:
    """Note that the token was used just now."""
    used = update(Token).where(Token.id == token_id).values(last_used=now)
    session.execute(used.execution_options(synchronize_session=False))


def of_user(session: Session, user_id: int) -> Sequence[Token]:
    """A person's tokens, newest first."""
    return session.scalars(select(Token).where(Token.user_id == user_id).order_by(Token.id.desc())).all()
