"""The students of a course, and everything that one of them has done."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import courses, results
from grader.web.auth import current_actor
from grader.web.state import database, state

students = Blueprint("students", __name__)


@students.get("/courses/<int:course_id>/students")
def index(course_id: int) -> str:
    """All students of the course."""
    actor, session = current_actor(), database()
    found = courses.list_students(session, actor, course_id)
    course = courses.course(session, actor, course_id)
    return render_template("students/index.html", section="courses", course=course, students=found)


@students.get("/courses/<int:course_id>/students/<int:student_id>")
def show(course_id: int, student_id: int) -> str:
    """One student's work in the course."""
    actor, session = current_actor(), database()
    found = results.student_results(session, state().clock, actor, course_id, student_id)
    course = courses.course(session, actor, course_id)
    return render_template("students/show.html", section="courses", course=course, results=found)
