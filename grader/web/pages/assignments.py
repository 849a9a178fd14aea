"""The page of an assignment: its problems, and how far the student has come."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import assignments as service
from grader.web.auth import current_actor
from grader.web.state import database, state

assignments = Blueprint("assignments", __name__)


@assignments.get("/assignments/<int:assignment_id>")
def show(assignment_id: int) -> str:
    """The problems of the assignment in order."""
    view = service.assignment(database(), state().clock, current_actor(), assignment_id)
    return render_template("assignments/show.html", section="courses", assignment=view)
