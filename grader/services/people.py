"""The people of a course: who is in it as what, adding one or a whole list, changing roles, ending enrolments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services import ready_variants
from grader.services.access import INSTRUCTOR, ROLES, STUDENT, Actor, Clock, Membership, enter
from grader.services.fields import address, line
from grader.services.rosters import Roster, RosterFault, RosterRow
from grader.services.users import LOGIN, is_of_platform
from grader.store import audit, enrolments, users
from grader.store.courses import Course
from grader.store.database import writing
from grader.store.enrolments import Enrolment
from grader.store.users import User

NOBODY = "There is no such person in this course."
OF_PLATFORM = "This log-in name is of a learning platform, whose people come into a course from there."
YOURSELF = "You cannot take the role of instructor from yourself."


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person in a course; without `has_password` they have no log-in by password yet."""

    id: int
    login: str
    name: str
    email: str | None
    role: str
    enrolled: datetime
    has_password: bool


class Deed(StrEnum):
    """What an import does for a line."""

    NEW = "new"  # an account is made, and the person enrolled
    ENROLLED = "enrolled"  # the person has an account
    BACK = "back"  # was in the course before
    ROLE = "role"  # gets another role
    SAME = "same"  # nothing


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One line of an import: what is done, under which name, in which role, and the role before ("" for none)."""

    row: RosterRow
    deed: Deed
    name: str
    role: str
    before: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, and the lines that it would leave out."""

    rows: tuple[PlannedRow, ...]
    faults: tuple[RosterFault, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many lines there are of each deed."""
        return Counter(str(row.deed) for row in self.rows)

    @property
    def roster(self) -> Roster:
        """The good lines as a list again."""
        return Roster(tuple(planned.row for planned in self.rows), ())


def list_people(session: Session, actor: Actor, course_id: int) -> tuple[PersonView, ...]:
    """All who are in a course, by name (teachers)."""
    enter(session, actor, course_id, "courses:read").require_teacher()
    return tuple(_view(enrolment, person) for enrolment, person in enrolments.people(session, course_id))


def require_instructor(session: Session, actor: Actor, course_id: int) -> None:
    """Refuse who is not an instructor of the course."""
    _enter(session, actor, course_id)


def person(session: Session, actor: Actor, course_id: int, person_id: int) -> PersonView:
    """One of them (teachers), else NotFound."""
    enter(session, actor, course_id, "courses:read").require_teacher()
    return _view(*_found(session, course_id, person_id))


def add_person(session: Session, clock: Clock, actor: Actor, course_id: int, row: RosterRow) -> tuple[PersonView, Deed]:
    """Put one person into the course, with a new account where there is none (instructor)."""
    with writing(session):
        enrolments.lock_instructors(session, course_id)
        roster = Roster((_checked(row),), ())
        if faults := plan_import(session, actor, course_id, roster).faults:
            raise InvalidRequest(faults[0].reason, "people")  # one person has no line
        done = import_people(session, clock, actor, course_id, roster)
        (planned,) = done.rows
        added = users.by_login(session, planned.row.login)
        return person(session, actor, course_id, added.id if added else 0), planned.deed


def change_role(session: Session, clock: Clock, actor: Actor, course_id: int, person_id: int, role: str) -> None:
    """Give a person of the course another role (instructor)."""
    with writing(session):
        enrolments.lock_instructors(session, course_id)  # or two of them could leave the course without one
        _enter(session, actor, course_id)
        if role not in ROLES:
            raise InvalidRequest(f"A role is one of {', '.join(ROLES)}.", "role")
        enrolment, _ = _found(session, course_id, person_id)
        if person_id == actor.user_id and role != INSTRUCTOR:
            raise Conflict(YOURSELF, "role")
        before, enrolment.role = enrolment.role, role
        if role == STUDENT:
            ready_variants.ask_for_course(session, clock(), course_id)
        audit.note(
            session, clock(), actor.user_id, course_id, "course.role-changed", person_id, before=before, role=role
        )


def end_enrolment(session: Session, clock: Clock, actor: Actor, course_id: int, person_id: int) -> None:
    """Take a person out of the course (instructor); what they have done stays, and they can be put back."""
    with writing(session):
        enrolments.lock_instructors(session, course_id)  # or two of them could leave the course without one
        _enter(session, actor, course_id)
        enrolment, _ = _found(session, course_id, person_id)
        if person_id == actor.user_id:
            raise Conflict("You cannot end your own enrolment.")
        enrolment.ended = clock()
        audit.note(session, clock(), actor.user_id, course_id, "course.enrolment-ended", person_id)


def set_keeping(session: Session, clock: Clock, actor: Actor, course_id: int, *, keeps_answers: bool) -> None:
    """Say whether the answers of a student who is erased are kept under a pseudonym (instructor)."""
    with writing(session):
        _enter(session, actor, course_id)
        course = session.get_one(Course, course_id)
        if course.keeps_answers != keeps_answers:
            course.keeps_answers = keeps_answers
            audit.note(
                session, clock(), actor.user_id, course_id, "course.keeping-changed", course_id, keeps=keeps_answers
            )


def keeps_answers(session: Session, actor: Actor, course_id: int) -> bool:
    """Whether the answers of a student who is erased are kept under a pseudonym (teachers)."""
    enter(session, actor, course_id, "courses:read").require_teacher()
    return session.get_one(Course, course_id).keeps_answers


def plan_import(session: Session, actor: Actor, course_id: int, roster: Roster) -> Plan:
    """What importing the list would do; nothing is changed (instructor)."""
    _enter(session, actor, course_id)
    known = users.by_logins(session, [row.login for row in roster.rows])
    before = enrolments.ever_in(session, course_id, [person.id for person in known.values()])
    planned: list[PlannedRow] = []
    faults = list(roster.faults)
    for row in roster.rows:
        found = known.get(row.login)
        enrolment = before.get(found.id) if found else None
        reason = _refusal(actor, row, found, enrolment)
        if reason:
            faults.append(RosterFault(row.line, f"{row.login}, {row.name}", reason))
        else:
            planned.append(_planned(row, found, enrolment))
    return Plan(tuple(planned), tuple(sorted(faults, key=lambda fault: fault.line)))


def import_people(session: Session, clock: Clock, actor: Actor, course_id: int, roster: Roster) -> Plan:
    """Carry the plan out, all of it or nothing (instructor); a second time changes nothing.

    InvalidRequest where a line cannot be taken, also one that could when the plan was shown.
    """
    now = clock()
    with writing(session):
        enrolments.lock_instructors(session, course_id)  # or two of them could leave the course without one
        plan = plan_import(session, actor, course_id, roster)
        if plan.faults:
            fault = plan.faults[0]
            raise InvalidRequest(f"Line {fault.line}: {fault.reason} Nothing was imported.", "people")
        if not plan.rows:
            raise InvalidRequest("The list has no line that can be imported.", "people")
        made = [_account(planned, now) for planned in plan.rows if planned.deed is Deed.NEW]
        session.add_all(made)
        session.flush()
        ids = {login: row.id for login, row in users.by_logins(session, [one.row.login for one in plan.rows]).items()}
        present = enrolments.ever_in(session, course_id, list(ids.values()))
        for planned in plan.rows:
            _enrol(session, now, course_id, planned, ids[planned.row.login], present)
        session.flush()
        ready_variants.ask_for_course(session, now, course_id)
        audit.note(
            session, now, actor.user_id, course_id, "course.people-imported", course_id, counts=dict(plan.counts)
        )
        return plan


def _enter(session: Session, actor: Actor, course_id: int) -> Membership:
    membership = enter(session, actor, course_id, "courses:write")
    membership.require_instructor()
    return membership


def _found(session: Session, course_id: int, person_id: int) -> tuple[Enrolment, User]:
    enrolment = enrolments.ever_in(session, course_id, [person_id]).get(person_id)
    row = session.get(User, person_id)
    if enrolment is None or enrolment.ended is not None or row is None:
        raise NotFound(NOBODY)
    return enrolment, row


def _checked(row: RosterRow) -> RosterRow:
    """A line as typed into a form, in order; InvalidRequest names the field."""
    login, email = row.login.strip().lower(), row.email.strip()
    if not LOGIN.fullmatch(login):
        raise InvalidRequest("A log-in name is made of letters a-z, digits and . _ @ + -, at most 100.", "login")
    email = address(email) if email else ""
    if row.role not in (None, *ROLES):
        raise InvalidRequest(f"A role is one of {', '.join(ROLES)}.", "role")
    name = line(row.name, "name") if row.name.strip() else ""
    return replace(row, login=login, name=name, email=email)


def _refusal(actor: Actor, row: RosterRow, found: User | None, enrolment: Enrolment | None) -> str:
    """Why the line cannot be taken, "" where it can; of a platform's people nobody learns whether they exist."""
    if enrolment is None and is_of_platform(row.login):
        return OF_PLATFORM
    if found is None:
        return "" if row.name else "Nobody has this log-in name yet, so a name is needed to make the account."
    if found.closed is not None:
        return "This account is closed."
    if found.id == actor.user_id and row.role not in (None, INSTRUCTOR):
        return YOURSELF
    return ""


def _planned(row: RosterRow, found: User | None, enrolment: Enrolment | None) -> PlannedRow:
    """What is done for a line; a list that says no role leaves the role as it is."""
    if found is None:
        return PlannedRow(row, Deed.NEW, row.name, row.role or STUDENT, "")
    if enrolment is None:
        return PlannedRow(row, Deed.ENROLLED, found.name, row.role or STUDENT, "")
    role = row.role or enrolment.role
    if enrolment.ended is not None:
        return PlannedRow(row, Deed.BACK, found.name, role, enrolment.role)
    deed = Deed.SAME if role == enrolment.role else Deed.ROLE
    return PlannedRow(row, deed, found.name, role, enrolment.role)


def _account(planned: PlannedRow, now: datetime) -> User:
    """A new account, without a password."""
    row = planned.row
    return User(
        login=row.login, name=row.name, email=row.email or None, password_hash=None, is_staff=False, created=now
    )


def _enrol(
    session: Session,
    now: datetime,
    course_id: int,
    planned: PlannedRow,
    person_id: int,
    present: Mapping[int, Enrolment],
) -> None:
    if planned.deed is Deed.SAME:
        return
    enrolment = present.get(person_id)
    if enrolment is None:
        session.add(Enrolment(course_id=course_id, user_id=person_id, role=planned.role, created=now))
    else:
        if enrolment.ended is not None:
            enrolment.created = now  # who comes back has the course's whole time again
        enrolment.role, enrolment.ended = planned.role, None


def _view(enrolment: Enrolment, row: User) -> PersonView:
    has_password = row.password_hash is not None
    return PersonView(row.id, row.login, row.name, row.email, enrolment.role, enrolment.created, has_password)
