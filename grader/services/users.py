"""People and their log-ins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services.access import Actor, Clock
from grader.services.fields import line
from grader.store import audit, users
from grader.store.database import writing
from grader.store.users import User

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class UserView:
    """A person as others see them; `is_staff` people may create courses."""

    id: int
    login: str
    name: str
    email: str | None
    is_staff: bool


def register(
    session: Session,
    clock: Clock,
    login: str,
    name: str,
    password: str | None,
    *,
    email: str | None = None,
    is_staff: bool = False,
) -> UserView:
    """A new person.

    Conflict when the log-in name is taken, InvalidRequest when a value cannot be used.
    """
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise InvalidRequest("A log-in name is made of letters a-z, digits and . _ @ + -, at most 100.", "login")
    row = User(
        login=login,
        name=line(name, "name"),
        email=line(email, "email") if email else None,
        password_hash=None if password is None else _hashed(password),
        is_staff=is_staff,
        created=clock(),
    )
    try:
        with writing(session):
            session.add(row)
            session.flush()
            audit.note(session, clock(), row.id, None, "user.registered", row.id)
            return _view(row)
    except IntegrityError:
        raise Conflict(f"The log-in name {login} is taken.", "login") from None


def authenticate(session: Session, clock: Clock, login: str, password: str) -> Actor:
    """The actor behind a log-in name and password, else Unauthenticated.

    It takes the same time whatever is wrong.
    """
    del clock
    row = find(session, login)
    usable = row is not None and row.password_hash is not None and row.closed is None
    kept = row.password_hash if row is not None and usable else None
    matches = _verify(kept or _nobody(), password)
    if row is None or not usable or not matches:
        raise Unauthenticated("The log-in name or the password is wrong.")
    return Actor(row.id)


def find(session: Session, login: str) -> User | None:
    """The row behind a log-in name as it is typed, for services; what cannot be one is not asked for.

    PostgreSQL refuses U+0000 in a query, and no database takes a lone surrogate.
    """
    name = login.strip().lower()
    return users.by_login(session, name) if LOGIN.fullmatch(name) else None


def user(session: Session, user_id: int) -> UserView:
    """The person with this id, else NotFound (also when the account is closed)."""
    row = session.get(User, user_id)
    if row is None or row.closed is not None:
        raise NotFound("There is no such person.")
    return _view(row)


def change_password(session: Session, clock: Clock, actor: Actor, old: str, new: str) -> None:
    """Replace the actor's own password."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot change a password.")
    row = session.get(User, actor.user_id)
    if row is None or row.password_hash is None or not _verify(row.password_hash, old):
        raise Forbidden("The old password is wrong.", "old")
    hashed = _hashed(new)
    with writing(session):
        session.get_one(User, actor.user_id).password_hash = hashed
        audit.note(session, clock(), actor.user_id, None, "user.password-changed", actor.user_id)


def _view(row: User) -> UserView:
    """The row for others to see."""
    return UserView(row.id, row.login, row.name, row.email, row.is_staff)


def _hashed(password: str) -> str:
    """The password as argon2 keeps it."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        raise InvalidRequest(message, "password")
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


@cache
def _nobody() -> str:
    """What an unknown log-in is checked against, so that it takes as long as a known one."""
    return HASHER.hash("nobody has this password")


def _verify(kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return HASHER.verify(kept, password[:LONGEST_PASSWORD].encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False
