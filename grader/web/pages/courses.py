"""The start page and the page of a course."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import agenda, reviews
from grader.services import courses as service
from grader.web.auth import current_actor
from grader.web.pool import practice_sources
from grader.web.state import database, state

courses = Blueprint("courses", __name__)


@courses.get("/")
def home() -> str:
    """All courses of the person: what is due, where they left off, what to do next."""
    now = state().clock()
    found = agenda.agenda(database(), lambda: now, current_actor(), practice_sources())
    return render_template("courses/home.html", section="courses", agenda=found, now=now)


@courses.get("/courses/<int:course_id>")
def show(course_id: int) -> str:
    """One course with its assignments, and the way to practice."""
    actor, session, now = current_actor(), database(), state().clock()
    course = service.course(session, actor, course_id)
    found = agenda.agenda(session, lambda: now, actor, practice_sources(), course_id)
    return render_template(
        "courses/show.html",
        section="courses",
        course=course,
        plan=found.courses[0],
        resume=found.resume,
        attention=reviews.attention(session, course),
        now=now,
    )
