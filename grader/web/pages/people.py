"""The people of a course: the list, adding one, importing many, changing roles, ending enrolments."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import CallerError, Conflict, InvalidRequest
from grader.services import courses, invitations, retention
from grader.services import people as service
from grader.services.access import ROLES
from grader.services.people import Deed, PersonView, Plan
from grader.services.rosters import LARGEST, Roster, RosterRow, read_roster
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.state import database, state

people = Blueprint("people", __name__)
PAGE = 100
LONGEST_FIELD = 300
LONGEST_PAGE = 6
LONGEST_NUMBER = 5


@people.get("/courses/<int:course_id>/people")
def index(course_id: int) -> str:
    """All who are in the course, by name; one role or those with a certain name."""
    actor, session = current_actor(), database()
    everybody = service.list_people(session, actor, course_id)
    role, wanted = request.args.get("role", ""), request.args.get("name", "")[:LONGEST_FIELD]
    found = [one for one in everybody if role in ("", one.role) and _has(one, wanted)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(_page_number(), pages)
    return render_template(
        "people/index.html",
        section="courses",
        course=courses.course(session, actor, course_id),
        people=found[(page - 1) * PAGE : page * PAGE],
        matched=len(found),
        total=len(everybody),
        roles=ROLES,
        role=role,
        name=wanted,
        page=page,
        pages=pages,
        keeps_answers=service.keeps_answers(session, actor, course_id),
        retention_days=retention.retention_days(session, actor, course_id),
        page_address=lambda number: url_for("people.index", course_id=course_id, role=role, name=wanted, page=number),
    )


@people.get("/courses/<int:course_id>/people/new")
def new(course_id: int) -> str:
    """The form to add one person."""
    return _form(course_id, RosterRow(1, "", "", "", ROLES[0]))


@people.post("/courses/<int:course_id>/people")
def add(course_id: int) -> ResponseReturnValue:
    """Add one person; what cannot be taken comes back with its reason, the text in place."""
    login, name, email, role = (
        request.form.get(field, "")[:LONGEST_FIELD] for field in ("login", "name", "email", "role")
    )
    row = RosterRow(1, login, name, email, role)
    try:
        added, deed = service.add_person(database(), state().clock, current_actor(), course_id, row)
    except (InvalidRequest, Conflict) as error:
        return make_response(_form(course_id, row, error), status_of(error))
    words = {Deed.NEW: _("A new account was made."), Deed.SAME: _("Nothing has changed.")}
    flash(f"{added.name}: {_role_words(added.role)}. {words.get(deed, '')}".strip(), "right")
    return redirect(url_for("people.show", course_id=course_id, person_id=added.id), 303)


@people.get("/courses/<int:course_id>/people/<int:person_id>")
def show(course_id: int, person_id: int) -> str:
    """One person: role, enrolment, log-in."""
    return _person_page(course_id, person_id)


@people.post("/courses/<int:course_id>/people/<int:person_id>/role")
def change_role(course_id: int, person_id: int) -> ResponseReturnValue:
    """Give the person another role."""
    role = request.form.get("role", "")[:LONGEST_FIELD]
    service.change_role(database(), state().clock, current_actor(), course_id, person_id, role)
    flash(_("The role is changed."), "right")
    return redirect(url_for("people.show", course_id=course_id, person_id=person_id), 303)


@people.post("/courses/<int:course_id>/people/<int:person_id>/end")
def end(course_id: int, person_id: int) -> ResponseReturnValue:
    """Take the person out of the course."""
    service.end_enrolment(database(), state().clock, current_actor(), course_id, person_id)
    flash(_("The enrolment is ended. What was done stays, and the person can be put back."), "right")
    return redirect(url_for("people.index", course_id=course_id), 303)


@people.post("/courses/<int:course_id>/people/<int:person_id>/link")
def link(course_id: int, person_id: int) -> ResponseReturnValue:
    """A link, shown once, by which a person without a password chooses one."""
    secret = invitations.invite_person(database(), state().clock, current_actor(), course_id, person_id)
    address = url_for("invitations.welcome", secret=secret, _external=True)
    return make_response(_person_page(course_id, person_id, address))


@people.post("/courses/<int:course_id>/people/keeping")
def keep(course_id: int) -> ResponseReturnValue:
    """Say what becomes of the answers of students who are erased."""
    keeps = request.form.get("keeps_answers") == "yes"
    typed = request.form.get("retention_days", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER):
        raise InvalidRequest(_("Give a number of days, or nothing."), "retention_days")
    service.set_keeping(database(), state().clock, current_actor(), course_id, keeps_answers=keeps)
    days = int(typed) if typed else None
    retention.set_retention(database(), state().clock, current_actor(), course_id, days)
    flash(_("This is kept."), "right")
    return redirect(url_for("people.index", course_id=course_id), 303)


@people.get("/courses/<int:course_id>/people/import")
def import_form(course_id: int) -> str:
    """The form to upload or paste a list."""
    return _import_page(course_id)


@people.post("/courses/<int:course_id>/people/import")
def preview_import(course_id: int) -> ResponseReturnValue:
    """What the list would do, line by line; nothing is changed yet."""
    text = request.form.get("list", "")
    try:
        plan = service.plan_import(database(), current_actor(), course_id, _sent_roster(text))
    except InvalidRequest as error:
        return make_response(_import_page(course_id, text, error), status_of(error))
    return make_response(_plan_page(course_id, plan))


@people.post("/courses/<int:course_id>/people/import/apply")
def apply_import(course_id: int) -> ResponseReturnValue:
    """Import the lines that were shown, all of them or, where one no longer can be, nothing."""
    roster = read_roster(request.form.get("list", ""))
    try:
        done = service.import_people(database(), state().clock, current_actor(), course_id, roster)
    except InvalidRequest as error:
        plan = service.plan_import(database(), current_actor(), course_id, roster)
        return make_response(_plan_page(course_id, plan, str(error)), status_of(error))
    counts = done.counts
    changed = len(done.rows) - counts.get(Deed.SAME, 0)
    flash(
        _(
            "%(changed)s people imported, %(made)s of them with new accounts.",
            changed=changed,
            made=counts.get(Deed.NEW, 0),
        ),
        "right",
    )
    return redirect(url_for("people.index", course_id=course_id), 303)


def _sent_roster(text: str) -> Roster:
    """The list that was uploaded, else the one that was pasted."""
    file = request.files.get("file")
    data = file.stream.read(LARGEST + 1) if file is not None and file.filename else b""
    return read_roster(data or text)


def _has(person: PersonView, wanted: str) -> bool:
    """Whether what is looked for is in the name, log-in or address."""
    text = wanted.strip().casefold()
    return any(text in given.casefold() for given in (person.name, person.login, person.email or ""))


def _role_words(role: str) -> str:
    words: dict[str, str] = {"student": _("student"), "assistant": _("assistant"), "instructor": _("instructor")}
    return words[role]


def _page_number() -> int:
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= LONGEST_PAGE else 1


def _form(course_id: int, row: RosterRow, fault: CallerError | None = None) -> str:
    course = courses.course(database(), current_actor(), course_id)
    service.require_instructor(database(), current_actor(), course_id)
    return render_template("people/new.html", section="courses", course=course, row=row, roles=ROLES, fault=fault)


def _person_page(course_id: int, person_id: int, address: str = "") -> str:
    actor, session = current_actor(), database()
    return render_template(
        "people/show.html",
        section="courses",
        course=courses.course(session, actor, course_id),
        person=service.person(session, actor, course_id, person_id),
        is_self=person_id == actor.user_id,
        roles=ROLES,
        link=address,
    )


def _import_page(course_id: int, text: str = "", fault: CallerError | None = None) -> str:
    course = courses.course(database(), current_actor(), course_id)
    service.require_instructor(database(), current_actor(), course_id)
    return render_template("people/import.html", section="courses", course=course, text=text, fault=fault)


def _plan_page(course_id: int, plan: Plan, fault: str = "") -> str:
    course = courses.course(database(), current_actor(), course_id)
    return render_template(
        "people/plan.html", section="courses", course=course, plan=plan, list=plan.roster.to_csv(), fault=fault
    )
