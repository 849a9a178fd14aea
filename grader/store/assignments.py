"""Assignments with their rules and problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy import UniqueConstraint, nulls_last, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from grader.store.base import Base, Id, reference
from grader.store.courses import Course
from grader.store.problems import Problem, ProblemVersion


class Assignment(Base):
    """Problems set together; None for `opens`, `due`, `tries`: always, never, without limit."""

    __tablename__ = "assignments"

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

    course: Mapped[Course] = relationship(lazy="raise")


class AssignmentProblem(Base):
    """One problem of an assignment, in the version in which it is set now."""

    __tablename__ = "assignment_problems"
    __table_args__ = (UniqueConstraint("assignment_id", "problem_id"),)

    id: Mapped[Id]
    assignment_id: Mapped[int] = mapped_column(reference("assignments"))
    problem_id: Mapped[int] = mapped_column(reference("problems"), index=True)
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    position: Mapped[int]
    points: Mapped[Fraction]

    assignment: Mapped[Assignment] = relationship(lazy="raise")
    problem: Mapped[Problem] = relationship(lazy="raise")
    problem_version: Mapped[ProblemVersion] = relationship(lazy="raise")


def with_course(session: Session, assignment_id: int) -> Assignment | None:
    """An assignment with its course."""
    return session.scalar(
        select(Assignment).where(Assignment.id == assignment_id).options(joinedload(Assignment.course))
    )


def of_course(session: Session, course_id: int) -> Sequence[Assignment]:
    """A course's assignments, the one that is due first on top."""
    query = select(Assignment).where(Assignment.course_id == course_id)
    return session.scalars(query.order_by(nulls_last(Assignment.due), Assignment.id)).all()


def problems_of(session: Session, assignment_ids: Sequence[int]) -> Sequence[AssignmentProblem]:
    """The problems of these assignments in their order, without their texts."""
    return session.scalars(
        select(AssignmentProblem)
        .where(AssignmentProblem.assignment_id.in_(assignment_ids))
        .order_by(AssignmentProblem.assignment_id, AssignmentProblem.position, AssignmentProblem.id)
        .options(joinedload(AssignmentProblem.problem), joinedload(AssignmentProblem.problem_version))
    ).all()


def penalty_of(session: Session, assignment_problem_id: int) -> Fraction:
    """The penalty for a failed try at this problem."""
    return session.scalars(
        select(Assignment.penalty)
        .join(AssignmentProblem, AssignmentProblem.assignment_id == Assignment.id)
        .where(AssignmentProblem.id == assignment_problem_id)
    ).one()
