"""Practice by topic: what there is, how sure the student is in it, and a problem that fits."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from grader.errors import Forbidden
from grader.services import agenda, attempts
from grader.services import courses as course_service
from grader.services import practice as service
from grader.services.mastery import LEVELS
from grader.web.auth import current_actor
from grader.web.pool import practice_sources
from grader.web.state import database, state

practice = Blueprint("practice", __name__)


@practice.get("/courses/<int:course_id>/practice")
def show(course_id: int) -> str:
    """The topics of the course with the person's own mastery, and what to do next."""
    session, clock, actor, sources = database(), state().clock, current_actor(), practice_sources()
    view = service.practice(session, clock, actor, course_id, sources)
    plan = agenda.agenda(session, clock, actor, sources, course_id).courses[0]
    return render_template(
        "practice/show.html", section="courses", view=view, advice=plan.advice, levels=LEVELS, now=clock()
    )


@practice.get("/courses/<int:course_id>/students/<int:student_id>/practice")
def of_student(course_id: int, student_id: int) -> str:
    """The mastery of one student, for those who teach them (or the student)."""
    session, clock, actor = database(), state().clock, current_actor()
    view = service.practice(session, clock, actor, course_id, practice_sources(), student_id)
    (student,) = course_service.students_of(session, course_id, student_id) or (None,)
    return render_template("practice/student.html", section="courses", view=view, student=student)


@practice.post("/courses/<int:course_id>/practice")
def begin(course_id: int) -> ResponseReturnValue:
    """The problem to go on with in a topic."""
    form = request.form
    level, leave = form.get("level", ""), form.get("leave", "")
    attempt_id = service.begin(
        database(),
        state().clock,
        current_actor(),
        course_id,
        form.get("topic", ""),
        practice_sources(),
        level or None,
        int(leave) if leave.isascii() and leave.isdigit() and len(leave) < 10 else None,
    )
    return redirect(url_for("attempts.show", attempt_id=attempt_id), 303)


@practice.post("/attempts/<int:attempt_id>/solution")
def give_up(attempt_id: int) -> ResponseReturnValue:
    """The solution of a practice variant; the same problem waits with other numbers."""
    session, clock, actor = database(), state().clock, current_actor()
    if attempts.attempt(session, clock, actor, attempt_id).student_id != actor.user_id:
        raise Forbidden("Only the student whose problem this is can ask for its solution.")
    attempts.new_practice_variant(session, clock, actor, attempt_id)
    flash(gettext("Here is the solution. The same problem waits for you with other numbers."), "accent")
    return redirect(url_for("attempts.show", attempt_id=attempt_id, _anchor="solution"), 303)
