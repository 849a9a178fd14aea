"""The page of an assignment: its problems, its rules in words, and how far the student has come."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grader.services import assignments as service
from grader.services import lti_overview, ready_variants, restanding
from grader.services.access import STUDENT
from grader.services.advice import left_in, urgency
from grader.web.auth import current_actor
from grader.web.state import database, state

assignments = Blueprint("assignments", __name__)


@assignments.get("/assignments/<int:assignment_id>")
def show(assignment_id: int) -> ResponseReturnValue:
    """The problems of the assignment in order; practice by topic has a page of its own."""
    now = state().clock()
    view = service.assignment(database(), lambda: now, current_actor(), assignment_id)
    if view.is_pool:
        return redirect(url_for("practice.show", course_id=view.course_id))
    teaches = view.role != STUDENT
    titles = {line.version: line.title for line in view.problems}
    return render_template(
        "assignments/show.html",
        section="courses",
        assignment=view,
        urgency=urgency(view, now),
        left=left_in(view),
        told=lti_overview.own_grades(database(), current_actor(), assignment_id),
        is_linked=teaches and lti_overview.is_linked(database(), assignment_id),
        is_reckoned_anew=teaches and restanding.is_under_way(database(), assignment_id),
        faulty=ready_variants.faulty_among(database(), titles) if teaches else (),
        now=now,
    )
