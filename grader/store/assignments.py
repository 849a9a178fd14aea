"""Assignments with their rules and problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Index, UniqueConstraint, false, nulls_first, nulls_last, or_, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from grader.store.base import Base, Id, reference, table_of
from grader.store.courses import Course
from grader.store.problems import Problem, ProblemVersion

POOL = text("is_pool")

SHOWN, HIDDEN, DELETED = VISIBILITIES = ("shown", "hidden", "deleted")


class Assignment(Base):
    """Problems set together; None for `opens`, `due`, `tries`: always, never, without limit.

    The one with `is_pool` holds what students of the course have practised by topic, and is in no list.
    `visibility` is "shown", "hidden" (teachers alone see it) or "deleted" (kept, and can be brought back).
    `zone` is the time zone in which its dates were entered; `revision` counts its changes.
    `late_grace` is in minutes. `feedback_from` and `released` say from when the marks of an exam are shown.
    """

    __tablename__ = "assignments"
    __table_args__ = (Index("uq_assignments_pool", "course_id", unique=True, sqlite_where=POOL, postgresql_where=POOL),)

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)
    title: Mapped[str]
    opens: Mapped[datetime | None]
    due: Mapped[datetime | None]
    tries: Mapped[int | None]
    penalty: Mapped[Fraction]
    practice: Mapped[bool]
    show_solution: Mapped[str]
    created: Mapped[datetime]
    is_pool: Mapped[bool] = mapped_column(default=False, server_default=false())
    visibility: Mapped[str] = mapped_column(default=SHOWN)
    zone: Mapped[str] = mapped_column(default="UTC")
    revision: Mapped[int] = mapped_column(default=1)
    late_kind: Mapped[str] = mapped_column(default="none")
    late_grace: Mapped[int] = mapped_column(default=0)
    late_loss: Mapped[Fraction] = mapped_column(default=Fraction(0))
    late_floor: Mapped[Fraction] = mapped_column(default=Fraction(0))
    late_until: Mapped[datetime | None]
    exam: Mapped[bool] = mapped_column(default=False)
    feedback_from: Mapped[datetime | None]
    released: Mapped[datetime | None]
    one_variant: Mapped[bool] = mapped_column(default=False)

    course: Mapped[Course] = relationship(lazy="raise")


class Rules(NamedTuple):
    """What holds for those who answer, as an assignment's columns have it; plain values, for they are read often."""

    opens: datetime | None
    due: datetime | None
    tries: int | None
    penalty: Fraction
    practice: bool
    show_solution: str
    late_kind: str
    late_grace: int
    late_loss: Fraction
    late_floor: Fraction
    late_until: datetime | None
    exam: bool
    feedback_from: datetime | None
    released: datetime | None
    one_variant: bool


RULES = tuple(table_of(Assignment).c[name] for name in Rules._fields)


class AssignmentProblem(Base):
    """One problem of an assignment, in the version in which it is set now.

    One that was `removed` is in no list; what students have done at it is kept, and counts again with it.
    """

    __tablename__ = "assignment_problems"
    __table_args__ = (UniqueConstraint("assignment_id", "problem_id"),)

    id: Mapped[Id]
    assignment_id: Mapped[int] = mapped_column(reference("assignments"))
    problem_id: Mapped[int] = mapped_column(reference("problems"), index=True)
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    position: Mapped[int]
    points: Mapped[Fraction]
    removed: Mapped[bool] = mapped_column(default=False)

    assignment: Mapped[Assignment] = relationship(lazy="raise")
    problem: Mapped[Problem] = relationship(lazy="raise")
    problem_version: Mapped[ProblemVersion] = relationship(lazy="raise")


class SetText(NamedTuple):
    """A problem of an assignment with the text in which it is set."""

    key: str
    points: Fraction
    version: str
    source: str


def with_course(session: Session, assignment_id: int) -> Assignment | None:
    """An assignment with its course."""
    return session.scalar(
        select(Assignment).where(Assignment.id == assignment_id).options(joinedload(Assignment.course))
    )


def of_course(session: Session, course_id: int, *, with_deleted: bool = False) -> Sequence[Assignment]:
    """A course's assignments, the one that is due first on top."""
    return of_courses(session, [course_id], with_deleted=with_deleted)


def of_courses(session: Session, course_ids: Sequence[int], *, with_deleted: bool = False) -> Sequence[Assignment]:
    """The assignments of these courses, the one that is due first on top, without the pools for practice."""
    query = select(Assignment).where(Assignment.course_id.in_(course_ids), ~Assignment.is_pool)
    if not with_deleted:
        query = query.where(Assignment.visibility != DELETED)
    return session.scalars(query.order_by(nulls_last(Assignment.due), Assignment.id)).all()


def awaited(session: Session, now: datetime, course_id: int | None, most: int) -> Sequence[Assignment]:
    """Assignments (of a course) that are not over by their due date, those that open next or are open first."""
    query = select(Assignment).where(
        ~Assignment.is_pool, Assignment.visibility != DELETED, or_(Assignment.due.is_(None), Assignment.due > now)
    )
    if course_id is not None:
        query = query.where(Assignment.course_id == course_id)
    return session.scalars(query.order_by(nulls_first(Assignment.opens), Assignment.id).limit(most)).all()


def pool(session: Session, course_id: int) -> Assignment | None:
    """The course's pool for practice by topic, with the course, where there is one."""
    query = select(Assignment).where(Assignment.course_id == course_id, Assignment.is_pool)
    return session.scalar(query.options(joinedload(Assignment.course)))


def problems_of(session: Session, assignment_ids: Sequence[int]) -> Sequence[AssignmentProblem]:
    """The problems of these assignments in their order, without their texts."""
    return session.scalars(
        select(AssignmentProblem)
        .where(AssignmentProblem.assignment_id.in_(assignment_ids), AssignmentProblem.removed.is_(False))
        .order_by(AssignmentProblem.assignment_id, AssignmentProblem.position, AssignmentProblem.id)
        .options(joinedload(AssignmentProblem.problem), joinedload(AssignmentProblem.problem_version))
    ).all()


def texts_of(session: Session, assignment_id: int) -> Sequence[SetText]:
    """The problems of an assignment in their order, with their texts."""
    rows = session.execute(
        select(Problem.key, AssignmentProblem.points, ProblemVersion.version, ProblemVersion.source)
        .join(Problem, Problem.id == AssignmentProblem.problem_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .where(AssignmentProblem.assignment_id == assignment_id, AssignmentProblem.removed.is_(False))
        .order_by(AssignmentProblem.position, AssignmentProblem.id)
    )
    return [SetText(*row) for row in rows]


def of_problem(session: Session, assignment_problem_id: int) -> Assignment:
    """The assignment that this problem is set in."""
    return session.scalars(
        select(Assignment)
        .join(AssignmentProblem, AssignmentProblem.assignment_id == Assignment.id)
        .where(AssignmentProblem.id == assignment_problem_id)
    ).one()


def lock(session: Session, assignment_id: int) -> None:
    """Keep the assignment from all other writers until the transaction ends."""
    session.execute(select(Assignment.id).where(Assignment.id == assignment_id).with_for_update())


def every_problem_of(session: Session, assignment_id: int) -> Sequence[AssignmentProblem]:
    """The problems that are or were in an assignment."""
    return session.scalars(
        select(AssignmentProblem)
        .where(AssignmentProblem.assignment_id == assignment_id)
        .options(joinedload(AssignmentProblem.problem), joinedload(AssignmentProblem.problem_version))
        .order_by(AssignmentProblem.position, AssignmentProblem.id)
    ).all()
