"""Extensions of students, and the rules that hold for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest, NotFound
from grader.services.access import Actor, Clock, enter_assignment
from grader.services.policies import MOST_TRIES, Policy, policy_of
from grader.services.restanding import restand_student
from grader.store import audit, enrolments, extensions
from grader.store.assignments import Assignment
from grader.store.database import writing
from grader.store.extensions import Extension
from grader.store.practice import lock


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """What one student may do longer or more often than the others; None: like everybody."""

    student_id: int
    student_name: str
    due: datetime | None
    tries: int | None


Check = Callable[[ExtensionView], None]


def rules_of(session: Session, assignment: Assignment, student_id: int) -> Policy:
    """The rules of an assignment as they hold for a student."""
    return policy_of(assignment, extensions.of_student(session, assignment.id, student_id))


def rules_for(
    session: Session, rows: Sequence[Assignment], student_ids: Sequence[int]
) -> Mapping[tuple[int, int], Policy]:
    """The rules of these assignments as they hold for each of these students, in one statement."""
    own = extensions.of_assignments(session, [row.id for row in rows], student_ids)
    return {(row.id, student): policy_of(row, own.get((row.id, student))) for row in rows for student in student_ids}


def list_extensions(session: Session, actor: Actor, assignment_id: int) -> tuple[ExtensionView, ...]:
    """The extensions in an assignment by the students' names (teachers)."""
    row, membership = enter_assignment(session, actor, assignment_id, "courses:read")
    membership.require_teacher()
    own = extensions.of_assignments(session, [row.id])
    names = {person.id: person.name for _, person in enrolments.students(session, row.course_id)}
    views = (
        ExtensionView(student, names[student], one.due, one.tries)
        for (_, student), one in own.items()
        if student in names
    )
    return tuple(sorted(views, key=lambda view: (view.student_name, view.student_id)))


def extension(session: Session, actor: Actor, assignment_id: int, student_id: int) -> ExtensionView:
    """What holds for one student (teachers), else NotFound."""
    row, membership = enter_assignment(session, actor, assignment_id, "courses:read")
    membership.require_teacher()
    return _view(session, row, student_id)


def extend(
    session: Session,
    clock: Clock,
    actor: Actor,
    assignment_id: int,
    student_id: int,
    due: datetime | None,
    tries: int | None,
    check: Check = lambda _: None,
) -> None:
    """Give a student a due date or a number of tries of their own, in place of what they had (instructor).

    `check` sees what holds before, and refuses by raising; nobody changes it in between.
    """
    if due is None and tries is None:
        raise InvalidRequest("Give a due date, a number of tries, or both.", "due")
    if due is not None and due.tzinfo is None:
        raise InvalidRequest("A date needs a time zone.", "due")
    if tries is not None and not 1 <= tries <= MOST_TRIES:
        raise InvalidRequest(f"The number of tries is from 1 to {MOST_TRIES}.", "tries")
    _put(session, clock, actor, assignment_id, student_id, {"due": due, "tries": tries}, check)


def withdraw(
    session: Session,
    clock: Clock,
    actor: Actor,
    assignment_id: int,
    student_id: int,
    check: Check = lambda _: None,
) -> None:
    """Take a student's extension away (instructor); what they have handed in is reckoned anew."""
    _put(session, clock, actor, assignment_id, student_id, None, check)


def _view(session: Session, row: Assignment, student_id: int) -> ExtensionView:
    found = enrolments.students(session, row.course_id, student_id)
    if not found:
        raise NotFound("There is no such student in this course.", "student_id")
    own = extensions.of_student(session, row.id, student_id)
    return ExtensionView(student_id, found[0][1].name, own.due if own else None, own.tries if own else None)


def _put(
    session: Session,
    clock: Clock,
    actor: Actor,
    assignment_id: int,
    student_id: int,
    values: Mapping[str, object] | None,
    check: Check,
) -> None:
    """Change the extension and bring the student's marks in line, in one transaction."""
    now = clock()
    with writing(session):
        row, membership = enter_assignment(session, actor, assignment_id, "courses:write")
        membership.require_instructor()
        lock(session, row.course_id, student_id)
        check(_view(session, row, student_id))
        before = extensions.of_student(session, row.id, student_id)
        _check(row, values)
        known = _told(before)
        if values is None:
            extensions.remove(session, row.id, student_id)
        else:
            extensions.put(session, row.id, student_id, {**values, "created": now})
        after = _told(extensions.of_student(session, row.id, student_id))
        action = "extension.withdrawn" if values is None else "extension.given"
        audit.note(
            session, now, actor.user_id, row.course_id, action, row.id, student=student_id, before=known, after=after
        )
        restand_student(session, now, row.id, student_id)


def _check(row: Assignment, values: Mapping[str, object] | None) -> None:
    """Refuse an own due date that is no extension."""
    due = (values or {}).get("due")
    if isinstance(due, datetime):
        if row.due is None:
            raise InvalidRequest("The assignment has no due date, so there is none to extend.", "due")
        if row.opens is not None and due <= row.opens:
            raise InvalidRequest("The due date must be after the opening.", "due")


def _told(extension: Extension | None) -> dict[str, object] | None:
    """The extension as the audit log keeps it."""
    if extension is None:
        return None
    return {"due": extension.due.isoformat() if extension.due else None, "tries": extension.tries}
