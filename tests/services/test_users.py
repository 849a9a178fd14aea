"""People, log-ins and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services import tokens, users
from grader.services.access import Actor
from grader.store.tokens import Token
from grader.store.users import User
from tests.factories import Scene, SteadyClock, make_user, watched


def test_log_in(session: Session, clock: SteadyClock) -> None:
    ada = users.register(session, clock, " Ada ", "Ada Ahmed", "correct horse", email="ada@example.org")
    assert (ada.login, ada.name, ada.is_staff) == ("ada", "Ada Ahmed", False)
    assert users.authenticate(session, clock, "ADA", "correct horse") == Actor(ada.id)
    assert users.user(session, ada.id) == ada
    kept = session.scalars(select(User.password_hash)).one()
    assert kept is not None
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ada", "wrong horse"),
        ("ada", ""),
        ("bob", "correct horse"),
        ("nopass", ""),
        ("nopass", "nobody has this password"),
        ("a\x00da", "correct horse"),
        ("ada\ud800", "correct horse"),
        ("a" * 100_000, "correct horse"),
        ("ada", "\x00\ud800"),
    ],
)
def test_refused_log_in(session: Session, clock: SteadyClock, login: str, password: str) -> None:
    users.register(session, clock, "ada", "Ada", "correct horse")
    users.register(session, clock, "nopass", "No Password", None)
    with pytest.raises(Unauthenticated):
        users.authenticate(session, clock, login, password)


def test_closed_account_is_nobody(session: Session, clock: SteadyClock) -> None:
    ada = users.register(session, clock, "ada", "Ada", "correct horse")
    session.get_one(User, ada.id).closed = clock()
    session.commit()
    with pytest.raises(Unauthenticated):
        users.authenticate(session, clock, "ada", "correct horse")
    with pytest.raises(NotFound):
        users.user(session, ada.id)


def test_login_names_are_unique(session: Session, clock: SteadyClock) -> None:
    users.register(session, clock, "ada", "Ada", None)
    with pytest.raises(Conflict, match="taken") as caught:
        users.register(session, clock, "ADA", "Another Ada", None)
    assert caught.value.field == "login"
    assert len(session.scalars(select(User.id)).all()) == 1


@pytest.mark.parametrize(
    ("login", "name", "password", "field"),
    [
        ("", "N", "long enough now", "login"),
        ("with space", "N", "long enough now", "login"),
        ("a" * 101, "N", "long enough now", "login"),
        ("ada", " ", "long enough now", "name"),
        ("ada", "N" * 201, "long enough now", "name"),
        ("ada", "N\x00", "long enough now", "name"),
        ("ada", "N", "short", "password"),
        ("ada", "N", "x" * 201, "password"),
    ],
)
def test_unusable_values(
    session: Session, clock: SteadyClock, login: str, name: str, password: str, field: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        users.register(session, clock, login, name, password)
    assert caught.value.field == field


def test_change_password(session: Session, clock: SteadyClock) -> None:
    ada = Actor(users.register(session, clock, "ada", "Ada", "correct horse").id)
    with pytest.raises(Forbidden):
        users.change_password(session, clock, ada, "wrong horse", "battery staple")
    users.change_password(session, clock, ada, "correct horse", "battery staple")
    assert users.authenticate(session, clock, "ada", "battery staple") == ada


def test_no_transaction_is_open_while_a_password_takes_its_time(session: Session, clock: SteadyClock) -> None:
    seen: list[bool] = []
    old, new, wrong = (watched(session, each, seen) for each in ("correct horse", "battery staple", "wrong horse"))
    ada = Actor(users.register(session, clock, "ada", "Ada", old).id)
    users.authenticate(session, clock, "ada", old)
    users.change_password(session, clock, ada, old, new)
    for login in ("ada", "nobody"):
        with pytest.raises(Unauthenticated):
            users.authenticate(session, clock, login, wrong)
    assert (len(seen), any(seen)) == (6, False)


def test_a_password_that_was_changed_meanwhile_is_no_old_one(
    session: Session, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    ada = Actor(users.register(session, clock, "ada", "Ada", "correct horse").id)

    class Overtaken(str):
        """A new password that is hashed after another one was set."""

        __slots__ = ()

        def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
            with sessions() as other:
                users.change_password(other, clock, ada, "correct horse", "who was quicker")
            return super().encode(encoding, errors)

    with pytest.raises(Forbidden, match="old password"):
        users.change_password(session, clock, ada, "correct horse", Overtaken("battery staple"))
    assert users.authenticate(session, clock, "ada", "who was quicker") == ada


def test_token_life(session: Session, clock: SteadyClock) -> None:
    ada = make_user(session, clock)
    plaintext, view = tokens.create_token(session, clock, ada, "script", ["results:read", "courses:read"])
    assert plaintext.startswith(view.hint)
    kept = session.scalars(select(Token)).one()
    assert plaintext not in (kept.hash, kept.hint, kept.name)
    assert tokens.authenticate(session, clock, plaintext) == Actor(ada.user_id, frozenset(view.scopes))
    (listed,) = tokens.list_tokens(session, ada)
    assert (listed.id, listed.last_used) == (view.id, clock())
    tokens.revoke_token(session, clock, ada, view.id)
    tokens.revoke_token(session, clock, ada, view.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        tokens.authenticate(session, clock, plaintext)


def test_token_expires(session: Session, clock: SteadyClock) -> None:
    ada = make_user(session, clock)
    end = clock() + timedelta(days=1)
    plaintext, _ = tokens.create_token(session, clock, ada, "script", ["checks:write"], expires=end)
    clock.advance(days=1)
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.authenticate(session, clock, plaintext)
    with pytest.raises(Unauthenticated, match="unknown"):
        tokens.authenticate(session, clock, plaintext[:-1])


def test_token_refusals(session: Session, clock: SteadyClock) -> None:
    ada, ben = make_user(session, clock), make_user(session, clock)
    with pytest.raises(InvalidRequest, match="no scope 'all'"):
        tokens.create_token(session, clock, ada, "script", ["all"])
    with pytest.raises(InvalidRequest):
        tokens.create_token(session, clock, ada, "script", [])
    with pytest.raises(InvalidRequest):
        tokens.create_token(session, clock, ada, "script", ["checks:write"], expires=clock())
    with pytest.raises(NotFound):
        tokens.create_token(session, clock, ada, "script", ["courses:read"], Scene(session, clock).course_id)
    plaintext, view = tokens.create_token(session, clock, ada, "script", ["checks:write"])
    with pytest.raises(NotFound):
        tokens.revoke_token(session, clock, ben, view.id)
    with pytest.raises(Forbidden):
        tokens.create_token(session, clock, tokens.authenticate(session, clock, plaintext), "child", ["checks:write"])
