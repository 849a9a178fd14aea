"""Invitations: links by which people come into a course, or choose the password that they do not have yet."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound
from grader.services import passwords, ready_variants, users
from grader.services.access import INSTRUCTOR, ROLES, STUDENT, Actor, Clock, Membership, enter
from grader.services.people import NOBODY, OF_PLATFORM
from grader.store import audit, enrolments, invitations
from grader.store.courses import Course
from grader.store.database import writing
from grader.store.enrolments import Enrolment
from grader.store.invitations import Invitation
from grader.store.users import User

MOST_DAYS = 365
MOST_USES = 5000
MOST_LISTED = 100
HINT_LENGTH = 6
LONGEST_TOKEN = 100
OWN_DAYS = 30
INVALID = "This invitation is not valid, or not any longer. Ask whoever sent it for a new one."
CLOSED_TO_YOU = "Your place in this course was ended. Ask your instructor to put you back."


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation without its secret; `is_open` says whether it can still be used."""

    id: int
    hint: str
    role: str
    created: datetime
    expires: datetime
    max_uses: int | None
    uses: int
    revoked: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody with the link is told; `login` is that of the person whose own it is, "" for anybody's."""

    course_id: int
    course_title: str
    role: str
    login: str
    name: str


def invite(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    days: int,
    max_uses: int | None = None,
    role: str = STUDENT,
) -> tuple[str, InvitationView]:
    """A new invitation into the course (instructor): its secret, this once, and its view."""
    _enter(session, actor, course_id)
    if role not in ROLES:
        raise InvalidRequest(f"A role is one of {', '.join(ROLES)}.", "role")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidRequest(f"An invitation holds for 1 to {MOST_DAYS} days.", "days")
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        raise InvalidRequest(f"An invitation can be used 1 to {MOST_USES} times, or without limit.", "max_uses")
    now = clock()
    with writing(session):
        secret, row = _made(session, now, actor, course_id, role, timedelta(days=days), max_uses)
        return secret, _view(row, now)


def invite_person(session: Session, clock: Clock, actor: Actor, course_id: int, person_id: int) -> str:
    """The secret of a link by which a person without a password chooses one (instructor); earlier ones end.

    Conflict where the account was made in a course of others: a link is a way into all that the person may do.
    """
    _enter(session, actor, course_id)
    now = clock()
    with writing(session):
        enrolment = enrolments.ever_in(session, course_id, [person_id]).get(person_id)
        person = session.get(User, person_id)
        if person is None or person.closed is not None or enrolment is None or enrolment.ended is not None:
            raise NotFound(NOBODY)
        if person.password_hash is not None or person.is_staff:
            raise Conflict("This person has a password already.")
        _require_own_account(session, actor, person_id)
        invitations.revoke_own(session, now, person_id)
        return _made(session, now, actor, course_id, enrolment.role, timedelta(days=OWN_DAYS), 1, person_id)[0]


def list_invitations(session: Session, clock: Clock, actor: Actor, course_id: int) -> tuple[InvitationView, ...]:
    """The invitations into the course, newest first (instructor)."""
    _enter(session, actor, course_id)
    now = clock()
    return tuple(_view(row, now) for row in invitations.of_course(session, course_id, MOST_LISTED))


def revoke(session: Session, clock: Clock, actor: Actor, course_id: int, invitation_id: int) -> None:
    """End an invitation (instructor)."""
    with writing(session):
        _enter(session, actor, course_id)
        row = session.get(Invitation, invitation_id)
        if row is None or row.course_id != course_id:
            raise NotFound("There is no such invitation.")
        if row.revoked is None:
            row.revoked = clock()
            audit.note(session, row.revoked, actor.user_id, course_id, "invitation.revoked", row.id)


def welcome(session: Session, clock: Clock, secret: str) -> Welcome:
    """What the link is for; NotFound where it is none, or not any longer."""
    row, course = _found(session, clock, secret)
    person = session.get(User, row.user_id) if row.user_id is not None else None
    login, name = (person.login, person.name) if person else ("", "")
    return Welcome(course.id, course.title, row.role, login, name)


def join(session: Session, clock: Clock, actor: Actor, secret: str) -> int:
    """The actor comes into the course by the link; its id. Who is in it already stays as they are."""
    if actor.scopes is not None:
        raise Forbidden("A token cannot use an invitation.")
    with writing(session):
        row, course = _found(session, clock, secret)
        if row.user_id not in (None, actor.user_id):
            raise NotFound(INVALID)
        _join(session, clock, actor.user_id, row)
        return course.id


