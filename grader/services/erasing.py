"""Erasing a student on request: the name, the log-in and the address go, and the answers where the course says so."""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services.access import STUDENT, Actor, Clock, enter
from grader.services.people import NOBODY
from grader.store import audit, clusters, enrolments
from grader.store.database import writing
from grader.store.erasing import answers_in, erase_about, erase_rows
from grader.store.redacting import own_words, redact
from grader.store.users import User

ERASED = "Erased person"


def erase_student(
    session: Session, clock: Clock, actor: Actor, course_id: int, person_id: int, typed_login: str
) -> bool:
    """Erase a student (instructor): no way leads from what is kept to the person. Whether answers are kept.

    Their answers in each course are deleted unless the course keeps them under a pseudonym. The log-in name
    has to be typed. Conflict where the person is also in a course that the actor is not an instructor of.
    """
    with writing(session):
        enter(session, actor, course_id, "courses:write").require_instructor()
        person = _student(session, course_id, person_id)
        if not hmac.compare_digest(typed_login.strip().lower().encode(), person.login.encode()):
            raise InvalidRequest("Type the log-in name of the student to confirm.", "login")
        _require_all_courses(session, actor, person_id)
        now = clock()
        keeps = erase_person(session, now, person)
        audit.note(session, now, actor.user_id, course_id, "person.erased", person_id, answers_kept=keeps)
        return keeps


def erase_person(session: Session, now: datetime, person: User) -> bool:
    """Erase a person in the transaction in progress, for services that have checked who asks. Whether answers stay."""
    words = own_words(person.name, person.login, person.email)
    kept: list[int] = []
    courses = [course.id for _, course in enrolments.all_of(session, person.id)]
    for enrolment, course in enrolments.all_of(session, person.id):
        mine = answers_in(session, course.id, person.id)
        if course.keeps_answers:
            kept += mine
        else:
            erase_rows(session, "attempts", mine)
        clusters.forget(session, course.id)
        enrolment.ended = enrolment.ended or now
    erase_about(session, person.id)
    person.login, person.name, person.email = f"erased-{person.id}", f"{ERASED} {person.id}", None
    person.password_hash, person.closed = None, now
    person.time_zone = person.language = person.ended_log_ins = None
    person.session_version += 1
    session.flush()
    redact(session, words, courses, kept)
    return any(course.keeps_answers for _, course in enrolments.all_of(session, person.id))


def _student(session: Session, course_id: int, person_id: int) -> User:
    """The person, if they are or were a student of the course."""
    enrolment = enrolments.ever_in(session, course_id, [person_id]).get(person_id)
    row = session.get(User, person_id)
    if enrolment is None or row is None or row.closed is not None:
        raise NotFound(NOBODY)
    return row


def _require_all_courses(session: Session, actor: Actor, person_id: int) -> None:
    """Refuse to erase who teaches, is staff, or is in a course of somebody else's."""
    person = session.get_one(User, person_id)
    is_staff = session.get_one(User, actor.user_id).is_staff and actor.scopes is None
    mine = {course.id for own, course in enrolments.of_user(session, actor.user_id) if own.role == "instructor"}
    for enrolment, course in enrolments.all_of(session, person_id):
        if enrolment.role != STUDENT or person.is_staff:
            raise Conflict("Only students can be erased here. Take their other roles from them first.")
        if course.id not in mine and not is_staff:
            raise Conflict(
                "This person is also in a course of other teachers. Ask somebody of the staff to erase them."
            )
