"""Setting assignments: the list of a course, the form, extensions, previews, release, hiding and deleting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import CallerError, Conflict, Forbidden, InvalidRequest
from grader.services import assignment_edits, assignments, authoring, browsing, courses, extensions, previewing
from grader.services.access import INSTRUCTOR
from grader.services.assignment_edits import AssignmentGiven, SetProblemView
from grader.services.assignments import AssignmentView, ChosenProblem, KeptProblem
from grader.services.browsing import Card
from grader.services.courses import CourseView
from grader.services.preferences import places
from grader.services.problems import ProblemSource, source_of
from grader.web.auth import current_actor
from grader.web.browsing import FIELDS, LEVELS, shipped_cards, wanted_in
from grader.web.errors import status_of
from grader.web.languages import wished_zone
from grader.web.pages.assignment_forms import (
    Meant,
    ProblemRow,
    Typed,
    form_of,
    meant_by,
    moment_in,
    new_form,
    typed_in,
)
from grader.web.state import database, state

assignment_editing = Blueprint("assignment_editing", __name__)

MOST_FOUND = 30
"""Problems shown below a search; a longer list asks to narrow it."""
FILTER = "find_"
"""Before the names of the search's fields, which stand in the same form."""


@dataclass(frozen=True)
class Desk:
    """What the form is about: a course, and the assignment that is changed, if it is there already."""

    course: CourseView
    view: AssignmentView | None
    problems: tuple[SetProblemView, ...]

    @property
    def known(self) -> dict[str, SetProblemView]:
        """The problems that are in the assignment, by id."""
        return {one.key: one for one in self.problems}


@assignment_editing.get("/courses/<int:course_id>/assignments")
def index(course_id: int) -> str:
    """All assignments of the course, hidden and deleted ones too."""
    actor, session = current_actor(), database()
    listed = assignment_edits.all_assignments(session, state().clock, actor, course_id)
    course = courses.course(session, actor, course_id)
    present = [line for line in listed if line.visibility != "deleted"]
    return render_template(
        "assignments/index.html",
        section="courses",
        course=course,
        assignments=present,
        deleted=[line for line in listed if line.visibility == "deleted"],
        may_edit=course.role == INSTRUCTOR,
    )


@assignment_editing.route("/courses/<int:course_id>/assignments/new", methods=["GET", "POST"])
def create(course_id: int) -> ResponseReturnValue:
    """The form of a new assignment."""
    course = courses.course(database(), current_actor(), course_id)
    _require_instructor(course)
    desk = Desk(course, None, ())
    if request.method == "GET":
        return _page(desk, new_form(wished_zone() or "UTC"))
    return _answer(desk)


@assignment_editing.route("/assignments/<int:assignment_id>/edit", methods=["GET", "POST"])
def edit(assignment_id: int) -> ResponseReturnValue:
    """The form of an assignment as it is."""
    actor, session = current_actor(), database()
    view = assignments.assignment(session, state().clock, actor, assignment_id)
    course = courses.course(session, actor, view.course_id)
    _require_instructor(course)
    desk = Desk(course, view, assignment_edits.set_problems(session, actor, assignment_id))
    if request.method == "GET":
        return _page(desk, form_of(view, desk.problems))
    return _answer(desk)


@assignment_editing.post("/assignments/<int:assignment_id>/visibility")
def set_visibility(assignment_id: int) -> ResponseReturnValue:
    """Show, hide, delete or bring back."""
    wished = request.form.get("visibility", "")
    assignment_edits.set_visibility(database(), state().clock, current_actor(), assignment_id, wished)
    words = {
        "shown": _("Students see the assignment."),
        "hidden": _("The assignment is hidden from students. Their work is kept."),
        "deleted": _("The assignment is deleted. Nothing is lost: you can bring it back below."),
    }
    flash(words[wished], "right")
    return redirect(url_for("assignment_editing.index", course_id=request.form.get("course", type=int) or 0), 303)


@assignment_editing.post("/assignments/<int:assignment_id>/release")
def release(assignment_id: int) -> ResponseReturnValue:
    """Tell the students of an exam their marks, or hold them back again."""
    released = request.form.get("released") == "1"
    assignment_edits.release(database(), state().clock, current_actor(), assignment_id, released=released)
    flash(_("Students see their marks now.") if released else _("Marks are held back again."), "right")
    return redirect(url_for("assignments.show", assignment_id=assignment_id), 303)


