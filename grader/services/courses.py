"""Courses and the people in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course as the actor sees it; `role` is theirs: "student", "assistant" or "instructor"."""

    id: int
    title: str
    role: str

    @property
    def is_taught(self) -> bool:
        """Whether the actor teaches here (instructor or assistant)."""
        return self.role != "student"


@dataclass(frozen=True, slots=True)
class StudentView:
    """A student of a course; `id` is the person's id."""

    id: int
    login: str
    name: str
    email: str | None
    enrolled: datetime


def create_course(session: Session, clock: Clock, actor: Actor, title: str) -> CourseView:
    """A new course with the actor as its instructor (staff only)."""
    ...


def list_courses(session: Session, actor: Actor) -> tuple[CourseView, ...]:
    """The courses that the actor is in, by title."""
    ...


def course(session: Session, actor: Actor, course_id: int) -> CourseView:
    """One course that the actor is in, else NotFound."""
    ...


def enrol(
    session: Session, clock: Clock, actor: Actor, course_id: int, login: str, role: str = "student"
) -> StudentView:
    """Put the person with this log-in name into the course (instructor); a second time changes the role."""
    ...


def list_students(session: Session, actor: Actor, course_id: int) -> tuple[StudentView, ...]:
    """The students of a course, by name (instructor, assistant)."""
    ...
