"""Reports of judging stored answers again, and the answers to judge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.courses import Course
from grader.store.gradings import Grading
from grader.store.problems import Problem, ProblemVersion
from grader.store.submissions import Submission
from grader.store.users import User
from grader.store.variants import Variant


class Replay(Base):
    """One run with one engine; `cursor` is the last submission that it has judged, `ended` None until all are."""

    __tablename__ = "replays"

    id: Mapped[Id]
    engine: Mapped[str]
    since: Mapped[datetime | None]
    course_id: Mapped[int | None] = mapped_column(reference("courses"))
    cursor: Mapped[int]
    judged: Mapped[int]
    begun: Mapped[datetime]
    ended: Mapped[datetime | None]


class ReplayChange(Base):
    """A part of a submission whose verdict came out otherwise; who it was is known by the submission alone."""

    __tablename__ = "replay_changes"
    __table_args__ = (UniqueConstraint("replay_id", "submission_id", "part"),)

    id: Mapped[Id]
    replay_id: Mapped[int] = mapped_column(reference("replays"))
    submission_id: Mapped[int] = mapped_column(reference("submissions"), index=True)
    part: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class Answered(NamedTuple):
    """A submission with what judging it again needs, and where and whose it is."""

    submission_id: int
    attempt_id: int
    responses: dict[str, str]
    problem_version_id: int
    source: str
    version: str
    seed: int
    problem: str
    course_id: int
    course: str
    assignment: str
    student: str


def answered(
    session: Session, after: int, most: int, since: datetime | None, course_id: int | None
) -> Sequence[Answered]:
    """Judged submissions with later ids than this, in order; previews of teachers are none."""
    query = _chosen(
        select(
            Submission.id,
            Submission.attempt_id,
            Submission.responses,
            ProblemVersion.id,
            ProblemVersion.source,
            ProblemVersion.version,
            Variant.seed,
            Problem.key,
            Course.id,
            Course.title,
            Assignment.title,
            User.login,
        ),
        since,
        course_id,
    )
    rows = session.execute(query.where(Submission.id > after).order_by(Submission.id).limit(most)).all()
    return [Answered(*row) for row in rows]


def count_answered(session: Session, after: int, since: datetime | None, course_id: int | None) -> int:
    """How many of them there are."""
    return session.scalar(_chosen(select(func.count(Submission.id)), since, course_id, after)) or 0


def own_gradings(session: Session, submission_ids: Sequence[int]) -> dict[int, list[Grading]]:
    """The gradings of these submissions that are the judge's and no person's, the first one first."""
    query = select(Grading).where(Grading.submission_id.in_(submission_ids), Grading.author_id.is_(None))
    found: dict[int, list[Grading]] = {}
    for row in session.scalars(query.order_by(Grading.id)):
        found.setdefault(row.submission_id, []).append(row)
    return found


def unended(session: Session, engine: str) -> Replay | None:
    """The newest recorded run with this engine that is not at its end."""
    query = select(Replay).where(Replay.ended.is_(None), Replay.engine == engine)
    return session.scalar(query.order_by(Replay.id.desc()).limit(1))


def _chosen(
    query: Select[*tuple[Any, ...]], since: datetime | None, course_id: int | None, after: int = 0
) -> Select[*tuple[Any, ...]]:
    joined = (
        query.select_from(Submission)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(User, User.id == Attempt.student_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(ProblemVersion, ProblemVersion.id == Variant.problem_version_id)
        .join(Problem, Problem.id == ProblemVersion.problem_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(Submission.state == "judged", Attempt.preview.is_(False), Submission.id > after)
    )
    if since is not None:
        joined = joined.where(Submission.created >= since)
    return joined if course_id is None else joined.where(Course.id == course_id)