@assignment_editing.post("/assignments/<int:assignment_id>/problems/<problem_id>/preview")
def preview(assignment_id: int, problem_id: str) -> ResponseReturnValue:
    """The problem as a student with this seed sees it."""
    text = request.form.get("seed", "1").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise InvalidRequest(_("A seed is a whole number from 0 to 999999."), "seed")
    actor, session = current_actor(), database()
    opened = previewing.open_preview(session, state().clock, actor, assignment_id, problem_id, int(text))
    return redirect(url_for("attempts.show", attempt_id=opened.id), 303)


@assignment_editing.get("/assignments/<int:assignment_id>/extensions")
def list_extensions(assignment_id: int) -> str:
    """The extensions of the students."""
    return _extensions_page(assignment_id, {})


@assignment_editing.post("/assignments/<int:assignment_id>/extensions")
def extend(assignment_id: int) -> ResponseReturnValue:
    """Give a student more time or more tries."""
    form = {name: request.form.get(name, "")[:100] for name in ("student", "due", "tries")}
    try:
        _extend(assignment_id, form)
    except InvalidRequest as error:
        return make_response(_extensions_page(assignment_id, form, error), status_of(error))
    flash(_("The extension is given, and marks are reckoned with it."), "right")
    return redirect(url_for("assignment_editing.list_extensions", assignment_id=assignment_id), 303)


@assignment_editing.post("/assignments/<int:assignment_id>/extensions/<int:student_id>/withdraw")
def withdraw(assignment_id: int, student_id: int) -> ResponseReturnValue:
    """Take an extension away."""
    extensions.withdraw(database(), state().clock, current_actor(), assignment_id, student_id)
    flash(_("The extension is withdrawn."), "right")
    return redirect(url_for("assignment_editing.list_extensions", assignment_id=assignment_id), 303)


def _extend(assignment_id: int, form: dict[str, str]) -> None:
    actor, session = current_actor(), database()
    view = assignments.assignment(session, state().clock, actor, assignment_id)
    if not form["student"].isascii() or not form["student"].isdigit():
        raise InvalidRequest(_("Choose a student."), "student")
    try:
        due = moment_in(form["due"], ZoneInfo(view.setting.zone))
    except InvalidRequest as error:
        raise InvalidRequest(str(error), "due") from None
    tries = form["tries"].strip()
    if tries and not (tries.isascii() and tries.isdigit()):
        raise InvalidRequest(_("Write a whole number, or nothing."), "tries")
    student = int(form["student"][:9])
    extensions.extend(session, state().clock, actor, assignment_id, student, due, int(tries[:9]) if tries else None)


def _extensions_page(assignment_id: int, form: dict[str, str], refused: InvalidRequest | None = None) -> str:
    actor, session = current_actor(), database()
    given = extensions.list_extensions(session, actor, assignment_id)
    view = assignments.assignment(session, state().clock, actor, assignment_id)
    return render_template(
        "assignments/extensions.html",
        section="courses",
        assignment=view,
        extensions=given,
        students=courses.list_students(session, actor, view.course_id),
        form=form,
        refused=refused,
        may_edit=view.role == INSTRUCTOR,
    )


def _require_instructor(course: CourseView) -> None:
    """Assistants may look; the rules are set by instructors."""
    if course.role != INSTRUCTOR:
        raise Forbidden(_("Only an instructor of the course may do this."))


def _answer(desk: Desk) -> ResponseReturnValue:
    """Do what the button says: save, or change the list of problems in the form and show it again."""
    typed = typed_in(request.form)
    action, _colon, problem_id = request.form.get("do", "save").partition(":")
    if action != "save":
        return _page(desk, _rearranged(typed, action, problem_id), moved=(action, problem_id))
    meant = meant_by(typed, desk.view.policy.released if desk.view else None)
    if meant.faults:
        return make_response(_page(desk, typed, meant.faults), 400)
    try:
        saved = _save(desk, typed, meant)
    except Conflict as error:
        return make_response(_page(desk, typed, conflict=error), status_of(error))
    except InvalidRequest as error:
        fault = {error.field.replace(".", "_") or "form": str(error)}
        return make_response(_page(desk, typed, fault), status_of(error))
    flash(_("The assignment is saved."), "right")
    return redirect(url_for("assignments.show", assignment_id=saved), 303)


def _rearranged(typed: Typed, action: str, id: str) -> Typed:
    """The form with its list of problems changed."""
    rows = list(typed.problems)
    place = next((number for number, row in enumerate(rows) if row.id == id), None)
    if action == "add" and place is None and id:
        rows.append(ProblemRow(id))
    elif place is not None:
        row = rows.pop(place)
        target = {"up": place - 1, "down": place + 1}.get(action)
        if target is not None:
            rows.insert(max(0, target), row)
    return Typed(typed.fields, tuple(rows))


