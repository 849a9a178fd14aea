"""Invitations: links into a course, made by its instructor and followed by whoever has one."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import CallerError, Conflict, InvalidRequest
from grader.services import courses, passwords
from grader.services import invitations as service
from grader.services.access import ROLES
from grader.web.auth import current_actor, current_user, log_in
from grader.web.errors import status_of
from grader.web.state import database, state

invitations = Blueprint("invitations", __name__)
LONGEST_FIELD = 300
LONGEST_NUMBER = 6
USUAL_DAYS = "30"


@invitations.get("/courses/<int:course_id>/invitations")
def index(course_id: int) -> str:
    """The invitations into the course, and the form to make one."""
    return _page(course_id)


@invitations.post("/courses/<int:course_id>/invitations")
def invite(course_id: int) -> ResponseReturnValue:
    """Make an invitation; its link is shown this once."""
    try:
        days, uses = _number("days"), _number("max_uses")
        role = request.form.get("role", ROLES[0])[:LONGEST_FIELD]
        secret, _view = service.invite(database(), state().clock, current_actor(), course_id, days or 0, uses, role)
    except InvalidRequest as error:
        return make_response(_page(course_id, fault=error), status_of(error))
    return make_response(_page(course_id, link=url_for("invitations.welcome", secret=secret, _external=True)))


@invitations.post("/courses/<int:course_id>/invitations/<int:invitation_id>/revoke")
def revoke(course_id: int, invitation_id: int) -> ResponseReturnValue:
    """End an invitation."""
    service.revoke(database(), state().clock, current_actor(), course_id, invitation_id)
    flash(_("The invitation is revoked."), "right")
    return redirect(url_for("invitations.index", course_id=course_id), 303)


@invitations.get("/join/<secret>")
def welcome(secret: str) -> str:
    """What the link is for, and the ways to follow it."""
    return _welcome_page(secret)


@invitations.post("/join/<secret>")
def join(secret: str) -> ResponseReturnValue:
    """Come into the course as the person who is logged in."""
    course_id = service.join(database(), state().clock, current_actor(), secret)
    flash(_("You are in the course now."), "right")
    return redirect(url_for("courses.show", course_id=course_id), 303)


@invitations.post("/join/<secret>/new")
def join_as_new(secret: str) -> ResponseReturnValue:
    """Make an account, or choose the password of one's own, and come into the course."""
    found = service.welcome(database(), state().clock, secret)
    typed = {field: request.form.get(field, "")[:LONGEST_FIELD] for field in ("login", "name", "email")}
    password, session, clock = request.form.get("password", ""), database(), state().clock
    try:
        if password != request.form.get("again", ""):
            raise InvalidRequest(_("The two passwords are not the same."), "again")
        if found.login:
            actor = service.choose_password(session, clock, secret, password)
        else:
            actor = service.join_as_new(session, clock, secret, typed["login"], typed["name"], password, typed["email"])
    except (InvalidRequest, Conflict) as error:
        return make_response(_welcome_page(secret, typed, error), status_of(error))
    log_in(actor)
    flash(_("You are in the course now."), "right")
    return redirect(url_for("courses.show", course_id=found.course_id), 303)


def _number(field: str) -> int | None:
    """A whole number of the form; None where it is left empty."""
    text = request.form.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise InvalidRequest(_("This is not a whole number."), field)
    return int(text)


def _page(course_id: int, link: str = "", fault: CallerError | None = None) -> str:
    actor, session = current_actor(), database()
    usual = {"days": USUAL_DAYS, "max_uses": "", "role": ROLES[0]}
    return render_template(
        "invitations/index.html",
        section="courses",
        course=courses.course(session, actor, course_id),
        invitations=service.list_invitations(session, state().clock, actor, course_id),
        roles=ROLES,
        link=link,
        fault=fault,
        typed=usual if fault is None else {field: request.form.get(field, "")[:LONGEST_FIELD] for field in usual},
    )


def _welcome_page(secret: str, typed: dict[str, str] | None = None, fault: CallerError | None = None) -> str:
    found = service.welcome(database(), state().clock, secret)
    return render_template(
        "invitations/welcome.html",
        welcome=found,
        secret=secret,
        somebody=current_user(),
        typed=typed or {"login": "", "name": "", "email": ""},
        fault=fault,
        shortest=passwords.SHORTEST,
    )
