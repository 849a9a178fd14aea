"""Problems, and every text that they have had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grader.store.base import Base, Id, reference
from grader.store.database import insert

SHIPPED = text("course_id IS NULL")


class Problem(Base):
    """A problem by the id in its file (`key`).

    With `course_id` it belongs to one course, else to the bank.
    """

    __tablename__ = "problems"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        Index("uq_problems_shipped_key", "key", unique=True, sqlite_where=SHIPPED, postgresql_where=SHIPPED),
    )

    id: Mapped[Id]
    key: Mapped[str]
    course_id: Mapped[int | None] = mapped_column(reference("courses"))
    created: Mapped[datetime]


class ProblemVersion(Base):
    """One text of a problem, for ever the same; `version` is the hash of its content.

    `parts` are the ids of its parts; None where they were not known when it was stored.
    """

    __tablename__ = "problem_versions"
    __table_args__ = (UniqueConstraint("problem_id", "version"),)

    id: Mapped[Id]
    problem_id: Mapped[int] = mapped_column(reference("problems"))
    version: Mapped[str]
    title: Mapped[str]
    topic: Mapped[str]
    level: Mapped[str]
    source: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    max_score: Mapped[Fraction]
    parts: Mapped[list[Any] | None]
    created: Mapped[datetime]

    problem: Mapped[Problem] = relationship(lazy="raise")


def keep(session: Session, now: datetime, key: str) -> Problem:
    """The bank's problem with this id, added if it is new."""
    session.execute(insert(session, Problem).values(key=key, created=now).on_conflict_do_nothing())
    return session.scalars(select(Problem).where(Problem.key == key, Problem.course_id.is_(None))).one()


def keep_version(session: Session, now: datetime, problem: Problem, values: Mapping[str, Any]) -> ProblemVersion:
    """The version of the problem with these values, added if it is new."""
    row = {**values, "problem_id": problem.id, "created": now}
    session.execute(insert(session, ProblemVersion).values(row).on_conflict_do_nothing())
    return session.scalars(
        select(ProblemVersion).where(
            ProblemVersion.problem_id == problem.id, ProblemVersion.version == values["version"]
        )
    ).one()
