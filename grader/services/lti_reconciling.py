"""Reading grades back from platforms: what there differs from ours, and sending ours once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest, PlatformFailed
from grader.lti import claims
from grader.lti.scores import read_results
from grader.services.access import Actor, Clock, enter_assignment
from grader.services.lti_errands import Told, platform_behind, to_tell_of_all
from grader.services.lti_grades import wanted_of
from grader.services.lti_platforms import require_staff
from grader.services.lti_tokens import Tokens
from grader.store import audit, enrolments, lti_grades, lti_links
from grader.store.assignments import Assignment
from grader.store.database import writing
from grader.store.lti_links import LtiLink

CLOSE = Fraction(1, 2000)
"""Shares of the maximum that differ by no more are the same: gradebooks round."""
GONE = 404


class Kind(StrEnum):
    """How a grade at the platform differs from ours."""

    MISSING = "missing"
    LOWER = "lower"
    HIGHER = "higher"
    EXTRA = "extra"  # we have nothing to tell of this person
    UNKNOWN = "unknown"  # nobody whom we know


@dataclass(frozen=True, slots=True)
class Difference:
    """One grade that differs; both are shares of the maximum, None where there is none.

    `student_id` is None for somebody whom we do not know; `subject` is the platform's id of the person.
    """

    kind: Kind
    student_id: int | None
    name: str
    subject: str
    ours: Fraction | None
    theirs: Fraction | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found in one link's column; `trouble` says why it could not be read, `is_gone` that it is not there."""

    link_id: int
    assignment_id: int
    title: str
    platform: str
    compared: int = 0
    differences: tuple[Difference, ...] = ()
    trouble: str = ""
    is_gone: bool = False


def compare_assignment(
    session: Session, clock: Clock, tokens: Tokens, actor: Actor, assignment_id: int
) -> tuple[Comparison, ...]:
    """What differs in every column of an assignment (instructor)."""
    _require_instructor(session, actor, assignment_id)
    links = lti_links.ids_to(session, assignment_id)
    return tuple(_compare(session, clock, tokens, link_id) for link_id in links)


def compare_all(
    session: Session, clock: Clock, tokens: Tokens, actor: Actor, assignment_id: int | None = None
) -> Iterator[Comparison]:
    """What differs in every column of every assignment, or of one (staff), one after the other."""
    require_staff(session, actor)
    for link_id in lti_links.all_ids(session) if assignment_id is None else lti_links.ids_to(session, assignment_id):
        yield _compare(session, clock, tokens, link_id)


def send_ours(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, chosen: Iterable[tuple[int, int]]
) -> int:
    """Send our grades of these links and students once more (instructor); how many those are."""
    _require_instructor(session, actor, assignment_id)
    known = set(lti_links.ids_to(session, assignment_id))
    by_link: dict[int, list[int]] = {}
    for link_id, student_id in chosen:
        by_link.setdefault(link_id, []).append(student_id)
    if not known.issuperset(by_link):
        raise InvalidRequest("This link leads to another assignment.", "grade")
    return _send(session, clock, actor, by_link)


def send_all_ours(session: Session, clock: Clock, actor: Actor, one: Comparison) -> int:
    """Send ours where a comparison found that the platform has none or a lower one (staff); how many those are."""
    require_staff(session, actor)
    behind = (Kind.MISSING, Kind.LOWER)
    students = [each.student_id for each in one.differences if each.kind in behind and each.student_id]
    return _send(session, clock, actor, {one.link_id: students} if students else {})


def _send(session: Session, clock: Clock, actor: Actor, by_link: Mapping[int, Sequence[int]]) -> int:
    """Put them into the outbox, those in the links' courses alone."""
    count = 0
    with writing(session):
        for link_id, wanted in by_link.items():
            assignment = session.get_one(Assignment, session.get_one(LtiLink, link_id).assignment_id)
            students = {person.id for _, person in enrolments.students(session, assignment.course_id)}
            count += lti_grades.ask_students(session, clock(), link_id, sorted(students.intersection(wanted)))
            audit.note(session, clock(), actor.user_id, assignment.course_id, "lti.grades-sent-again", link_id)
    return count