def join_as_new(
    session: Session, clock: Clock, secret: str, login: str, name: str, password: str, email: str = ""
) -> Actor:
    """Make an account and come into the course by the link."""
    if users.is_of_platform(login):
        raise InvalidRequest(OF_PLATFORM, "login")
    _for_anybody(session, clock, secret)
    users.require_free(session, login)
    session.rollback()  # nothing is open while the password takes its time
    account = users.new_account(login, name, password, email=email.strip() or None)
    with writing(session):
        row = _for_anybody(session, clock, secret)
        made = users.open_account(session, clock, account)
        _join(session, clock, made.id, row)
        return Actor(made.id)


def choose_password(session: Session, clock: Clock, secret: str, password: str) -> Actor:
    """Give the person whose own link it is the password that they have chosen."""
    _, person = _for_one(session, clock, secret)
    own = (person.login, person.name)
    session.rollback()  # nothing is open while the password takes its time
    passwords.require_good(password, *own)
    kept = passwords.hashed(password)
    with writing(session):
        row, person = _for_one(session, clock, secret)
        if not invitations.use(session, row.id):  # somebody else with the link was a moment before
            raise NotFound(INVALID)
        person.password_hash = kept
        audit.note(session, clock(), person.id, row.course_id, "user.password-chosen", person.id)
        return Actor(person.id)


def _require_own_account(session: Session, actor: Actor, person_id: int) -> None:
    """Refuse whoever teaches the person without having brought them here: the first course made the account."""
    first, _course = enrolments.all_of(session, person_id)[0]
    own = enrolments.ever_in(session, first.course_id, [actor.user_id]).get(actor.user_id)
    is_own = own is not None and own.ended is None and own.role == INSTRUCTOR
    if not is_own and not session.get_one(User, actor.user_id).is_staff:
        raise Conflict("This account was made in another course. An instructor there, or staff, can make this link.")


def _join(session: Session, clock: Clock, person_id: int, row: Invitation) -> None:
    """Enrol the person and count the use; nothing for who is in the course already."""
    known = enrolments.ever_in(session, row.course_id, [person_id]).get(person_id)
    if known is not None:
        if known.ended is not None:
            raise Forbidden(CLOSED_TO_YOU)
        return
    if not invitations.use(session, row.id):
        raise NotFound(INVALID)
    now = clock()
    session.add(Enrolment(course_id=row.course_id, user_id=person_id, role=row.role, created=now))
    ready_variants.ask_for_course(session, now, row.course_id)
    audit.note(session, now, person_id, row.course_id, "course.joined", person_id, invitation=row.id, role=row.role)


def _made(
    session: Session,
    now: datetime,
    actor: Actor,
    course_id: int,
    role: str,
    span: timedelta,
    max_uses: int | None,
    person_id: int | None = None,
) -> tuple[str, Invitation]:
    secret = secrets.token_urlsafe(24)
    row = Invitation(
        course_id=course_id,
        hash=_digest(secret),
        hint=secret[:HINT_LENGTH],
        role=role,
        user_id=person_id,
        created=now,
        created_by=actor.user_id,
        expires=now + span,
        max_uses=max_uses,
        uses=0,
    )
    session.add(row)
    session.flush()
    audit.note(session, now, actor.user_id, course_id, "invitation.made", row.id, role=role)
    return secret, row


def _found(session: Session, clock: Clock, secret: str) -> tuple[Invitation, Course]:
    """The invitation with this secret if it can be used."""
    found = invitations.by_hash(session, _digest(secret)) if len(secret) <= LONGEST_TOKEN else None
    if found is None or not _is_open(found[0], clock()):
        raise NotFound(INVALID)
    return found


def _for_anybody(session: Session, clock: Clock, secret: str) -> Invitation:
    """The invitation with this secret if it is not one person's own."""
    row, _ = _found(session, clock, secret)
    if row.user_id is not None:
        raise NotFound(INVALID)
    return row


def _for_one(session: Session, clock: Clock, secret: str) -> tuple[Invitation, User]:
    """The invitation with this secret if it is the own one of somebody who has no password yet."""
    row, _ = _found(session, clock, secret)
    person = session.get(User, row.user_id) if row.user_id is not None else None
    if person is None or person.closed is not None or person.password_hash is not None:
        raise NotFound(INVALID)
    return row, person


def _is_open(row: Invitation, now: datetime) -> bool:
    return row.revoked is None and now < row.expires and (row.max_uses is None or row.uses < row.max_uses)


def _enter(session: Session, actor: Actor, course_id: int) -> Membership:
    membership = enter(session, actor, course_id, "courses:write")
    membership.require_instructor()
    return membership


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _view(row: Invitation, now: datetime) -> InvitationView:
    return InvitationView(
        id=row.id,
        hint=row.hint,
        role=row.role,
        created=row.created,
        expires=row.expires,
        max_uses=row.max_uses,
        uses=row.uses,
        revoked=row.revoked,
        is_open=_is_open(row, now),
    )
