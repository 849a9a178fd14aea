"""One student of a course: what they have reached, their whole history, their data as a file, erasing them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import InvalidRequest
from grader.services import courses, erasing, histories, people, personal_data, results
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.state import database, state

students = Blueprint("students", __name__)
LONGEST_PAGE = 6


@students.get("/courses/<int:course_id>/students")
def index(course_id: int) -> ResponseReturnValue:
    """The students among the people of the course."""
    return redirect(url_for("people.index", course_id=course_id, role="student"))


@students.get("/courses/<int:course_id>/students/<int:student_id>")
def show(course_id: int, student_id: int) -> str:
    """One student's work in the course; teachers see all that happened, page by page."""
    actor, session = current_actor(), database()
    found = results.student_results(session, state().clock, actor, course_id, student_id)
    course = courses.course(session, actor, course_id)
    page = _page_number()
    history = histories.history(session, actor, course_id, student_id, page) if course.is_taught else None
    return render_template(
        "students/show.html",
        section="courses",
        course=course,
        results=found,
        history=history,
        is_instructor=course.role == "instructor",
        page_address=lambda number: url_for(
            "students.show", course_id=course_id, student_id=student_id, page=number, _anchor="history"
        ),
    )


@students.get("/courses/<int:course_id>/students/<int:student_id>/data.zip")
def data(course_id: int, student_id: int) -> Response:
    """All that is kept about the student in the course, as a file."""
    found = personal_data.export_student(database(), state().clock, current_actor(), course_id, student_id)
    headers = {"Content-Disposition": f'attachment; filename="course-{course_id}-person-{student_id}.zip"'}
    return Response(personal_data.as_archive(found), mimetype="application/zip", headers=headers)


@students.get("/courses/<int:course_id>/students/<int:student_id>/erase")
def erase_form(course_id: int, student_id: int) -> str:
    """What erasing does, and the field to confirm it."""
    people.require_instructor(database(), current_actor(), course_id)
    return _erase_page(course_id, student_id)


@students.post("/courses/<int:course_id>/students/<int:student_id>/erase")
def erase(course_id: int, student_id: int) -> ResponseReturnValue:
    """Erase the student, if the log-in name was typed."""
    actor, session = current_actor(), database()
    typed = request.form.get("login", "")[:200]
    try:
        kept = erasing.erase_student(session, state().clock, actor, course_id, student_id, typed)
    except InvalidRequest as error:
        return make_response(_erase_page(course_id, student_id, str(error), typed), status_of(error))
    message = _("The student is erased; the answers stay under a pseudonym.")
    flash(message if kept else _("The student is erased with all answers."), "right")
    return redirect(url_for("people.index", course_id=course_id), 303)


def _erase_page(course_id: int, student_id: int, fault: str = "", typed: str = "") -> str:
    actor, session = current_actor(), database()
    course = courses.course(session, actor, course_id)
    person = people.person(session, actor, course_id, student_id)
    keeps = people.keeps_answers(session, actor, course_id)
    return render_template(
        "students/erase.html",
        section="courses",
        course=course,
        person=person,
        keeps_answers=keeps,
        fault=fault,
        typed=typed,
    )


def _page_number() -> int:
    """The page of the history, the first one where the address says something else."""
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_PAGE else 1
