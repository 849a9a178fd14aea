"""Who is using the pages: the signed session cookie, and what a page may ask of it."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, session

from grader.config import Config
from grader.errors import NotFound, Unauthenticated
from grader.services import courses, users
from grader.services.access import Actor
from grader.services.users import UserView
from grader.web.state import database

USER = "user"
LIFETIME = timedelta(hours=12)


def configure_sessions(app: Flask, config: Config) -> None:
    """A signed cookie that scripts cannot read and other sites cannot send along."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="grader",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        WTF_CSRF_TIME_LIMIT=None,  # a form is good for as long as the session that it belongs to
        WTF_CSRF_SSL_STRICT=False,  # the token decides; some browsers and proxies send no referrer
    )


def log_in(actor: Actor) -> None:
    """Begin a new session: nothing of the one before, its form tokens included, is good any longer."""
    session.clear()
    session.permanent = True
    session[USER] = actor.user_id
    g.pop("user", None)
    g.pop("teaches", None)


def log_out() -> None:
    """End the session."""
    session.clear()
    g.pop("user", None)
    g.pop("teaches", None)


def current_user() -> UserView | None:
    """The person who is logged in, None for nobody and for a closed account."""
    if "user" not in g:
        g.user = _find_user()
    return cast("UserView | None", g.user)


def current_actor() -> Actor:
    """The actor of this request, else Unauthenticated."""
    user = current_user()
    if user is None:
        raise Unauthenticated("You are not logged in, or your session has ended.")
    return Actor(user.id)


def teaches() -> bool:
    """Whether the person is staff or teaches some course: they may see the bank with its keys."""
    if "teaches" not in g:
        user = current_user()
        mine = courses.list_courses(database(), Actor(user.id)) if user and not user.is_staff else ()
        g.teaches = user is not None and (user.is_staff or any(course.is_taught for course in mine))
    return cast("bool", g.teaches)


def safe_target(target: str | None) -> str:
    """A path on this server to go to after log-in; anything else becomes the home page."""
    try:
        parts = urlsplit(target or "/")
    except ValueError:  # such as //[, which is no address at all
        return "/"
    path = parts.path
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or "\\" in (target or ""):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path


def _find_user() -> UserView | None:
    """The person of the session."""
    if USER not in session:
        return None
    try:
        return users.user(database(), int(session[USER]))
    except NotFound:
        return None
