"""The queue of a course: all that waits for a person, the oldest first, answered one after another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services import marking, quarantine
from grader.services.access import Actor, Clock, Membership, enter
from grader.services.courses import CourseView
from grader.services.marking import Given
from grader.services.results import SubmissionDetail, submission_detail
from grader.store import audit, submissions, waiting
from grader.store.database import writing
from grader.store.submissions import Submission
from grader.store.waiting import Waiting, WaitingPart

PAGE = 100
MOST_ALIKE = 500
MOST_STUCK = 50
GONE = "This answer waits no longer: somebody has marked it, or it was judged meanwhile."


@dataclass(frozen=True, slots=True)
class Group:
    """How many answers to one problem wait; `id` is that of the problem in its assignment."""

    id: int
    problem_title: str
    assignment_title: str
    number: int


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits; `stuck` are submissions that could not be judged at all."""

    lines: tuple[Waiting, ...]
    groups: tuple[Group, ...]
    chosen: int | None
    total: int
    page: int
    pages: int
    stuck: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """How much in a course waits for a person; of it `failed` could not be judged, `stuck` not even begun with."""

    waiting: int
    failed: int
    stuck: int


@dataclass(frozen=True, slots=True)
class Review:
    """One answer that waits, with its submission; `alike` wait with the same response to the same variant.

    `held_id` is the entry in quarantine where the response is held. `left` counts the queue with this one.
    """

    id: int
    part: str
    kind: str
    detail: SubmissionDetail
    alike: tuple[int, ...]
    held_id: int | None
    left: int
    following: int | None


def list_reviews(session: Session, actor: Actor, course_id: int, chosen: int | None, page: int = 1) -> Queue:
    """What waits in a course, or for one of its problems, the oldest first (teachers)."""
    _enter(session, actor, course_id)
    groups = tuple(Group(*row) for row in waiting.counts(session, course_id))
    found = sum(group.number for group in groups if chosen in (None, group.id))
    pages = max(1, -(-found // PAGE))
    page = min(max(1, page), pages)
    lines = waiting.listed(session, course_id, chosen, PAGE, (page - 1) * PAGE)
    stuck = tuple(row.id for row in waiting.stuck(session, course_id, MOST_STUCK))
    return Queue(tuple(lines), groups, chosen, found, page, pages, stuck)


def attention(session: Session, course: CourseView) -> Attention | None:
    """What its teachers should look at in a course that the actor has entered; nothing for students."""
    if not course.is_taught:
        return None
    found = dict(waiting.kinds(session, course.id))
    failed = found.get(waiting.QUARANTINE, 0) + found.get(waiting.CONTRADICTION, 0)
    stuck = found.pop(waiting.STUCK, 0)
    return Attention(sum(found.values()), failed, stuck)


def first(session: Session, actor: Actor, course_id: int, chosen: int | None) -> int | None:
    """The review to begin with; None where nothing waits (teachers)."""
    _enter(session, actor, course_id)
    return _id(waiting.after(session, course_id, chosen, None))


def review(session: Session, clock: Clock, actor: Actor, course_id: int, review_id: int, chosen: int | None) -> Review:
    """One answer that waits, with all that marking it needs (teachers)."""
    _enter(session, actor, course_id)
    row = _row(session, course_id, review_id)
    detail = submission_detail(session, clock, actor, row.submission_id)
    alike = tuple(other.submission_id for other in waiting.same_response(session, row, MOST_ALIKE))
    held = quarantine.held_in(session, submissions.work(session, row.submission_id)).get(row.part)
    groups = waiting.counts(session, course_id)
    return Review(
        id=row.id,
        part=row.part,
        kind=row.kind,
        detail=detail,
        alike=alike,
        held_id=held.id if held else None,
        left=sum(number for group, _, _, number in groups if chosen in (None, group)),
        following=_id(waiting.after(session, course_id, chosen, (row.since, row.id))),
    )


def decide(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    review_id: int,
    given: Given,
    *,
    alike: bool = False,
    chosen: int | None = None,
) -> int | None:
    """Mark what waits, with `alike` also all the same responses to the same variant; the next review (teachers).

    After the last of the queue come those before that were left out.
    """
    with writing(session):
        _enter(session, actor, course_id)
        row = _row(session, course_id, review_id)
        others = waiting.same_response(session, row, MOST_ALIKE) if alike else ()
        place, part = (row.since, row.id), row.part
        alike_ids = [row.submission_id, *(other.submission_id for other in others)]
        marking.mark_alike(session, clock, actor, alike_ids, part, given)
        following = waiting.after(session, course_id, chosen, place) or waiting.after(session, course_id, chosen, None)
        return _id(following)


def judge_again(session: Session, clock: Clock, actor: Actor, course_id: int, submission_id: int) -> None:
    """Have a submission that could not be judged tried again (teachers)."""
    with writing(session):
        _enter(session, actor, course_id)
        if submission_id not in {row.id for row in waiting.stuck(session, course_id, MOST_STUCK)}:
            raise NotFound(GONE)
        row = session.get_one(Submission, submission_id)
        now = clock()
        row.claims, row.claimed_until = 0, now
        audit.note(session, now, actor.user_id, course_id, "submission.tried-again", submission_id)


def _enter(session: Session, actor: Actor, course_id: int) -> Membership:
    membership = enter(session, actor, course_id, "results:read")
    membership.require_teacher()
    return membership


def _row(session: Session, course_id: int, review_id: int) -> WaitingPart:
    row = session.get(WaitingPart, review_id)
    if row is None or row.course_id != course_id:
        raise NotFound(GONE)
    return row


def _id(row: Waiting | None) -> int | None:
    return None if row is None else row.id
