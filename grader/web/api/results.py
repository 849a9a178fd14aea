"""Results stored per student: of a course, of an assignment, of one student."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.errors import NotFound
from grader.services import courses, gradebooks, results
from grader.services.access import Actor, require_scope
from grader.services.gradebooks import Shape
from grader.services.policies import Phase, Progress
from grader.services.results import ResultTable, StudentResults
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Paging, Points, Shown
from grader.web.api.students import Student
from grader.web.state import database, state


class ResultColumn(Shown):
    """One problem of an assignment."""

    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    max_points: Points


class ResultCell(Shown):
    """What one student has reached in one problem."""

    progress: Progress
    points: Points
    tries_used: int
    attempt_id: int | None = Field(description="null: never opened.")


class ResultRow(Shown):
    """One student's line; the cells are in the order of the columns."""

    student: Student
    cells: list[ResultCell]
    points: Points


class ResultPage(Shown):
    """Students × problems, a page of students."""

    course_id: int
    course_title: str
    title: str
    columns: list[ResultColumn]
    max_points: Points
    items: list[ResultRow]


class ShapeWanted(BaseModel):
    """Which platform is to read the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal["canvas", "moodle", "blackboard"] = Field(default="canvas", description="The platform.")


class GradebookFile(Shown):
    """A gradebook as a file that a learning platform imports."""

    shape: Literal["canvas", "moodle", "blackboard"]
    name: str = Field(description="A name for the file.", examples=["canvas-course-1.csv"])
    csv: str = Field(description="The text of the file: a line for each student, a column for each assignment.")


class ProblemResult(ResultCell):
    """What the student has reached in one problem."""

    problem_id: str
    title: str
    max_points: Points


class AssignmentResult(Shown):
    """What the student has reached in one assignment."""

    id: int
    title: str
    phase: Phase
    held: bool = Field(description="Whether the token's person is told no more than that answers were received.")
    points: Points
    max_points: Points
    problems: list[ProblemResult]


class CourseResult(Shown):
    """What the student has reached in one course."""

    course_id: int
    course_title: str
    student: Student
    assignments: list[AssignmentResult]


class StudentResultList(Shown):
    """A page of courses."""

    items: list[CourseResult]


def course_results(actor: Actor, course_id: int, query: Paging) -> Reply:
    """The table of a whole course."""
    return _table(results.course_results(database(), actor, course_id), query)


def course_gradebook(actor: Actor, course_id: int, query: ShapeWanted) -> Reply:
    """The file that a platform imports."""
    table = results.course_results(database(), actor, course_id)
    name, text = f"{query.shape}-course-{course_id}.csv", gradebooks.as_gradebook(table, Shape(query.shape))
    return Reply(GradebookFile(shape=query.shape, name=name, csv=text))


def assignment_results(actor: Actor, assignment_id: int, query: Paging) -> Reply:
    """The table of one assignment."""
    return _table(results.assignment_results(database(), actor, assignment_id), query)


def student_results(actor: Actor, student_id: int, query: Paging) -> Reply:
    """One student's results in the courses that the token's person teaches, or in all when it is theirs."""
    require_scope(actor, "results:read")
    person = Actor(actor.user_id, None, actor.course_id)
    found = []
    for course in courses.list_courses(database(), person):
        try:
            view = results.student_results(database(), state().clock, actor, course.id, student_id)
        except NotFound:
            continue
        found.append(_of_course(course.id, course.title, view))
    if not found:
        raise NotFound("There is no such student.")
    shown, headers = page(found, query, lambda one: one.course_id)
    return Reply(StudentResultList(items=shown), headers=headers)


def _table(table: ResultTable, query: Paging) -> Reply:
    """A page of the rows, with all columns."""
    shown, headers = page(table.rows, query, lambda row: row.student.id)
    names = set(ResultPage.model_fields) - {"items"}
    values = {name: getattr(table, name) for name in names}
    return Reply(ResultPage.model_validate({**values, "items": shown}), headers=headers)


def _of_course(course_id: int, title: str, view: StudentResults) -> CourseResult:
    return CourseResult.model_validate(
        {"course_id": course_id, "course_title": title, "student": view.student, "assignments": view.assignments}
    )


ROUTES = (
    Route(
        "GET",
        f"/courses/<{ID}:course_id>/results",
        course_results,
        "results:read",
        "Show the results of a course",
        {200: ResultPage},
        description="For teachers of the course.",
        query=Paging,
        errors=(404,),
    ),
    Route(
        "GET",
        f"/courses/<{ID}:course_id>/gradebook",
        course_gradebook,
        "results:read",
        "Export the gradebook of a course",
        {200: GradebookFile},
        description="For teachers of the course: CSV in the shape that Canvas, Moodle or Blackboard imports.",
        query=ShapeWanted,
        errors=(404,),
    ),
    Route(
        "GET",
        f"/assignments/<{ID}:assignment_id>/results",
        assignment_results,
        "results:read",
        "Show the results of an assignment",
        {200: ResultPage},
        description="For teachers of the course.",
        query=Paging,
        errors=(404,),
    ),
    Route(
        "GET",
        f"/students/<{ID}:student_id>/results",
        student_results,
        "results:read",
        "Show a student's results",
        {200: StudentResultList},
        description="In all courses that the token's person teaches; a student's own token shows their own.",
        query=Paging,
        errors=(404,),
    ),
)
