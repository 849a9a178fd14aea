"""The table of results, students × problems, and the same as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from grader.services import results as service
from grader.services.results import ResultTable
from grader.web.auth import current_actor
from grader.web.state import database

results = Blueprint("results", __name__)


@results.get("/courses/<int:course_id>/results")
def course(course_id: int) -> str:
    """All assignments of a course."""
    table = service.course_results(database(), current_actor(), course_id)
    return _page(table, url_for("results.course_csv", course_id=course_id))


@results.get("/courses/<int:course_id>/results.csv")
def course_csv(course_id: int) -> Response:
    """The same as CSV."""
    return _csv(service.course_results(database(), current_actor(), course_id), f"course-{course_id}")


@results.get("/assignments/<int:assignment_id>/results")
def assignment(assignment_id: int) -> str:
    """One assignment."""
    table = service.assignment_results(database(), current_actor(), assignment_id)
    address = url_for("assignments.show", assignment_id=assignment_id)
    return _page(table, url_for("results.assignment_csv", assignment_id=assignment_id), (table.title, address))


@results.get("/assignments/<int:assignment_id>/results.csv")
def assignment_csv(assignment_id: int) -> Response:
    """The same as CSV."""
    return _csv(service.assignment_results(database(), current_actor(), assignment_id), f"assignment-{assignment_id}")


def _page(table: ResultTable, csv_address: str, *trail: tuple[str, str]) -> str:
    course_crumb = (table.course_title, url_for("courses.show", course_id=table.course_id))
    crumbs = [("Courses", url_for("courses.home")), course_crumb, *trail]
    return render_template("results/table.html", section="courses", table=table, csv_address=csv_address, trail=crumbs)


def _csv(table: ResultTable, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="results-{name}.csv"'}
    return Response(service.as_csv(table), mimetype="text/csv", headers=headers)
