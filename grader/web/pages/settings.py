"""What a person sets for themselves: name, time zone, language, password, and an end of all log-ins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from grader.bank.wording import LANGUAGES
from grader.errors import CallerError, Forbidden, InvalidRequest
from grader.services import passwords, users
from grader.services import preferences as service
from grader.web.auth import current_actor, log_in, log_out
from grader.web.errors import status_of
from grader.web.languages import browser_zone, wished_language
from grader.web.state import database, state

settings = Blueprint("settings", __name__)


@settings.get("/settings")
def show() -> str:
    """The settings as they are."""
    return _page()


@settings.post("/settings")
def change() -> ResponseReturnValue:
    """Keep name, time zone and language; what cannot be comes back with its reason."""
    form = {name: request.form.get(name, "").strip() for name in ("name", "time_zone", "language")}
    zone, language = form["time_zone"] or None, form["language"] or None
    try:
        service.change_preferences(database(), state().clock, current_actor(), form["name"], zone, language)
    except InvalidRequest as error:
        return make_response(_page(form, error), status_of(error))
    with force_locale(language or wished_language()):
        flash(gettext("Your settings are saved."), "right")
    return redirect(url_for("settings.show"), 303)


@settings.post("/settings/password")
def change_password() -> ResponseReturnValue:
    """A new password; log-ins on other devices end."""
    form, actor = request.form, current_actor()
    try:
        if form.get("new", "") != form.get("again", ""):
            raise InvalidRequest(gettext("The two new passwords differ. Type the same one twice."), "again")
        users.change_password(database(), state().clock, actor, form.get("old", ""), form.get("new", ""))
    except (InvalidRequest, Forbidden) as error:
        return make_response(_page(None, error), status_of(error))
    log_in(actor)
    flash(gettext("Your password is changed. On other devices you are logged out."), "right")
    return redirect(url_for("settings.show"), 303)


@settings.post("/settings/log-out")
def log_out_everywhere() -> ResponseReturnValue:
    """End every log-in of the person, this one included."""
    users.end_log_ins(database(), state().clock, current_actor())
    log_out()
    flash(gettext("You are logged out on every device."), "right")
    return redirect(url_for("sessions.form"), 303)


def _page(typed: Mapping[str, str] | None = None, refused: CallerError | None = None) -> str:
    """The page; `typed` is what was sent where it was refused."""
    mine = service.preferences(database(), current_actor())
    shown: Mapping[str, Any] = typed or {
        "name": mine.name,
        "time_zone": mine.time_zone or browser_zone(),
        "language": mine.language or "",
    }
    return render_template(
        "settings/show.html",
        section="settings",
        mine=mine,
        shown=shown,
        zones=_zones(shown["time_zone"]),
        languages=LANGUAGES,
        refused=refused,
        password_lengths=(passwords.SHORTEST, passwords.LONGEST),
    )


def _zones(chosen: str) -> Mapping[str, list[str]]:
    """The time zones by continent, the chosen one among them whatever it is called."""
    groups: dict[str, list[str]] = {}
    names = service.places()
    for name in names if chosen in ("", *names) or chosen not in service.time_zones() else (chosen, *names):
        groups.setdefault(name.partition("/")[0] if "/" in name else "", []).append(name)
    return groups
