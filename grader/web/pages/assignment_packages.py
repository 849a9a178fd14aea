"""An assignment to a zip file and from one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import BankError, BankErrors, Forbidden, InvalidRequest
from grader.services import assignment_imports, courses
from grader.services.access import INSTRUCTOR
from grader.services.assignment_imports import ImportedAssignment
from grader.services.assignment_packing import export_assignment
from grader.web.auth import current_actor
from grader.web.errors import said, status_of
from grader.web.state import database, state

assignment_packages = Blueprint("assignment_packages", __name__)

LARGEST = 1_000_000
"""Bytes, as of any request."""
MOST_NEW = 40
"""New problems at once: each of them is looked at for about a second while the page waits."""
MOST_FAULTS = 100
MOST_TOLD = 6


@assignment_packages.get("/assignments/<int:assignment_id>/assignment.zip")
def export(assignment_id: int) -> Response:
    """The assignment with its problems as a file."""
    content = export_assignment(database(), current_actor(), assignment_id)
    headers = {"Content-Disposition": f'attachment; filename="assignment-{assignment_id}.zip"'}
    return Response(content, mimetype="application/zip", headers=headers)


@assignment_packages.route("/courses/<int:course_id>/assignments/import", methods=["GET", "POST"])
def take(course_id: int) -> ResponseReturnValue:
    """The form to upload a package, and what is wrong with the one that was sent."""
    course = courses.course(database(), current_actor(), course_id)
    if course.role != INSTRUCTOR:
        raise Forbidden(_("Only an instructor of the course may do this."))
    if request.method == "GET":
        return _page(course_id)
    try:
        made = assignment_imports.import_assignment(
            database(),
            state().clock,
            current_actor(),
            course_id,
            _sent(),
            state().bank.problems,
            state().examine,
            MOST_NEW,
        )
    except InvalidRequest as error:
        return make_response(_page(course_id, said(error)), status_of(error))
    except BankErrors as error:
        return make_response(_page(course_id, faults=error.errors), status_of(error))
    _tell(made)
    return redirect(url_for("assignment_editing.edit", assignment_id=made.id), 303)


def _sent() -> bytes:
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file is not None else b""
    if not content:
        raise InvalidRequest(_("Choose a file."), "file")
    return content


def _tell(made: ImportedAssignment) -> None:
    """What was made of the package, and what is left to do."""
    flash(_("The assignment is imported, hidden from students. Look at its dates, then show it."), "right")
    if made.added:
        flash(_("New problems of this course: %(ids)s.", ids=_listed(list(made.added.values()))), "notice")
    if made.renamed:
        pairs = _listed([f"{packed} → {own}" for packed, own in made.renamed.items()])
        flash(
            _(
                "These ids are taken here by other problems: %(pairs)s. Under a new id a problem draws other numbers.",
                pairs=pairs,
            ),
            "notice",
        )


def _listed(words: Sequence[str]) -> str:
    """The first few, as the cookie that carries them holds little."""
    return ", ".join(words[:MOST_TOLD]) + (" …" if len(words) > MOST_TOLD else "")


def _page(course_id: int, fault: str = "", faults: Sequence[BankError] = ()) -> str:
    return render_template(
        "assignments/import.html",
        section="courses",
        course=courses.course(database(), current_actor(), course_id),
        fault=fault,
        faults=faults[:MOST_FAULTS],
        more=max(0, len(faults) - MOST_FAULTS),
    )
