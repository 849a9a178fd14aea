"""Courses."""

from __future__ import annotations

from flask import url_for
from pydantic import ConfigDict, Field

from grader.services import courses
from grader.services.access import Actor
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Given, Paging, Shown
from grader.web.state import database, state


class Course(Shown):
    """A course as the token's person sees it."""

    id: int = Field(examples=[1])
    title: str = Field(examples=["Calculus for Machine Learning"])
    role: str = Field(description="The person's role in it.", examples=["instructor"])


class CourseList(Shown):
    """A page of courses."""

    items: list[Course]


class NewCourse(Given):
    """A course to create."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Calculus for Machine Learning"}]})

    title: str = Field(min_length=1, max_length=200)


def list_courses(actor: Actor, query: Paging) -> Reply:
    """The courses that the person is in, by title."""
    shown, headers = page(courses.list_courses(database(), actor), query, lambda course: course.id)
    return Reply(CourseList(items=[Course.model_validate(course) for course in shown]), headers=headers)


def create_course(actor: Actor, body: NewCourse) -> Reply:
    """A new course with the person as its instructor."""
    made = courses.create_course(database(), state().clock, actor, body.title)
    location = url_for("api.show_course", course_id=made.id)
    return Reply(Course.model_validate(made), 201, {"Location": location})


def show_course(actor: Actor, course_id: int) -> Reply:
    """One course."""
    return Reply(Course.model_validate(courses.course(database(), actor, course_id)))


ROUTES = (
    Route(
        "GET",
        "/courses",
        list_courses,
        "courses:read",
        "List courses",
        {200: CourseList},
        query=Paging,
        gives={"course_id": "/items/0/id"},
    ),
    Route(
        "POST",
        "/courses",
        create_course,
        "courses:write",
        "Create a course",
        {201: Course},
        description="Staff only, with a token that is not bound to a course.",
        body=NewCourse,
        errors=(409,),
        takes_key=True,
        gives={"course_id": "/id"},
    ),
    Route(
        "GET",
        f"/courses/<{ID}:course_id>",
        show_course,
        "courses:read",
        "Show a course",
        {200: Course},
        errors=(404,),
    ),
)
