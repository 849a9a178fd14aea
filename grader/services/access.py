"""Who is acting, and what they may do in a course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import Forbidden, NotFound
from grader.store import assignments, attempts, enrolments
from grader.store.assignments import Assignment
from grader.store.attempts import Attempt

Clock = Callable[[], datetime]

STUDENT, ASSISTANT, INSTRUCTOR = ROLES = ("student", "assistant", "instructor")

NO_COURSE = "There is no such course."
NO_ASSIGNMENT = "There is no such assignment."
NO_ATTEMPT = "There is no such attempt."

SCOPES = {
    "checks:write": "judge pairs of response and answer",
    "problems:read": "read problems and their variants",
    "courses:read": "read courses, assignments and who is in them",
    "courses:write": "create courses and assignments, enrol students",
    "attempts:write": "open attempts for students",
    "submissions:write": "submit responses for students",
    "results:read": "read submissions and results",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a person who is logged in, or a token that acts for one.

    `scopes` and `course_id` restrict a token; a log-in has neither (None) and may do what its roles allow.
    """

    user_id: int
    scopes: frozenset[str] | None = None
    course_id: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """The actor in a course."""

    actor: Actor
    course_id: int
    course_title: str
    role: str

    @property
    def teaches(self) -> bool:
        """Whether the actor is an instructor or assistant of the course."""
        return self.role != STUDENT

    def require_teacher(self) -> None:
        """Refuse students."""
        if not self.teaches:
            raise Forbidden("Only the teachers of the course may do this.")

    def require_instructor(self) -> None:
        """Refuse students and assistants."""
        if self.role != INSTRUCTOR:
            raise Forbidden("Only an instructor of the course may do this.")

    def may_see(self, student_id: int) -> bool:
        """Whether this student's work is the actor's own, or that of a student they teach."""
        return self.teaches or student_id == self.actor.user_id


def require_scope(actor: Actor, scope: str) -> None:
    """Refuse a token that was not given this scope."""
    if actor.scopes is not None and scope not in actor.scopes:
        raise Forbidden(f"This token lacks the scope {scope}, which is needed to {SCOPES[scope]}.")


def enter(session: Session, actor: Actor, course_id: int, scope: str, missing: str = NO_COURSE) -> Membership:
    """The actor's membership of the course.

    NotFound, with the sentence `missing`, where they have none.
    A course that the actor is not in looks like one that does not exist.
    """
    require_scope(actor, scope)
    if actor.course_id not in (None, course_id):
        raise NotFound(missing)
    found = enrolments.of_user_in_course(session, actor.user_id, course_id)
    if found is None:
        raise NotFound(missing)
    enrolment, course = found
    return Membership(actor, course.id, course.title, enrolment.role)


def enter_assignment(session: Session, actor: Actor, assignment_id: int, scope: str) -> tuple[Assignment, Membership]:
    """The assignment and the actor's membership of its course, else NotFound."""
    row = assignments.with_course(session, assignment_id)
    if row is None:
        raise NotFound(NO_ASSIGNMENT)
    return row, enter(session, actor, row.course_id, scope, NO_ASSIGNMENT)


def enter_attempt(session: Session, actor: Actor, attempt_id: int, scope: str) -> tuple[Attempt, Membership]:
    """The whole attempt, if it is the actor's own or of a student of theirs, else NotFound."""
    row = attempts.whole(session, attempt_id)
    if row is None:
        raise NotFound(NO_ATTEMPT)
    membership = enter(session, actor, row.assignment_problem.assignment.course_id, scope, NO_ATTEMPT)
    if not membership.may_see(row.student_id):
        raise NotFound(NO_ATTEMPT)
    return row, membership


def acting_for(session: Session, membership: Membership, student_id: int | None) -> int:
    """Whose work this is about: the actor's, or that of a student whom the actor teaches."""
    own = membership.actor.user_id
    if student_id is None or student_id == own:
        return own
    if not membership.teaches or not enrolments.students(session, membership.course_id, student_id):
        raise NotFound("There is no such student in this course.", "student_id")
    return student_id
