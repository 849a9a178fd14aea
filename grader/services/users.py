"""People and their log-ins."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services import passwords
from grader.services.access import Actor, Clock
from grader.services.fields import address, line
from grader.store import audit, users
from grader.store.database import writing
from grader.store.users import User

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
OF_PLATFORMS = "lti-"
"""How the log-in names begin that are made for people of learning platforms, and for nobody else."""
MOST_ENDED = 50


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of, checked, with the hash of its password."""

    login: str
    name: str
    email: str | None
    password_hash: str | None


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
    is_demo: bool = False,
) -> UserView:
    """A new person; the password of one of a demo is printed for everybody, and may be any.

    Conflict when the log-in name is taken, InvalidRequest when a value cannot be used.
    """
    account = new_account(login, name, password, email=email, is_demo=is_demo)
    return open_account(session, clock, account, is_staff=is_staff)


def new_account(
    login: str, name: str, password: str | None, *, email: str | None = None, is_demo: bool = False
) -> NewAccount:
    """What an account is made of; the password takes its time, so no transaction should be open."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise InvalidRequest("A log-in name is made of letters a-z, digits and . _ @ + -, at most 100.", "login")
    name = line(name, "name")
    checked_email = address(email) if email else None
    if password is not None and not is_demo:
        passwords.require_good(password, login, name)
    return NewAccount(login, name, checked_email, None if password is None else passwords.hashed(password))


def open_account(session: Session, clock: Clock, account: NewAccount, *, is_staff: bool = False) -> UserView:
    """The account as a new person; Conflict when the log-in name is taken."""
    row = User(
        login=account.login,
        name=account.name,
        email=account.email,
        password_hash=account.password_hash,
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
        raise _taken(account.login) from None


def require_free(session: Session, login: str) -> None:
    """Conflict when the log-in name is taken, as long as nothing is done yet for who would have it."""
    if found := find(session, login):
        raise _taken(found.login)


def authenticate(session: Session, clock: Clock, login: str, password: str) -> Actor:
    """The actor behind a log-in name and password, else Unauthenticated.

    It takes the same time whatever is wrong.
    """
    del clock
    row = find(session, login)
    known = None if row is None or row.closed is not None else (row.id, row.password_hash)
    session.rollback()  # nothing is open while the password takes its time
    person, kept = known or (None, None)
    matches = passwords.matches(kept or _nobody(), password)
    if person is None or kept is None or not matches:
        raise Unauthenticated("The log-in name or the password is wrong.")
    return Actor(person)


def find(session: Session, login: str) -> User | None:
    """The row behind a log-in name as it is typed, for services; what cannot be one is not asked for.

    PostgreSQL refuses U+0000 in a query, and no database takes a lone surrogate.
    """
    name = login.strip().lower()
    return users.by_login(session, name) if LOGIN.fullmatch(name) else None


def is_of_platform(login: str) -> bool:
    """Whether this is the log-in name of somebody who comes from a learning platform, or would be."""
    return login.strip().lower().startswith(OF_PLATFORMS)


def user(session: Session, user_id: int) -> UserView:
    """The person with this id, else NotFound (also when the account is closed)."""
    row = session.get(User, user_id)
    if row is None or row.closed is not None:
        raise NotFound("There is no such person.")
    return _view(row)


def change_password(session: Session, clock: Clock, actor: Actor, old: str, new: str) -> None:
    """Replace the actor's own password; every log-in that there was ends."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot change a password.")
    row = session.get(User, actor.user_id)
    before, own = (None, ()) if row is None else (row.password_hash, (row.login, row.name))
    session.rollback()  # nothing is open while the passwords take their time
    if before is None or not passwords.matches(before, old):
        raise Forbidden("The old password is wrong.", "old")
    passwords.require_good(new, *own)
    kept = passwords.hashed(new)
    with writing(session):
        changed = session.get_one(User, actor.user_id)
        if changed.password_hash != before:  # it was changed at the same moment
            raise Forbidden("The old password is wrong.", "old")
        changed.password_hash = kept
        changed.session_version += 1
        audit.note(session, clock(), actor.user_id, None, "user.password-changed", actor.user_id)


def session_version(session: Session, user_id: int, log_in: str = "") -> int:
    """What a log-in of this person has to carry to be good.

    NotFound for nobody, for a closed account, and for a log-in that was ended.
    """
    row = session.get(User, user_id)
    if row is None or row.closed is not None or (log_in and _named(log_in) in (row.ended_log_ins or {})):
        raise NotFound("There is no such person.")
    return row.session_version


def end_log_in(session: Session, clock: Clock, user_id: int, log_in: str, lifetime: timedelta) -> None:
    """End one log-in: copies of its cookie are no longer good. Where very many end at once, all of the person end."""
    now = clock().timestamp()
    with writing(session):
        row = session.get(User, user_id, populate_existing=True, with_for_update=True)
        if row is None:
            return
        kept = {name: until for name, until in (row.ended_log_ins or {}).items() if until > now}
        kept[_named(log_in)] = now + lifetime.total_seconds()
        if len(kept) > MOST_ENDED:
            row.session_version, kept = row.session_version + 1, {}
        row.ended_log_ins = kept


def _named(log_in: str) -> str:
    """How an ended log-in is kept: not as what is in the cookie."""
    return hashlib.sha256(log_in.encode()).hexdigest()[:32]


def end_log_ins(session: Session, clock: Clock, actor: Actor) -> None:
    """End every log-in of the actor, on all devices; copies of their cookies are no longer good."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot end log-ins.")
    with writing(session):
        session.get_one(User, actor.user_id).session_version += 1
        audit.note(session, clock(), actor.user_id, None, "user.log-ins-ended", actor.user_id)


def _taken(login: str) -> Conflict:
    return Conflict(f"The log-in name {login} is taken.", "login")


def _view(row: User) -> UserView:
    """The row for others to see."""
    return UserView(row.id, row.login, row.name, row.email, row.is_staff)


@cache
def _nobody() -> str:
    """What an unknown log-in is checked against, so that it takes as long as a known one."""
    return passwords.hashed("nobody has this password")
