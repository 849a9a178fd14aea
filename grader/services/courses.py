"""Courses and the people in them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound
from grader.services import ready_variants
from grader.services.access import INSTRUCTOR, ROLES, STUDENT, Actor, Clock, enter, require_scope
from grader.services.fields import line
from grader.services.users import find, is_of_platform
from grader.store import audit, enrolments
from grader.store.courses import Course
from grader.store.database import writing
from grader.store.enrolments import Enrolment
from grader.store.users import User


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course as the actor sees it; `role` is theirs: "student", "assistant" or "instructor"."""

    id: int
    title: str
    role: str

    @property
    def is_taught(self) -> bool:
        """Whether the actor teaches here (instructor or assistant)."""
        return self.role != STUDENT


@dataclass(frozen=True, slots=True)
class StudentView:
    """A person in a course; `id` is the person's id."""

    id: int
    login: str
    name: str
    email: str | None
    role: str
    enrolled: datetime


def create_course(session: Session, clock: Clock, actor: Actor, title: str) -> CourseView:
    """A new course with the actor as its instructor (staff only)."""
    require_scope(actor, "courses:write")
    person = session.get(User, actor.user_id)
    if person is None or not person.is_staff or actor.course_id is not None:
        raise Forbidden("Only staff may create courses.")
    now = clock()
    with writing(session):
        course = Course(title=line(title, "title"), secret=secrets.token_hex(32), created=now)
        session.add(course)
        session.flush()
        session.add(Enrolment(course_id=course.id, user_id=actor.user_id, role=INSTRUCTOR, created=now))
        audit.note(session, now, actor.user_id, course.id, "course.created", course.id)
        return CourseView(course.id, course.title, INSTRUCTOR)


def list_courses(session: Session, actor: Actor) -> tuple[CourseView, ...]:
    """The courses that the actor is in, by title."""
    require_scope(actor, "courses:read")
    return tuple(
        CourseView(course.id, course.title, enrolment.role)
        for enrolment, course in enrolments.of_user(session, actor.user_id)
        if actor.course_id in (None, course.id)
    )


def course(session: Session, actor: Actor, course_id: int) -> CourseView:
    """One course that the actor is in, else NotFound."""
    membership = enter(session, actor, course_id, "courses:read")
    return CourseView(membership.course_id, membership.course_title, membership.role)


def enrol(session: Session, clock: Clock, actor: Actor, course_id: int, login: str, role: str = STUDENT) -> StudentView:
    """Put the person with this log-in name into the course (instructor).

    A second time changes the role.
    """
    return _enrol(session, clock, actor, course_id, login, role)


def enrol_student(session: Session, clock: Clock, actor: Actor, course_id: int, login: str) -> StudentView:
    """Put the person with this log-in name into the course as a student (instructor); a second time changes nothing.

    Conflict where they teach there.
    """
    return _enrol(session, clock, actor, course_id, login, STUDENT, takes_rights=False)


def _enrol(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    login: str,
    role: str,
    *,
    takes_rights: bool = True,
) -> StudentView:
    now = clock()
    with writing(session):
        enrolments.lock_instructors(session, course_id)  # or two of them could leave the course without one
        enter(session, actor, course_id, "courses:write").require_instructor()
        if role not in ROLES:
            raise InvalidRequest(f"A role is one of {', '.join(ROLES)}.", "role")
        person = find(session, login)
        if person is None or person.closed is not None or _is_elsewhere(session, course_id, person):
            raise NotFound("There is nobody with this log-in name.", "login")
        if person.id == actor.user_id and role != INSTRUCTOR:
            raise Conflict("You cannot take the role of instructor from yourself.", "role")
        before = enrolments.of_user_in_course(session, person.id, course_id)
        if before is not None and before[0].role != STUDENT and not takes_rights:
            message = f"{person.login} teaches this course. Make them a student on its page of people first."
            raise Conflict(message, "login")
        row = enrolments.put(session, now, course_id, person.id, role)
        if role == STUDENT:
            ready_variants.ask_for_course(session, now, course_id)
        audit.note(session, now, actor.user_id, course_id, "course.enrolled", person.id, role=role)
        return StudentView(person.id, person.login, person.name, person.email, role, row.created)


def _is_elsewhere(session: Session, course_id: int, person: User) -> bool:
    """Whether the person comes from a learning platform, and has never come into this course from there."""
    return is_of_platform(person.login) and not enrolments.ever_in(session, course_id, [person.id])


def list_students(session: Session, actor: Actor, course_id: int) -> tuple[StudentView, ...]:
    """The students of a course, by name (instructor, assistant)."""
    enter(session, actor, course_id, "courses:read").require_teacher()
    return students_of(session, course_id)


def students_of(session: Session, course_id: int, student_id: int | None = None) -> tuple[StudentView, ...]:
    """The students of a course (or the one), for services that have checked who asks."""
    return tuple(
        StudentView(person.id, person.login, person.name, person.email, enrolment.role, enrolment.created)
        for enrolment, person in enrolments.students(session, course_id, student_id)
    )
