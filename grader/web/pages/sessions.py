"""Logging in and out; what was typed when a session ended comes back after the next log-in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from grader.errors import Unauthenticated
from grader.services import preferences, users
from grader.web.auth import current_user, log_in, log_out, safe_target
from grader.web.headers import is_script
from grader.web.languages import browser_zone
from grader.web.state import database, state

sessions = Blueprint("sessions", __name__)

ANSWER_PATH = re.compile(r"/attempts/(\d+)/(?:answer|preview|hints)")
KEPT = "kept."
MOST_KEPT = 400  # fields; a page has far fewer

Kept = list[tuple[str, str]]


@sessions.get("/login")
def form() -> ResponseReturnValue:
    """The log-in page."""
    target = safe_target(request.args.get("next"))
    if current_user():
        return redirect(target)
    return _login_page(target)


@sessions.post("/login", endpoint="log_in")
def enter() -> ResponseReturnValue:
    """Check name and password; on success go to where the person wanted to be."""
    login, target = request.form.get("login", ""), safe_target(request.form.get("next"))
    kept = _kept()
    try:
        actor = users.authenticate(database(), state().clock, login, request.form.get("password", ""))
    except Unauthenticated:
        fault = gettext("This log-in name and password do not go together. Check both and try again.")
        return _login_page(target, kept, login, fault, 401)
    log_in(actor)
    preferences.suggest_time_zone(database(), actor, browser_zone())
    if kept and ANSWER_PATH.fullmatch(target):
        return kept_page(target, kept, gettext("You are logged in again."))
    return redirect(target)


@sessions.post("/logout", endpoint="log_out")
def leave() -> ResponseReturnValue:
    """End the session."""
    log_out()
    return redirect(url_for("sessions.form"))


def ask_to_log_in() -> ResponseReturnValue:
    """The log-in page in place of the page that needs it; an answer that was posted travels along."""
    found = ANSWER_PATH.fullmatch(request.path)
    if request.method == "POST" and found:
        return _login_page(url_for("attempts.preview", attempt_id=int(found[1])), _answers(), status=401)
    if request.method == "POST":
        return _login_page("/", status=401)
    query = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
    return redirect(url_for("sessions.form", next=request.path + query))


def refuse_forgery() -> ResponseReturnValue | None:
    """What a form without a good token gets: a way back to the answer in it, None for other forms."""
    if request.path == url_for("sessions.log_in"):
        fault = gettext("This page was open for too long. Please log in once more.")
        return _login_page(safe_target(request.form.get("next")), _kept(), request.form.get("login", ""), fault, 400)
    found = ANSWER_PATH.fullmatch(request.path)
    if found is None or is_script():
        return None
    if current_user() is None:
        return ask_to_log_in()
    reason = gettext("This page was opened before you logged in.")
    page = kept_page(url_for("attempts.preview", attempt_id=int(found[1])), _answers(), reason)
    page.status_code = 400
    return page


def kept_page(target: str, kept: Kept, reason: str) -> Response:
    """A page with one button, behind which the kept answer stands in its form again."""
    return make_response(render_template("sessions/kept.html", target=target, kept=kept, reason=reason))


def _login_page(
    target: str, kept: Iterable[tuple[str, str]] = (), login: str = "", fault: str = "", status: int = 200
) -> Response:
    page = render_template("sessions/login.html", target=target, kept=list(kept), login=login, fault=fault)
    return make_response(page, status)


def _fields() -> Kept:
    """The fields of the form, as many as are kept."""
    return list(request.form.items(multi=True))[:MOST_KEPT]


def _kept() -> Kept:
    """The fields that the log-in page carries for the time after."""
    return [(name.removeprefix(KEPT), value) for name, value in _fields() if name.startswith(KEPT)]


def _answers() -> Kept:
    """The fields in which an answer was typed."""
    return [(name, value) for name, value in _fields() if name.startswith("answer.")]
