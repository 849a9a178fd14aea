"""What waits for a person: parts of submissions that the judge leaves open or contradicts itself about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, UniqueConstraint, delete, func, literal, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.database import insert
from grader.store.problems import ProblemVersion
from grader.store.submissions import MAX_CLAIMS, Submission
from grader.store.users import User

WRITTEN, UNDECIDED, QUARANTINE, CONTRADICTION = KINDS = ("written", "undecided", "quarantine", "contradiction")
STUCK = "stuck"


class WaitingPart(Base):
    """One part of one submission that a person should decide, since it was sent in; `kind` is one of KINDS.

    Written beside the grading that leaves it open, removed with the one that settles it.
    `attempt_id`, `variant_id`, `assignment_problem_id` and `course_id` repeat what the submission is joined to.
    """

    __tablename__ = "waiting_parts"
    __table_args__ = (UniqueConstraint("submission_id", "part"),)

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(reference("submissions"))
    part: Mapped[str]
    kind: Mapped[str]
    response_hash: Mapped[str]
    since: Mapped[datetime]
    attempt_id: Mapped[int] = mapped_column(reference("attempts"), index=True)
    variant_id: Mapped[int] = mapped_column(reference("variants"))
    assignment_problem_id: Mapped[int] = mapped_column(reference("assignment_problems"))
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)


class Place(NamedTuple):
    """Where a submission belongs, and what was typed; a teacher's look through a student's eyes is a `preview`."""

    created: datetime
    responses: Mapping[str, str]
    attempt_id: int
    variant_id: int
    assignment_problem_id: int
    course_id: int
    preview: bool


def place_of(session: Session, submission_id: int) -> Place:
    """Where the submission belongs."""
    row = session.execute(
        select(
            Submission.created,
            Submission.responses,
            Attempt.id,
            Attempt.variant_id,
            Attempt.assignment_problem_id,
            Assignment.course_id,
            Attempt.preview,
        )
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(Submission.id == submission_id)
    ).one()
    return Place(*row)


def add(session: Session, submission_id: int, place: Place, part: str, kind: str, response_hash: str) -> None:
    """Note that a part waits; a second time changes nothing."""
    values = {
        "submission_id": submission_id,
        "part": part,
        "kind": kind,
        "response_hash": response_hash,
        "since": place.created,
        "attempt_id": place.attempt_id,
        "variant_id": place.variant_id,
        "assignment_problem_id": place.assignment_problem_id,
        "course_id": place.course_id,
    }
    session.execute(insert(session, WaitingPart).values(values).on_conflict_do_nothing())


def settle(session: Session, submission_id: int, left_open: Collection[str], marked: Collection[str]) -> None:
    """Only what is left open waits any longer, and contradictions about what no person has marked."""
    is_settled = (WaitingPart.kind != CONTRADICTION) & WaitingPart.part.not_in(left_open)
    session.execute(
        delete(WaitingPart).where(WaitingPart.submission_id == submission_id, is_settled | WaitingPart.part.in_(marked))
    )


def drop_in_attempt(session: Session, attempt_id: int, parts: Collection[str]) -> None:
    """What was left open of these parts of the attempt, in whatever submission, waits no longer."""
    session.execute(
        delete(WaitingPart).where(
            WaitingPart.attempt_id == attempt_id, WaitingPart.part.in_(parts), WaitingPart.kind != CONTRADICTION
        )
    )


class Waiting(NamedTuple):
    """One line of the queue."""

    id: int
    submission_id: int
    part: str
    kind: str
    since: datetime
    attempt_id: int
    assignment_problem_id: int
    problem_title: str
    assignment_title: str
    student_name: str


def _lines(
    course_id: int, assignment_problem_id: int | None
) -> Select[int, int, str, str, datetime, int, int, str, str, str]:
    query = (
        select(
            WaitingPart.id,
            WaitingPart.submission_id,
            WaitingPart.part,
            WaitingPart.kind,
            WaitingPart.since,
            WaitingPart.attempt_id,
            WaitingPart.assignment_problem_id,
            ProblemVersion.title,
            Assignment.title,
            User.name,
        )
        .join(Attempt, Attempt.id == WaitingPart.attempt_id)
        .join(User, User.id == Attempt.student_id)
        .join(AssignmentProblem, AssignmentProblem.id == WaitingPart.assignment_problem_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(WaitingPart.course_id == course_id)
        .order_by(WaitingPart.since, WaitingPart.id)
    )
    return (
        query
        if assignment_problem_id is None
        else query.where(WaitingPart.assignment_problem_id == assignment_problem_id)
    )


def listed(
    session: Session, course_id: int, assignment_problem_id: int | None, most: int, skipped: int = 0
) -> Sequence[Waiting]:
    """What waits in a course (for one of its problems), the oldest first."""
    rows = session.execute(_lines(course_id, assignment_problem_id).limit(most).offset(skipped))
    return [Waiting(*row) for row in rows]


def after(
    session: Session, course_id: int, assignment_problem_id: int | None, known: tuple[datetime, int] | None
) -> Waiting | None:
    """The first of the queue, or the one behind the place `known` (since, id)."""
    query = _lines(course_id, assignment_problem_id)
    if known is not None:
        since, number = known
        is_later = (WaitingPart.since > since) | ((WaitingPart.since == since) & (WaitingPart.id > number))
        query = query.where(is_later)
    row = session.execute(query.limit(1)).first()
    return None if row is None else Waiting(*row)


def counts(session: Session, course_id: int) -> Sequence[tuple[int, str, str, int]]:
    """For each problem with something waiting: its id in the assignment, its title, the assignment's, how many."""
    rows = session.execute(
        select(WaitingPart.assignment_problem_id, ProblemVersion.title, Assignment.title, func.count())
        .join(AssignmentProblem, AssignmentProblem.id == WaitingPart.assignment_problem_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(WaitingPart.course_id == course_id)
        .group_by(WaitingPart.assignment_problem_id, ProblemVersion.title, Assignment.title)
        .order_by(Assignment.title, ProblemVersion.title, WaitingPart.assignment_problem_id)
    )
    return [(chosen, problem, assignment, number) for chosen, problem, assignment, number in rows]


def total(session: Session, course_id: int) -> int:
    """How many parts wait in a course."""
    return session.scalars(select(func.count()).where(WaitingPart.course_id == course_id)).one()


def kinds(session: Session, course_id: int) -> Mapping[str, int]:
    """How many parts wait in a course, by why they do; how many submissions are `STUCK`."""
    number = func.count()
    waiting = select(WaitingPart.kind, number).where(WaitingPart.course_id == course_id).group_by(WaitingPart.kind)
    stuck = select(literal(STUCK), number).select_from(_stuck(course_id).subquery())
    return {row[0]: row[1] for row in session.execute(union_all(waiting, stuck))}


def attempts_waiting(session: Session, course_id: int) -> frozenset[int]:
    """The attempts of a course of which some part waits."""
    return frozenset(session.scalars(select(WaitingPart.attempt_id).where(WaitingPart.course_id == course_id)))


def same_response(session: Session, row: WaitingPart, most: int) -> Sequence[WaitingPart]:
    """Others that wait with the same response to the same part of the same variant."""
    return session.scalars(
        select(WaitingPart)
        .where(
            WaitingPart.course_id == row.course_id,
            WaitingPart.variant_id == row.variant_id,
            WaitingPart.part == row.part,
            WaitingPart.response_hash == row.response_hash,
            WaitingPart.id != row.id,
        )
        .order_by(WaitingPart.id)
        .limit(most)
    ).all()


def stuck(session: Session, course_id: int, most: int) -> Sequence[Submission]:
    """Submissions of a course whose judging was begun so often without an end that nobody tries any longer."""
    query = select(Submission).where(Submission.id.in_(_stuck(course_id)))
    return session.scalars(query.order_by(Submission.id).limit(most)).all()


def _stuck(course_id: int) -> Select[int]:
    return (
        select(Submission.id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(Assignment.course_id == course_id, Submission.state == "stored", Submission.claims >= MAX_CLAIMS)
    )
