"""Who is using the pages: the signed session cookie, and what a page may ask of it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, session

from grader.config import Config
from grader.errors import NotFound, Unauthenticated
from grader.services import courses, preferences, users
from grader.services.access import Actor
from grader.services.preferences import Preferences
from grader.services.users import UserView
from grader.web.state import database, state

USER, VERSION, LOG_IN = "user", "version", "log_in"
COOKIE = "grader"
HOST_COOKIE = f"__Host-{COOKIE}"
"""A browser takes this one over TLS only and from this host alone: no neighbouring site can set it."""
LIFETIME = timedelta(hours=12)


def configure_sessions(app: Flask, config: Config) -> None:
    """A signed cookie that scripts cannot read and other sites cannot send along."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME=HOST_COOKIE if config.cookie_secure else COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        WTF_CSRF_TIME_LIMIT=None,  # a form is good for as long as the session that it belongs to
        WTF_CSRF_SSL_STRICT=False,  # the token decides; some browsers and proxies send no referrer
    )


def log_in(actor: Actor) -> None:
    """Begin a new session: nothing of the one before, its form tokens included, is good any longer."""
    version = users.session_version(database(), actor.user_id)
    session.clear()
    session.permanent = True
    session[USER], session[VERSION] = actor.user_id, version
    session[LOG_IN] = secrets.token_urlsafe(16)
    _forget()


def log_out() -> None:
    """End the session; a copy of its cookie is no longer good."""
    if USER in session and session.get(LOG_IN):
        users.end_log_in(database(), state().clock, int(session[USER]), str(session[LOG_IN]), LIFETIME)
    session.clear()
    _forget()


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


def current_preferences() -> Preferences | None:
    """The settings of the person who is logged in; None for nobody."""
    if "preferences" not in g:
        user = current_user()
        g.preferences = preferences.preferences(database(), Actor(user.id)) if user else None
    return cast("Preferences | None", g.preferences)


def _forget() -> None:
    """Look again who is using the page."""
    for name in ("user", "teaches", "preferences"):
        g.pop(name, None)


def _find_user() -> UserView | None:
    """The person of the session; nobody, where their log-ins have been ended since."""
    if USER not in session:
        return None
    user_id = int(session[USER])
    try:
        if users.session_version(database(), user_id, str(session.get(LOG_IN, ""))) != session.get(VERSION, 0):
            return None
        return users.user(database(), user_id)
    except NotFound:
        return None