def renew_column(session: Session, clock: Clock, actor: Actor, assignment_id: int, link_id: int) -> None:
    """Forget a column that is not there any longer: a new one is made, with all our grades (instructor)."""
    course_id = _require_instructor(session, actor, assignment_id)
    if link_id not in lti_links.ids_to(session, assignment_id):
        raise InvalidRequest("This link leads to another assignment.", "link")
    with writing(session):
        lti_links.give_column(session, link_id, "")
        lti_grades.ask_again(session, clock(), [link_id])
        audit.note(session, clock(), actor.user_id, course_id, "lti.column-renewed", link_id)


def _require_instructor(session: Session, actor: Actor, assignment_id: int) -> int:
    """The id of the course, if the actor is an instructor of it."""
    _, membership = enter_assignment(session, actor, assignment_id, "courses:write")
    membership.require_instructor()
    return membership.course_id


def _compare(session: Session, clock: Clock, tokens: Tokens, link_id: int) -> Comparison:
    """Read a column and hold it against what we would tell now."""
    link = session.get_one(LtiLink, link_id)
    platform, line_item = platform_behind(session, link), link.line_item
    title = session.get_one(Assignment, link.assignment_id).title
    found = Comparison(link_id, link.assignment_id, title, platform.name)
    scopes = frozenset(str(scope) for scope in link.scopes)
    if not line_item:
        return _in_trouble(found, "This link has no column in the gradebook yet.")
    if claims.SCOPE_RESULT not in scopes:
        return _in_trouble(found, "The platform does not let us read grades.")
    session.rollback()  # nothing is open while the platform takes its time
    try:
        theirs = tokens.use(
            session, platform, wanted_of(scopes), lambda token: read_results(tokens.client, token, line_item)
        )
    except PlatformFailed as failed:
        return _in_trouble(found, str(failed), is_gone=failed.status == GONE)
    ours = _ours(session, clock, session.get_one(LtiLink, link_id), platform.id)
    differences = tuple(_differences(ours, theirs))
    return Comparison(link_id, found.assignment_id, title, platform.name, len(ours), differences)


def _in_trouble(found: Comparison, trouble: str, *, is_gone: bool = False) -> Comparison:
    return Comparison(found.link_id, found.assignment_id, found.title, found.platform, trouble=trouble, is_gone=is_gone)


@dataclass(frozen=True, slots=True)
class _Own:
    """A student whom the platform knows, and our grade as a share, None where there is nothing to tell."""

    student_id: int
    name: str
    share: Fraction | None


def _ours(session: Session, clock: Clock, link: LtiLink, platform_id: int) -> dict[str, _Own]:
    """What we would tell of every student who came from the platform, by the platform's id of them."""
    course_id = session.get_one(Assignment, link.assignment_id).course_id
    names = {person.id: person.name for _, person in enrolments.students(session, course_id)}
    subjects = lti_links.subjects_of(session, platform_id, list(names))
    told = to_tell_of_all(session, clock, link, {number: subjects[number] for number in names if number in subjects})
    return {subjects[number]: _Own(number, names[number], _share(one)) for number, one in told.items()}


def _share(told: Told) -> Fraction | None:
    """The share of the maximum that we would tell of."""
    if told.state or told.score.given is None:
        return None
    return told.score.given / told.score.maximum


def _differences(ours: Mapping[str, _Own], theirs: Mapping[str, Fraction | None]) -> Iterator[Difference]:
    """Those that differ, ours by name and then the strangers."""
    for subject, own in sorted(ours.items(), key=lambda pair: pair[1].name):
        kind = _kind(own.share, theirs.get(subject))
        if kind is not None:
            yield Difference(kind, own.student_id, own.name, subject, own.share, theirs.get(subject))
    for subject in sorted(set(theirs) - set(ours)):
        if theirs[subject] is not None:
            yield Difference(Kind.UNKNOWN, None, "", subject, None, theirs[subject])


def _kind(ours: Fraction | None, theirs: Fraction | None) -> Kind | None:
    """How theirs differs, None where it does not."""
    if ours is None:
        return None if theirs is None else Kind.EXTRA
    if theirs is None:
        return Kind.MISSING
    if abs(ours - theirs) <= CLOSE:
        return None
    return Kind.LOWER if theirs < ours else Kind.HIGHER
