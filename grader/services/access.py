"""Who is acting, and what they may do in a course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import Forbidden, NotFound
from grader.store import assignments, attempts, enrolments
from grader.store.assignments import DELETED, HIDDEN, Assignment
from grader.store.attempts import Attempt
from grader.store.intake import Intake

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
    "results:write": "mark and regrade what was submitted, and undo it",
    "webhooks:read": "read webhooks and their deliveries",
    "webhooks:write": "create, end and rotate webhooks, send messages again",
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
    """The actor in a course; a teacher who `previews` has a student's rights, and is not held to dates."""

    actor: Actor
    course_id: int
    course_title: str
    role: str
    previews: bool = False

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


def with_scope(actor: Actor, scope: str) -> Actor:
    """The same actor, who may see what they have just changed."""
    return actor if actor.scopes is None else replace(actor, scopes=actor.scopes | {scope})


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
    """The assignment and the actor's membership of its course, else NotFound.

    One that is hidden is there for teachers only, one that was deleted for nobody.
    """
    row = assignments.with_course(session, assignment_id)
    if row is None or row.visibility == DELETED:
        raise NotFound(NO_ASSIGNMENT)
    membership = enter(session, actor, row.course_id, scope, NO_ASSIGNMENT)
    if row.visibility == HIDDEN and not membership.teaches:
        raise NotFound(NO_ASSIGNMENT)
    return row, membership


def enter_attempt(session: Session, actor: Actor, attempt_id: int, scope: str) -> tuple[Attempt, Membership]:
    """The whole attempt, if it is the actor's own or of a student of theirs, else NotFound.

    In a preview of theirs, teachers have the rights of a student.
    """
    row = attempts.whole(session, attempt_id)
    if row is None or row.assignment_problem.assignment.visibility == DELETED:
        raise NotFound(NO_ATTEMPT)
    assignment = row.assignment_problem.assignment
    return row, _at(row, assignment.visibility, enter(session, actor, assignment.course_id, scope, NO_ATTEMPT))


def enter_intake(actor: Actor, found: Intake | None, scope: str) -> tuple[Intake, Membership]:
    """The same as `enter_attempt`, for what was read already."""
    if found is None or found.visibility == DELETED:
        raise NotFound(NO_ATTEMPT)
    require_scope(actor, scope)
    if actor.course_id not in (None, found.course_id) or found.role is None:
        raise NotFound(NO_ATTEMPT)
    return found, _at(found, found.visibility, Membership(actor, found.course_id, found.course_title, found.role))


def _at(row: Attempt | Intake, visibility: str, membership: Membership) -> Membership:
    """What a member of the course is at this attempt, else NotFound."""
    if not membership.may_see(row.student_id) or (visibility == HIDDEN and not membership.teaches):
        raise NotFound(NO_ATTEMPT)
    if row.preview and row.student_id == membership.actor.user_id:
        return replace(membership, role=STUDENT, previews=True)
    return membership


def acting_for(session: Session, membership: Membership, student_id: int | None) -> int:
    """Whose work this is about: the actor's, or that of a student whom the actor teaches."""
    own = membership.actor.user_id
    if student_id is None or student_id == own:
        return own
    if not membership.teaches or not enrolments.students(session, membership.course_id, student_id):
        raise NotFound("There is no such student in this course.", "student_id")
    return student_id
