"""People."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id


class User(Base):
    """A person.

    A `closed` account cannot log in; without `password_hash` there is no log-in by password.
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


def by_login(session: Session, login: str) -> User | None:
    """The person with this log-in name."""
    return session.scalar(select(User).where(User.login == login))


def staff(session: Session, most: int) -> Sequence[User]:
    """People of the staff whose accounts are open, so many at the most."""
    return session.scalars(select(User).where(User.is_staff, User.closed.is_(None)).limit(most)).all()
