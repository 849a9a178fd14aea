"""The start page of a person: their courses, what is due, where they left off, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.services import assignments
from grader.services.access import Actor, Clock, Membership, require_scope
from grader.services.advice import Advice, Urgency, advise, left_in, urgency
from grader.services.assignments import AssignmentSummary, AssignmentView
from grader.services.policies import Phase
from grader.services.practice import MOST_LOOKED_AT, Topic, candidates_of, told, topics_of
from grader.services.problems import ProblemSource
from grader.store import assignments as assignment_store
from grader.store import enrolments, practice
from grader.store.practice import Begun

MOST_COURSES = 100
MOST_DUE = 6
MOST_LISTED = 25
PLACES = {Phase.LATE: 0, Phase.OPEN: 0, Phase.UPCOMING: 1, Phase.CLOSED: 2}
"""In a course, what takes answers is listed first, and what is over last; within, by due date."""
OVERDUE_FOR = timedelta(days=14)
"""So long something that was missed stays on the start page."""


@dataclass(frozen=True, slots=True)
class Due:
    """An assignment with something left to do, and how near its due date is."""

    assignment: AssignmentSummary
    course_title: str
    urgency: Urgency
    is_open: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """The attempt at which a student was last."""

    attempt_id: int
    title: str
    topic: str
    course_title: str
    assignment_title: str
    is_practice: bool
    has_draft: bool
    touched: datetime


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """One course: what is set, how far the person has come, what to do next; only a student has the last two."""

    id: int
    title: str
    role: str
    assignments: tuple[AssignmentSummary, ...]
    topics: tuple[Topic, ...] = ()
    advice: Advice | None = None

    @property
    def is_taught(self) -> bool:
        """Whether the person teaches here."""
        return self.role != "student"

    @property
    def first(self) -> tuple[AssignmentSummary, ...]:
        """The assignments that the start page lists."""
        return self.assignments[:MOST_LISTED]

    @property
    def more(self) -> int:
        """How many it leaves out."""
        return max(0, len(self.assignments) - MOST_LISTED)

    @property
    def points(self) -> Fraction:
        """The points that the person has."""
        return sum((one.points for one in self.assignments), Fraction(0))

    @property
    def max_points(self) -> Fraction:
        """The points that there are."""
        return sum((one.max_points for one in self.assignments), Fraction(0))


@dataclass(frozen=True, slots=True)
class Agenda:
    """All of it; `more_due` counts what is due and not listed."""

    courses: tuple[CoursePlan, ...]
    due: tuple[Due, ...]
    more_due: int
    resume: Resume | None


def agenda(
    session: Session, clock: Clock, actor: Actor, sources: Sequence[ProblemSource], course_id: int | None = None
) -> Agenda:
    """The start page of the actor (of one course), in the same number of statements however much there is."""
    require_scope(actor, "courses:read")
    now = clock()
    mine = _memberships(session, actor, course_id)
    views = assignments.assignments_in(session, now, mine, actor.user_id)
    begun = practice.begun(session, actor.user_id, list(mine), MOST_LOOKED_AT)
    rows = assignment_store.of_courses(session, list(mine))
    candidates = candidates_of(session, rows, sources)
    plans = []
    for number, membership in mine.items():
        own = sorted((view for view in views if view.course_id == number), key=lambda view: PLACES[view.phase])
        summaries = tuple(assignments.summary(view) for view in own)
        title, role = membership.course_title, membership.role
        if membership.teaches:
            plans.append(CoursePlan(number, title, role, summaries))
            continue
        of_course = [one for one in begun if one.course_id == number]
        topics = topics_of(told(of_course, rows, now, membership), candidates[number])
        plans.append(CoursePlan(number, title, role, summaries, topics, advise(now, own, topics)))
    studied = [view for view in views if not mine[view.course_id].teaches]
    due = _due(studied, now)
    return Agenda(tuple(plans), due[:MOST_DUE], max(0, len(due) - MOST_DUE), _resume(begun, views, mine))


def _memberships(session: Session, actor: Actor, course_id: int | None) -> dict[int, Membership]:
    """The actor's courses by title."""
    found = [
        Membership(actor, course.id, course.title, enrolment.role)
        for enrolment, course in enrolments.of_user(session, actor.user_id)
        if actor.course_id in (None, course.id) and course_id in (None, course.id)
    ]
    return {membership.course_id: membership for membership in found[:MOST_COURSES]}


def _due(views: Sequence[AssignmentView], now: datetime) -> tuple[Due, ...]:
    """What has a due date and something left, what is overdue and still open first, what is closed last."""
    found = []
    for view in views:
        due = view.policy.due
        is_open = view.phase in (Phase.OPEN, Phase.LATE)
        is_missed = view.phase is Phase.CLOSED and due is not None and now - due <= OVERDUE_FOR
        if due is not None and left_in(view) and (is_open or is_missed):
            found.append(Due(assignments.summary(view), view.course_title, urgency(view, now), is_open))
    return tuple(sorted(found, key=lambda one: (not one.is_open, one.assignment.policy.due or now)))


def _resume(begun: Sequence[Begun], views: Sequence[AssignmentView], mine: Mapping[int, Membership]) -> Resume | None:
    """The attempt that was touched last and can be gone on with."""
    open_titles = {view.id: view.title for view in views if view.phase in (Phase.OPEN, Phase.LATE) and left_in(view)}
    left = {(view.id, problem) for view in views for problem in left_in(view)}
    going = [
        one
        for one in begun
        if one.state == "open"
        and not one.is_solved
        and not mine[one.course_id].teaches
        and (one.is_pool or (one.assignment_id in open_titles and (one.assignment_id, one.problem_key) in left))
    ]
    last = max(going, key=lambda one: one.touched, default=None)
    if last is None:
        return None
    return Resume(
        attempt_id=last.id,
        title=last.title,
        topic=last.topic,
        course_title=mine[last.course_id].course_title,
        assignment_title=open_titles.get(last.assignment_id, ""),
        is_practice=last.is_pool,
        has_draft=last.typed is not None,
        touched=last.touched,
    )
