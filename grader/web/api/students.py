"""The students of a course."""

from __future__ import annotations

from flask import url_for
from pydantic import ConfigDict, Field

from grader.errors import InvalidRequest, NotFound
from grader.services import courses
from grader.services.access import Actor
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Given, Moment, Paging, Shown
from grader.web.state import database, state


class Student(Shown):
    """A person in a course; `id` is the person's, the same in every course."""

    id: int = Field(examples=[2])
    login: str = Field(examples=["ada"])
    name: str = Field(examples=["Ada Ahmed"])
    email: str | None
    role: str = Field(examples=["student"])
    enrolled: Moment


class StudentList(Shown):
    """A page of students."""

    items: list[Student]


class NewStudent(Given):
    """Who is to be enrolled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"login": "ada"}]})

    login: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9._@+-]+$",
        description="The log-in name of a person who has an account.",
    )


def list_students(actor: Actor, course_id: int, query: Paging) -> Reply:
    """The students of a course, by name."""
    shown, headers = page(courses.list_students(database(), actor, course_id), query, lambda student: student.id)
    return Reply(StudentList(items=[Student.model_validate(student) for student in shown]), headers=headers)


def enrol_student(actor: Actor, course_id: int, body: NewStudent) -> Reply:
    """The person as a student of the course; a second time changes nothing."""
    try:
        found = courses.enrol_student(database(), state().clock, actor, course_id, body.login)
    except NotFound as error:
        if error.field != "login":
            raise
        raise InvalidRequest(error.message, "login") from None
    location = url_for("api.list_students", course_id=course_id)
    return Reply(Student.model_validate(found), 201, {"Location": location})


ROUTES = (
    Route(
        "GET",
        f"/courses/<{ID}:course_id>/students",
        list_students,
        "courses:read",
        "List the students of a course",
        {200: StudentList},
        description="For teachers of the course.",
        query=Paging,
        errors=(404,),
        gives={"student_id": "/items/0/id"},
    ),
    Route(
        "POST",
        f"/courses/<{ID}:course_id>/students",
        enrol_student,
        "courses:write",
        "Enrol a student",
        {201: Student},
        description="For instructors of the course. Sent again it changes nothing and answers the same. "
        "Who teaches the course keeps their role: 409.",
        body=NewStudent,
        errors=(404, 409),
        takes_key=True,
        gives={"student_id": "/id"},
    ),
)
