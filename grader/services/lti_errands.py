"""What a platform is to be told of a student: the column, and the score as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import CallerError
from grader.lti.messages import Platform
from grader.lti.scores import LineItem, Score
from grader.services import assignments
from grader.services.access import STUDENT, Actor, Clock
from grader.services.assignments import AssignmentView, ProblemLine
from grader.services.lti_platforms import platform_of
from grader.services.policies import Progress
from grader.store import enrolments
from grader.store.assignments import Assignment
from grader.store.lti_links import LtiLink
from grader.store.lti_platforms import LtiDeployment, LtiPlatform

HELD, NOTHING = "held", "nothing"
"""States of a grade of which a platform is not told: its exam is not released, or there is nothing to tell."""
BEGUN = (Progress.TRIED, Progress.SPENT, Progress.SOLVED)


@dataclass(frozen=True, slots=True)
class Told:
    """A column and a score for it; with a `state` the platform is not told of it, where known not `until` a moment."""

    column: LineItem
    score: Score
    state: str = ""
    until: datetime | None = None


def platform_behind(session: Session, link: LtiLink) -> Platform:
    """The platform that a link comes from."""
    return platform_of(row_behind(session, link))


def row_behind(session: Session, link: LtiLink) -> LtiPlatform:
    """The same as its row."""
    return session.get_one(LtiPlatform, session.get_one(LtiDeployment, link.deployment_id).platform_id)


def to_tell(session: Session, clock: Clock, link: LtiLink, student_id: int, subject: str, stamp: datetime) -> Told:
    """What the platform is to be told of a student, whom it knows as `subject`, in the message with this stamp."""
    return _told(_view(session, clock, link, student_id), link, subject, stamp)


def to_tell_of_all(session: Session, clock: Clock, link: LtiLink, subjects: Mapping[int, str]) -> Mapping[int, Told]:
    """The same of many students at once, by their ids and the platform's ids of them; they are in the course."""
    now = clock()
    views = assignments.of_students(session, now, link.assignment_id, list(subjects))
    return {student_id: _told(views.get(student_id), link, subject, now) for student_id, subject in subjects.items()}


def _told(view: AssignmentView | None, link: LtiLink, subject: str, stamp: datetime) -> Told:
    """What there is to tell of an assignment as a student has it."""
    if view is None:
        return Told(LineItem("", Fraction(0)), Score(subject, None, Fraction(0), stamp), NOTHING)
    lines = [line for line in view.problems if link.problem in ("", line.problem_id)]
    column = _column(view, link, lines)
    given = sum((line.points for line in lines), Fraction(0))
    is_begun = any(line.progress in BEGUN or line.points for line in lines)
    is_done = bool(lines) and all(line.progress in (Progress.SOLVED, Progress.SPENT) for line in lines)
    score = Score(subject, given, column.maximum, stamp, completed=is_done)
    if not subject or not lines or not column.maximum:
        return Told(column, score, NOTHING)
    if view.held:
        return Told(column, score, HELD, view.policy.feedback_from)
    return Told(column, score, "" if is_begun else NOTHING)


def _view(session: Session, clock: Clock, link: LtiLink, student_id: int) -> AssignmentView | None:
    """The assignment as the student has it; None for teachers, who have tries but no grades, and for strangers."""
    course_id = session.get_one(Assignment, link.assignment_id).course_id
    present = enrolments.of_user_in_course(session, student_id, course_id)
    if present is None or present[0].role != STUDENT:
        return None
    try:
        return assignments.assignment(session, clock, Actor(student_id), link.assignment_id)
    except CallerError:
        return None


def _column(view: AssignmentView, link: LtiLink, lines: list[ProblemLine]) -> LineItem:
    """The column of the gradebook as we name it."""
    resource = f"assignment-{link.assignment_id}" + (f"-{link.problem}" if link.problem else "")
    title = lines[0].title if link.problem and lines else view.title
    maximum = sum((line.max_points for line in lines), Fraction(0))
    return LineItem(title, maximum, resource, link.resource_link)
