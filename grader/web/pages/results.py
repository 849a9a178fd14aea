"""The table of results, students × problems, filtered and sorted, and the same as CSV and XLSX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from grader.errors import InvalidRequest
from grader.services import assignments, gradebooks, matrix, restanding, spreadsheets
from grader.services import results as service
from grader.services.matrix import Filters, Matrix, State
from grader.services.results import Cell, Column, ResultTable
from grader.web.auth import current_actor
from grader.web.formats import marks
from grader.web.state import database, state

results = Blueprint("results", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NUMBER = 12
FIELDS = ("assignment", "name", "state", "least", "most", "sort")


@results.get("/courses/<int:course_id>/results")
def course(course_id: int) -> str:
    """All assignments of a course, or the one that is asked for."""
    return _page(course_id, _filters(_number("assignment")))


@results.get("/courses/<int:course_id>/results.csv")
def course_csv(course_id: int) -> Response:
    """The same as CSV."""
    return _csv(service.course_results(database(), current_actor(), course_id), f"course-{course_id}")


@results.get("/courses/<int:course_id>/gradebook.csv")
def course_gradebook(course_id: int) -> Response:
    """A file that a learning platform imports, in the shape of the one that is named."""
    shape = gradebooks.shape_of(request.args.get("shape", gradebooks.Shape.CANVAS))
    table = service.course_results(database(), current_actor(), course_id)
    headers = {"Content-Disposition": f'attachment; filename="{shape}-course-{course_id}.csv"'}
    return Response(gradebooks.as_gradebook(table, shape), mimetype="text/csv", headers=headers)


@results.get("/courses/<int:course_id>/results.xlsx")
def course_xlsx(course_id: int) -> Response:
    """The same as a workbook with a sheet for each assignment."""
    return _xlsx(service.course_results(database(), current_actor(), course_id), f"course-{course_id}")


@results.get("/assignments/<int:assignment_id>/results")
def assignment(assignment_id: int) -> str:
    """One assignment."""
    view = assignments.assignment(database(), state().clock, current_actor(), assignment_id)
    return _page(view.course_id, _filters(assignment_id))


@results.get("/assignments/<int:assignment_id>/results.csv")
def assignment_csv(assignment_id: int) -> Response:
    """The same as CSV."""
    return _csv(service.assignment_results(database(), current_actor(), assignment_id), f"assignment-{assignment_id}")


@results.get("/assignments/<int:assignment_id>/results.xlsx")
def assignment_xlsx(assignment_id: int) -> Response:
    """The same as a workbook."""
    return _xlsx(service.assignment_results(database(), current_actor(), assignment_id), f"assignment-{assignment_id}")


def _filters(assignment_id: int | None) -> Filters:
    """What the address asks for; InvalidRequest where a field holds something else."""
    wanted = request.args.get("state", "")
    if wanted and wanted not in {*State}:
        raise InvalidRequest(_("There is no such state to look for."), "state")
    return Filters(
        assignment_id=assignment_id,
        name=request.args.get("name", ""),
        state=State(wanted) if wanted else None,
        least=_points("least"),
        most=_points("most"),
        sort=request.args.get("sort", "") or "name",
        page=_number("page") or 1,
    )


def _points(field: str) -> Fraction | None:
    """A bound of the points as typed, with comma or point; None where it is left empty."""
    text = request.args.get(field, "").strip().replace(",", ".")
    if not text:
        return None
    whole, _point, decimals = text.partition(".")
    if not (len(text) <= LONGEST_NUMBER and text.isascii() and (whole + decimals).isdigit()):
        raise InvalidRequest(_("Points are a number such as 2 or 1.5."), field)
    return Fraction(f"{whole or 0}.{decimals or 0}")


def _number(field: str) -> int | None:
    """A whole number of the address; None where there is none."""
    text = request.args.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidRequest(_("This is not a number."), field)
    return int(text)


def _page(course_id: int, filters: Filters) -> str:
    found = matrix.matrix(database(), current_actor(), course_id, filters)
    table, shown = found.table, filters.assignment_id
    return render_template(
        "results/table.html",
        section="courses",
        matrix=found,
        table=table,
        filters=filters,
        typed={field: request.args.get(field, "") for field in FIELDS},
        assignments=found.assignments,
        heads=_heads(found),
        lines=_lines(table),
        namesakes=_namesakes(table),
        means=["" if mean is None else marks(mean) for mean in found.means],
        waiting=found.waiting,
        is_reckoned_anew=shown is not None and restanding.is_under_way(database(), shown),
        export=_export(course_id, filters.assignment_id),
        shapes=[(shape.value, shape.value.title()) for shape in gradebooks.Shape],
        page_address=lambda page: _address(course_id, page=str(page)),
        sort_address=lambda key: _address(course_id, sort=_turned(filters.sort, key)),
    )


def _heads(found: Matrix) -> list[tuple[Column, str]]:
    """The columns, each with the title of its assignment where another one begins."""
    heads, before = [], None
    for column in found.table.columns:
        heads.append((column, "" if column.assignment_id == before else column.assignment_title))
        before = column.assignment_id
    return heads


def _lines(table: ResultTable) -> list[tuple[service.Row, list[tuple[str, str, str, int | None]], str]]:
    """Each student with, for each problem, the kind of mark and its words; each number is written once."""
    written: dict[Fraction, str] = {}

    def say(points: Fraction) -> str:
        if points not in written:
            written[points] = marks(points)
        return written[points]

    titled = current_app.jinja_env.filters["titled"]
    titles = [titled(column.problem_title) for column in table.columns]
    begun, waits, lines = _("begun"), _("waits for a person"), []
    for row in table.rows:
        cells = []
        for cell, column, title in zip(row.cells, table.columns, titles, strict=True):
            words = say(cell.points) if cell.tries_used or cell.points else begun
            said = f"{words}, {waits}: {title}" if cell.waiting else f"{words}: {title}"
            cells.append((_kind(cell, column), words, said, cell.attempt_id))
        lines.append((row, cells, say(row.points)))
    return lines


def _namesakes(table: ResultTable) -> frozenset[int]:
    """The students who share their name with another one on the page: there the log-in tells who is who."""
    names = Counter(row.student.name for row in table.rows)
    return frozenset(row.student.id for row in table.rows if names[row.student.name] > 1)


def _kind(cell: Cell, column: Column) -> str:
    """How a mark looks: full, some, none, or "" where nothing was judged."""
    if cell.waiting:
        return "waiting"
    if cell.points and cell.points >= column.max_points:
        return "full"
    if cell.points:
        return "some"
    return "none" if cell.tries_used else ""


def _address(course_id: int, **changes: str) -> str:
    """This page with other values in its address."""
    given: Mapping[str, str] = {field: request.args.get(field, "") for field in FIELDS}
    if request.endpoint == "results.assignment":
        given = {**given, "assignment": str((request.view_args or {}).get("assignment_id", ""))}
    values: dict[str, Any] = {name: value for name, value in {**given, **changes}.items() if value}
    return url_for("results.course", course_id=course_id, **values)


def _turned(sort: str, key: str) -> str:
    """The order after a click on a column: first the best on top, names from A; then the other way round."""
    first, second = (key, f"-{key}") if key in {"name", "login"} else (f"-{key}", key)
    return second if sort == first else first


def _export(course_id: int, assignment_id: int | None) -> Mapping[str, str]:
    """Where the files are."""
    if assignment_id is None:
        return {kind: url_for(f"results.course_{kind}", course_id=course_id) for kind in ("csv", "xlsx")}
    return {kind: url_for(f"results.assignment_{kind}", assignment_id=assignment_id) for kind in ("csv", "xlsx")}


def _csv(table: ResultTable, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="results-{name}.csv"'}
    return Response(spreadsheets.as_csv(table), mimetype="text/csv", headers=headers)


def _xlsx(table: ResultTable, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="results-{name}.xlsx"'}
    return Response(spreadsheets.as_workbook(table), mimetype=XLSX, headers=headers)