def _save(desk: Desk, typed: Typed, meant: Meant) -> int:
    """The assignment's id, after it has been made or changed."""
    actor, session, clock = current_actor(), database(), state().clock
    new = [row for row in typed.problems if row.takes or row.id not in desk.known]
    sources = _sources(desk.course.id, [row.id for row in new])
    missing = next((row.id for row in new if row.id not in sources), None)
    if missing is not None:
        raise InvalidRequest(_("There is no problem %(id)s that students could be given.", id=missing), "problems")
    taken = {row.id for row in new}
    chosen = [
        ChosenProblem(sources[row.id], meant.points[row.id])
        if row.id in taken
        else KeptProblem(row.id, meant.points[row.id])
        for row in typed.problems
    ]
    if desk.view is None:
        ready = [one for one in chosen if isinstance(one, ChosenProblem)]
        made = assignments.create_assignment(
            session, clock, actor, desk.course.id, meant.title, ready, meant.policy, meant.setting
        )
        return made.id
    given = AssignmentGiven(meant.title, chosen, meant.policy, meant.setting)
    assignment_edits.edit_assignment(session, clock, actor, desk.view.id, given)
    return desk.view.id


def _sources(course_id: int, ids: list[str]) -> dict[str, ProblemSource]:
    """The present texts of these problems, the course's own before those of the bank."""
    bank = state().bank.problems
    shipped = {each: source_of(bank[each]) for each in ids if each in bank}
    return shipped | authoring.sources_of(database(), course_id, ids)


def _page(
    desk: Desk,
    typed: Typed,
    faults: Mapping[str, str] | None = None,
    conflict: CallerError | None = None,
    moved: tuple[str, str] | None = None,
) -> str:
    """The form with what was typed, what is wrong with it, and the problems that a search finds."""
    session, actor = database(), current_actor()
    wanted = wanted_in(typed.fields, FILTER)
    found, _taught = browsing.browse(session, actor, shipped_cards(state().bank), browsing.Wanted())
    usable = [card for card in found if card.version and card.course_id in (None, desk.course.id)]
    chosen = {row.id for row in typed.problems}
    matching, _taught = browsing.browse(session, actor, shipped_cards(state().bank), wanted)
    offered = [card for card in matching if card in usable and card.id not in chosen]
    return render_template(
        "assignments/edit.html",
        section="courses",
        course=desk.course,
        assignment=desk.view,
        typed=typed,
        faults=defaultdict(str, faults or {}),
        conflict=conflict,
        rows=[_row(desk, row, usable) for row in typed.problems],
        offered=offered[:MOST_FOUND],
        focus=_focus(moved, [row.id for row in typed.problems], [card.id for card in matching], offered),
        more=max(0, len(offered) - MOST_FOUND),
        find={name: typed[FILTER + name] for name in FIELDS},
        topics=sorted({card.topic for card in usable}),
        levels=LEVELS,
        zones=places(),
    )


def _focus(moved: tuple[str, str] | None, chosen: list[str], matching: list[str], offered: list[Card]) -> str:
    """The button that gets the focus: who goes on by keyboard goes on where the button was that they pressed."""
    if moved is None:
        return ""
    action, moved_id = moved
    ids = [card.id for card in offered[:MOST_FOUND]]
    if action in ("up", "down") and moved_id in chosen and len(chosen) > 1:
        at_an_end = {0: "down", len(chosen) - 1: "up"}
        return f"{at_an_end.get(chosen.index(moved_id), action)}:{moved_id}"
    if action == "add" and moved_id in matching:
        after = matching[matching.index(moved_id) :]
        ids = [each for each in ids if each in after] or ids[-1:]
    return f"add:{ids[0]}" if ids and action != "remove" else "find_text"


def _row(desk: Desk, row: ProblemRow, usable: list[Card]) -> dict[str, Any]:
    """One problem of the form with what is known of it."""
    known = desk.known.get(row.id)
    card = next((card for card in usable if card.id == row.id), None)
    return {
        "id": row.id,
        "points": row.points,
        "takes": row.takes,
        "title": known.title if known else card.title if card else row.id,
        "topic": known.topic if known else card.topic if card else "",
        "level": known.level if known else card.level if card else "",
        "is_own": (known.course_id if known else card.course_id if card else None) is not None,
        "begun": known.begun if known else 0,
        "is_outdated": known is not None and card is not None and card.version != known.version,
    }
