"""What a learning platform's gradebook was told, for teachers and for the student concerned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.services import lti_grades
from grader.services.access import INSTRUCTOR, Actor, Clock, enter_assignment
from grader.services.lti_platforms import require_staff
from grader.store import enrolments, lti_links
from grader.store import lti_grades as table
from grader.store.database import writing

TIRED = 4
"""So many tries in vain put a grade on the list for staff; it is tried on all the same."""
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What became of one student's grade.

    `state` is "waiting", "sent", "superseded", "refused", "held" or "nothing".
    """

    student_id: int
    name: str
    state: str
    sent: datetime | None
    due: datetime
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class GradebookView:
    """The grades of an assignment that go to a platform; without a link there are none."""

    assignment_id: int
    title: str
    course_id: int
    course_title: str
    is_linked: bool
    may_send: bool
    lines: tuple[GradeLine, ...]


@dataclass(frozen=True, slots=True)
class StuckLine:
    """A grade that does not arrive: it was refused, or many tries were in vain."""

    id: int
    assignment_id: int
    assignment: str
    course: str
    platform: str
    line: GradeLine


def stuck_grades(session: Session, actor: Actor) -> tuple[StuckLine, ...]:
    """The grades of all courses that do not arrive (staff)."""
    require_staff(session, actor)
    return tuple(
        StuckLine(
            one.grade.id, one.assignment_id, one.assignment, one.course, one.platform, _line(one.grade, one.student)
        )
        for one in table.stuck(session, TIRED, MOST_SHOWN)
    )


def send_stuck(session: Session, clock: Clock, actor: Actor, grade_id: int | None = None) -> int:
    """Send the grades that do not arrive once more, or one of them (staff); how many those are."""
    wanted = [one.id for one in stuck_grades(session, actor) if grade_id in (None, one.id)]
    with writing(session):
        return table.ask_rows(session, clock(), wanted)


def is_linked(session: Session, assignment_id: int) -> bool:
    """Whether a platform's link leads to an assignment."""
    return bool(lti_links.ids_to(session, assignment_id))


def gradebook(session: Session, actor: Actor, assignment_id: int) -> GradebookView:
    """What became of all grades of an assignment (teachers)."""
    row, membership = enter_assignment(session, actor, assignment_id, "results:read")
    membership.require_teacher()
    links = lti_links.ids_to(session, assignment_id)
    names = {person.id: person.name for _, person in enrolments.students(session, row.course_id)}
    lines = tuple(_line(one, names.get(one.student_id, "")) for one in table.of_links(session, links))
    shown = tuple(sorted(lines, key=lambda line: (line.state == lti_grades.SENT, line.name)))
    where = (row.course_id, membership.course_title)
    may_send = membership.role == INSTRUCTOR
    return GradebookView(assignment_id, row.title, *where, bool(links), may_send, shown)


def own_grades(session: Session, actor: Actor, assignment_id: int) -> tuple[GradeLine, ...]:
    """What became of the actor's own grade in each link of an assignment."""
    enter_assignment(session, actor, assignment_id, "results:read")
    links = lti_links.ids_to(session, assignment_id)
    return tuple(_line(one, "") for one in table.of_links(session, links, actor.user_id)) if links else ()


def send_again(session: Session, clock: Clock, actor: Actor, assignment_id: int) -> int:
    """Send all grades of an assignment once more (instructor); how many those are."""
    _, membership = enter_assignment(session, actor, assignment_id, "courses:write")
    membership.require_instructor()
    return lti_grades.send_again(session, clock, lti_links.ids_to(session, assignment_id))


def _line(row: table.LtiGrade, name: str) -> GradeLine:
    return GradeLine(row.student_id, name, row.state, row.sent, row.due, row.tries, row.reason)
