"""The start page and the page of a course."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import assignments
from grader.services import courses as service
from grader.services.policies import Phase
from grader.web.auth import current_actor
from grader.web.state import database, state

courses = Blueprint("courses", __name__)


@courses.get("/")
def home() -> str:
    """All courses of the person with what is set in them, and what is due next."""
    actor, session = current_actor(), database()
    mine = [
        (course, assignments.list_assignments(session, state().clock, actor, course.id))
        for course in service.list_courses(session, actor)
    ]
    due = [
        line
        for course, lines in mine
        for line in lines
        if not course.is_taught and line.phase is Phase.OPEN and line.policy.due and line.solved < line.problems
    ]
    next_due = min(due, key=lambda line: line.policy.due or state().clock(), default=None)
    return render_template("courses/home.html", section="courses", courses=mine, next_due=next_due)


@courses.get("/courses/<int:course_id>")
def show(course_id: int) -> str:
    """One course with its assignments."""
    actor, session = current_actor(), database()
    course = service.course(session, actor, course_id)
    lines = assignments.list_assignments(session, state().clock, actor, course_id)
    return render_template("courses/show.html", section="courses", course=course, assignments=lines)
