"""Learning platforms: what staff copy from and into each other's settings, and what became of grades."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from grader.errors import CallerError, InvalidRequest
from grader.lti.calling import open_client
from grader.services import lti_overview, lti_platforms, lti_reconciling, lti_registrations
from grader.services.lti_platforms import NewPlatform
from grader.services.lti_tokens import Tokens
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.state import database, state

platforms = Blueprint("platforms", __name__)
LONGEST_ID = 15
FIELDS = ("name", "issuer", "client_id", "authorization_url", "token_url", "keyset_url", "audience", "deployment")


@platforms.get("/platforms")
def index() -> str:
    """All platforms, our own addresses, and a form for one more (staff)."""
    return _page()


@platforms.post("/platforms")
def add() -> ResponseReturnValue:
    """Register a platform; what cannot be comes back with its reason."""
    form = {name: request.form.get(name, "").strip() for name in FIELDS}
    deployments = tuple(filter(None, [form["deployment"]]))
    values = {name: form[name] for name in FIELDS if name != "deployment"}
    try:
        new = NewPlatform(**values, deployments=deployments)
        lti_platforms.add_platform(database(), state().clock, current_actor(), new)
    except CallerError as error:
        return make_response(_page(form, error), status_of(error))
    flash(gettext("The platform is registered."), "right")
    return redirect(url_for("platforms.index"), 303)


@platforms.post("/platforms/<int:platform_id>/deployments")
def deploy(platform_id: int) -> ResponseReturnValue:
    """Take launches from one more deployment."""
    deployment = request.form.get("deployment", "")
    lti_platforms.add_deployment(database(), state().clock, current_actor(), platform_id, deployment)
    flash(gettext("Launches from this deployment are taken."), "right")
    return redirect(url_for("platforms.index"), 303)


@platforms.post("/platforms/<int:platform_id>/end")
def end(platform_id: int) -> ResponseReturnValue:
    """Take no more launches, or take them again."""
    ended = request.form.get("again") is None
    lti_platforms.end_platform(database(), state().clock, current_actor(), platform_id, ended=ended)
    return redirect(url_for("platforms.index"), 303)


@platforms.post("/platforms/invitations")
def invite() -> str:
    """A link by which one platform may register itself; it is shown once."""
    secret = lti_registrations.invite(database(), state().clock, current_actor())
    return _page(link=url_for("lti.register", secret=secret, _external=True))


@platforms.post("/platforms/<int:platform_id>/confirm")
def confirm(platform_id: int) -> ResponseReturnValue:
    """Take launches of a platform that has registered itself, or forget it."""
    if request.form.get("answer") == "no":
        lti_registrations.turn_down(database(), state().clock, current_actor(), platform_id)
        flash(gettext("The platform is forgotten."), "right")
    else:
        lti_registrations.confirm(database(), state().clock, current_actor(), platform_id)
        flash(gettext("The platform is registered."), "right")
    return redirect(url_for("platforms.index"), 303)


@platforms.get("/assignments/<int:assignment_id>/gradebook")
def gradebook(assignment_id: int) -> str:
    """What the platform's gradebook was told of each student (teachers)."""
    view = lti_overview.gradebook(database(), current_actor(), assignment_id)
    return render_template("platforms/gradebook.html", section="courses", view=view)


@platforms.post("/assignments/<int:assignment_id>/gradebook")
def send_again(assignment_id: int) -> ResponseReturnValue:
    """Send all grades of the assignment once more."""
    count = lti_overview.send_again(database(), state().clock, current_actor(), assignment_id)
    flash(gettext("%(count)d grades are sent again.", count=count), "right")
    return redirect(url_for("platforms.gradebook", assignment_id=assignment_id), 303)


@platforms.post("/assignments/<int:assignment_id>/gradebook/compare")
def compare(assignment_id: int) -> str:
    """Read the platform's gradebook, and show what differs from ours (instructors)."""
    view = lti_overview.gradebook(database(), current_actor(), assignment_id)
    with open_client(state().config.lti_timeout_seconds) as client:
        tokens = Tokens(state().clock, client, state().config.secret_key)
        found = lti_reconciling.compare_assignment(database(), state().clock, tokens, current_actor(), assignment_id)
    return render_template("platforms/compared.html", section="courses", view=view, compared=found)


@platforms.post("/assignments/<int:assignment_id>/gradebook/ours")
def send_ours(assignment_id: int) -> ResponseReturnValue:
    """Send the chosen grades once more; or make a column anew that is not there any longer."""
    if gone := request.form.get("renew", type=int):
        lti_reconciling.renew_column(database(), state().clock, current_actor(), assignment_id, gone)
        flash(gettext("A new column is made, and all grades are sent to it."), "right")
    else:
        chosen = [_pair(text) for text in request.form.getlist("grade")]
        count = lti_reconciling.send_ours(database(), state().clock, current_actor(), assignment_id, chosen)
        flash(ngettext("%(num)d grade is sent again.", "%(num)d grades are sent again.", count), "right")
    return redirect(url_for("platforms.gradebook", assignment_id=assignment_id), 303)


@platforms.get("/platforms/grades")
def stuck() -> str:
    """The grades of all courses that do not arrive (staff)."""
    lines = lti_overview.stuck_grades(database(), current_actor())
    return render_template("platforms/stuck.html", section="platforms", lines=lines)


@platforms.post("/platforms/grades")
def send_stuck() -> ResponseReturnValue:
    """Send them once more, or the one that is named."""
    count = lti_overview.send_stuck(database(), state().clock, current_actor(), request.form.get("grade", type=int))
    flash(ngettext("%(num)d grade is sent again.", "%(num)d grades are sent again.", count), "right")
    return redirect(url_for("platforms.stuck"), 303)


def _pair(text: str) -> tuple[int, int]:
    """A link and a student from the value of a box of the form."""
    link, _, student = text.partition(":")
    if not all(part.isascii() and part.isdecimal() and len(part) <= LONGEST_ID for part in (link, student)):
        raise InvalidRequest(gettext("This form is not ours."), "grade")
    return int(link), int(student)


def _page(form: dict[str, str] | None = None, refused: CallerError | None = None, link: str = "") -> str:
    addresses = {
        gettext("Log-in (OIDC initiation) URL"): url_for("lti.login", _external=True),
        gettext("Launch (redirect, target link) URL"): url_for("lti.launch", _external=True),
        gettext("Public keyset URL"): url_for("lti.keys", _external=True),
    }
    return render_template(
        "platforms/index.html",
        section="platforms",
        listed=lti_platforms.list_platforms(database(), current_actor()),
        stuck=len(lti_overview.stuck_grades(database(), current_actor())),
        addresses=addresses,
        form=form or dict.fromkeys(FIELDS, ""),
        refused=refused,
        link=link,
    )
