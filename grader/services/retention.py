"""How long answers are kept: a rule of each course, and carrying the rules out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services.access import Actor, Clock, enter
from grader.services.erasing import ERASED, erase_person
from grader.store import audit, clusters, enrolments, retention
from grader.store.courses import Course
from grader.store.database import writing
from grader.store.erasing import answers_in, erase_rows
from grader.store.redacting import own_words, redact
from grader.store.retention import Due
from grader.store.users import User

LONGEST_DAYS = 36_500


def set_retention(session: Session, clock: Clock, actor: Actor, course_id: int, days: int | None) -> None:
    """Say how many days after the last thing that a student did here they are erased; None: never (instructor)."""
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InvalidRequest(f"Give a number of days from 1 to {LONGEST_DAYS}, or nothing.", "retention_days")
    with writing(session):
        enter(session, actor, course_id, "courses:write").require_instructor()
        course = session.get_one(Course, course_id)
        if course.retention_days != days:
            change = {"before": course.retention_days, "days": days}
            course.retention_days = days
            audit.note(session, clock(), actor.user_id, course_id, "course.retention-changed", course_id, **change)


def retention_days(session: Session, actor: Actor, course_id: int) -> int | None:
    """The rule of a course; None: nobody is erased by itself (teachers)."""
    enter(session, actor, course_id, "courses:read").require_teacher()
    return session.get_one(Course, course_id).retention_days


def due(session: Session, clock: Clock) -> Sequence[Due]:
    """Who would be erased now, by course."""
    return retention.due(session, clock())


def apply(session: Session, clock: Clock) -> int:
    """Erase everybody whose time is over, each in a transaction of their own; how many. Twice is as good as once."""
    done = 0
    for one in due(session, clock):
        with writing(session):
            now = clock()
            if retention.is_due(session, now, one):
                _erase(session, now, one)
                done += 1
    return done


def _erase(session: Session, now: datetime, one: Due) -> None:
    """Erase a student from one course; where it was their only one, altogether."""
    person = session.get_one(User, one.person_id)
    elsewhere = [course.id for _, course in enrolments.all_of(session, person.id) if course.id != one.course_id]
    kept = _leave(session, now, one, person) if elsewhere else erase_person(session, now, person)
    about = {"answers_kept": kept, "altogether": not elsewhere}
    audit.note(session, now, None, one.course_id, "person.retention-applied", one.person_id, **about)


def _leave(session: Session, now: datetime, one: Due, person: User) -> bool:
    """Erase the answers of somebody who stays in other courses, or leave them to nobody; whether they are kept."""
    mine = answers_in(session, one.course_id, person.id)
    keeps = session.get_one(Course, one.course_id).keeps_answers
    clusters.forget(session, one.course_id)
    if not keeps:
        erase_rows(session, "attempts", mine)
    elif mine:
        nobody = User(login="", name=ERASED, is_staff=False, created=now, closed=now)
        nobody.login = f"erased-{one.course_id}-{person.id}"
        session.add(nobody)
        session.flush()
        nobody.login, nobody.name = f"erased-{nobody.id}", f"{ERASED} {nobody.id}"
        retention.hand_over(session, mine, nobody.id)
    redact(session, own_words(person.name, person.login, person.email), [one.course_id], mine if keeps else ())
    retention.leave(session, one.course_id, person.id)
    return keeps
