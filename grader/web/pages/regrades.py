"""Regrades of an assignment: the dry run, what it would change, applying and undoing it."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import Conflict, InvalidRequest
from grader.services import assignments
from grader.services import regrades as service
from grader.services.regrade_plans import RegradePolicy
from grader.services.regrades import LONGEST_REASON, Basis, Request
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.newest import newest_text
from grader.web.state import database, state

regrades = Blueprint("regrades", __name__)


@regrades.get("/assignments/<int:assignment_id>/regrades")
def index(assignment_id: int) -> str:
    """The regrades of an assignment, and the form for another one."""
    return _index(assignment_id)


@regrades.post("/assignments/<int:assignment_id>/regrades")
def propose(assignment_id: int) -> ResponseReturnValue:
    """Begin a dry run."""
    try:
        found = service.propose(database(), state().clock, current_actor(), assignment_id, _wanted(), newest_text)
    except InvalidRequest as error:
        return make_response(_index(assignment_id, error), status_of(error))
    return redirect(url_for("regrades.show", regrade_id=found), 303)


@regrades.get("/regrades/<int:regrade_id>")
def show(regrade_id: int) -> str:
    """What a regrade changes, or how far it has come."""
    view = service.regrade(database(), current_actor(), regrade_id, is_polled=True)
    course = assignments.assignment(database(), state().clock, current_actor(), view.assignment_id)
    return render_template("regrades/show.html", section="courses", regrade=view, role=course.role)


@regrades.post("/regrades/<int:regrade_id>/apply")
def apply(regrade_id: int) -> ResponseReturnValue:
    """Let the changes count."""
    try:
        service.apply(database(), state().clock, current_actor(), regrade_id)
    except Conflict:
        flash(_("Somebody has applied it already, or it is not ready."), "notice")
    return redirect(url_for("regrades.show", regrade_id=regrade_id), 303)


@regrades.post("/regrades/<int:regrade_id>/undo")
def undo(regrade_id: int) -> ResponseReturnValue:
    """Give the marks back that there were before."""
    try:
        service.undo(database(), state().clock, current_actor(), regrade_id)
    except Conflict:
        flash(_("Somebody has undone it already, or it is not applied."), "notice")
    return redirect(url_for("regrades.show", regrade_id=regrade_id), 303)


def _wanted() -> Request:
    """What stands in the form."""
    form = request.form
    try:
        policy, basis = RegradePolicy(form.get("policy", "never_lower")), Basis(form.get("basis", "clusters"))
    except ValueError:
        raise InvalidRequest(_("Choose one of the ways that are offered."), "basis") from None
    return Request(policy, basis, form.get("reason", ""))


def _index(assignment_id: int, error: InvalidRequest | None = None) -> str:
    session, actor = database(), current_actor()
    lines = service.regrades_of(session, actor, assignment_id)
    view = assignments.assignment(session, state().clock, actor, assignment_id)
    return render_template(
        "regrades/index.html",
        section="courses",
        assignment=view,
        regrades=lines,
        chosen=request.form.get("basis") or request.args.get("basis") or "clusters",
        policy=request.form.get("policy", "never_lower"),
        reason=request.form.get("reason", ""),
        longest=LONGEST_REASON,
        error=error,
    )
