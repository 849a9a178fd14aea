"""Problems, and every text that they have had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    `parts` are the ids of its parts, `words` what a search looks through; None where they were not known
    when it was stored.
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
    family: Mapped[str | None]
    words: Mapped[str | None] = mapped_column(deferred=True)
    created: Mapped[datetime]

    problem: Mapped[Problem] = relationship(lazy="raise")


def keep(session: Session, now: datetime, key: str, course_id: int | None = None) -> Problem:
    """The problem of the course, or of the bank, with this id, added if it is new."""
    values = {"key": key, "course_id": course_id, "created": now}
    session.execute(insert(session, Problem).values(values).on_conflict_do_nothing())
    return session.scalars(
        select(Problem).where(Problem.key == key, Problem.course_id.is_not_distinct_from(course_id))
    ).one()


def keep_version(session: Session, now: datetime, problem: Problem, values: Mapping[str, Any]) -> ProblemVersion:
    """The version of the problem with these values, added if it is new."""
    row = {**values, "problem_id": problem.id, "created": now}
    session.execute(insert(session, ProblemVersion).values(row).on_conflict_do_nothing())
    return session.scalars(
        select(ProblemVersion).where(
            ProblemVersion.problem_id == problem.id, ProblemVersion.version == values["version"]
        )
    ).one()


def text_of(session: Session, version_id: int) -> str:
    """The text of a version."""
    return session.scalars(select(ProblemVersion.source).where(ProblemVersion.id == version_id)).one()


def of_course(session: Session, course_id: int, key: str) -> Problem | None:
    """The problem of a course with this id."""
    return session.scalar(select(Problem).where(Problem.course_id == course_id, Problem.key == key))


def keys_of_course(session: Session, course_id: int) -> Sequence[str]:
    """The ids of a course's problems."""
    return session.scalars(select(Problem.key).where(Problem.course_id == course_id)).all()


def stored(session: Session, course_id: int, versions: Mapping[str, str]) -> Sequence[tuple[Problem, ProblemVersion]]:
    """The versions that are given by the ids of their problems, where the bank or this course has or had them.

    Where both did, the course's own comes last.
    """
    rows = session.execute(
        select(Problem, ProblemVersion)
        .join(ProblemVersion, ProblemVersion.problem_id == Problem.id)
        .where(
            Problem.key.in_(versions),
            ProblemVersion.version.in_(versions.values()),
            (Problem.course_id == course_id) | Problem.course_id.is_(None),
        )
        .order_by(Problem.course_id.is_not(None))
    )
    return [(problem, version) for problem, version in rows if versions[problem.key] == version.version]
