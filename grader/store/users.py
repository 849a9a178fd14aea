"""People."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, JsonText


class User(Base):
    """A person.

    A `closed` account cannot log in; without `password_hash` there is no log-in by password.
    `time_zone` and `language` are None until they are known.
    A log-in is good for as long as `session_version` is what it was, and it is none of the `ended_log_ins`:
    each of these by the hash of its name, with the moment (seconds since 1970) at which its cookie expires.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    is_staff: Mapped[bool]
    created: Mapped[datetime]
    closed: Mapped[datetime | None]
    time_zone: Mapped[str | None]
    language: Mapped[str | None]
    session_version: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_log_ins: Mapped[dict[str, Any] | None] = mapped_column(JsonText())


def by_login(session: Session, login: str) -> User | None:
    """The person with this log-in name."""
    return session.scalar(select(User).where(User.login == login))


def staff(session: Session, most: int) -> Sequence[User]:
    """People of the staff whose accounts are open, so many at the most."""
    return session.scalars(select(User).where(User.is_staff, User.closed.is_(None)).limit(most)).all()


def by_logins(session: Session, logins: Sequence[str]) -> Mapping[str, User]:
    """The people with these log-in names, by log-in name."""
    return {row.login: row for row in session.scalars(select(User).where(User.login.in_(logins)))}
