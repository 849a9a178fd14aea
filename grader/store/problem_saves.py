"""The texts that authors have saved for the problems of their courses, and the sweeps over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grader.store.base import Base, Id, reference
from grader.store.problems import Problem, ProblemVersion
from grader.store.users import User


class ProblemSave(Base):
    """One text as somebody saved it, never changed.

    The newest save of a problem is its present text. Without a version it is a draft: kept, and set nowhere.
    """

    __tablename__ = "problem_saves"

    id: Mapped[Id]
    problem_id: Mapped[int] = mapped_column(reference("problems"), index=True)
    problem_version_id: Mapped[int | None] = mapped_column(reference("problem_versions"))
    title: Mapped[str]
    source: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    author_id: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]

    author: Mapped[User] = relationship(lazy="raise")


class ProblemSweep(Base):
    """A sweep over some seeds of a text, brought up to date while it runs; `failure` says why it was given up."""

    __tablename__ = "problem_sweeps"

    id: Mapped[Id]
    problem_id: Mapped[int] = mapped_column(reference("problems"), index=True)
    source: Mapped[str]
    seeds: Mapped[int]
    done: Mapped[int]
    distinct: Mapped[int]
    findings: Mapped[list[Any]]
    failure: Mapped[str]
    author_id: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]


class Present(NamedTuple):
    """A problem of a course as lists show it; `version` and `family` are None while it is a draft only."""

    problem_id: int
    key: str
    course_id: int
    title: str
    topic: str | None
    level: str | None
    family: str | None
    version: str | None
    is_draft: bool


def lock(session: Session, problem_id: int) -> None:
    """Keep the problem from all other writers until the transaction ends."""
    session.execute(select(Problem.id).where(Problem.id == problem_id).with_for_update())


def one(session: Session, problem_id: int, save_id: int | None) -> tuple[ProblemSave, str, User] | None:
    """This save of a problem, or the newest, with its text and its author."""
    query = (
        select(ProblemSave, ProblemSave.source, User)
        .join(User, User.id == ProblemSave.author_id)
        .where(ProblemSave.problem_id == problem_id)
        .order_by(ProblemSave.id.desc())
        .limit(1)
    )
    found = session.execute(query if save_id is None else query.where(ProblemSave.id == save_id)).first()
    return None if found is None else (found[0], found[1], found[2])


def history(session: Session, problem_id: int, most: int) -> Sequence[tuple[ProblemSave, str]]:
    """The newest saves of a problem with the names of their authors, newest first."""
    rows = session.execute(
        select(ProblemSave, User.name)
        .join(User, User.id == ProblemSave.author_id)
        .where(ProblemSave.problem_id == problem_id)
        .order_by(ProblemSave.id.desc())
        .limit(most)
    )
    return [(save, name) for save, name in rows]


def present_version(session: Session, problem_id: int) -> ProblemVersion | None:
    """The version that was saved last, whatever drafts came after it."""
    return session.scalar(
        select(ProblemVersion)
        .join(ProblemSave, ProblemSave.problem_version_id == ProblemVersion.id)
        .where(ProblemSave.problem_id == problem_id)
        .order_by(ProblemSave.id.desc())
        .limit(1)
    )


def present_versions(
    session: Session, course_id: int, keys: Sequence[str]
) -> Sequence[tuple[Problem, ProblemVersion, str]]:
    """These problems of a course in the versions that were saved last, with their texts."""
    rows = session.execute(
        select(Problem, ProblemVersion, ProblemVersion.source)
        .join(ProblemSave, ProblemSave.problem_id == Problem.id)
        .join(ProblemVersion, ProblemVersion.id == ProblemSave.problem_version_id)
        .where(Problem.course_id == course_id, Problem.key.in_(keys), ProblemSave.id.in_(_last(with_version=True)))
    )
    return [(problem, version, source) for problem, version, source in rows]


def of_courses(session: Session, course_ids: Sequence[int], text: str, most: int) -> Sequence[Present]:
    """The problems of these courses whose words hold a text, each with its newest version, by title."""
    last = _last()
    last_version = _last(with_version=True)
    saved = select(ProblemSave.problem_id, ProblemSave.problem_version_id).where(ProblemSave.id.in_(last_version))
    versions = saved.subquery()
    query = (
        select(Problem, ProblemSave, ProblemVersion)
        .join(ProblemSave, ProblemSave.problem_id == Problem.id)
        .outerjoin(versions, versions.c.problem_id == Problem.id)
        .outerjoin(ProblemVersion, ProblemVersion.id == versions.c.problem_version_id)
        .where(Problem.course_id.in_(course_ids), ProblemSave.id.in_(last))
        .order_by(ProblemSave.title, Problem.id)
        .limit(most)
    )
    if text:
        words = func.coalesce(ProblemVersion.words, func.lower(ProblemSave.title))
        query = query.where(words.contains(text.lower(), autoescape=True))
    return [_present(*row) for row in session.execute(query)]


def _last(*, with_version: bool = False) -> Any:
    """The ids of the newest saves, one for each problem."""
    query = select(func.max(ProblemSave.id)).group_by(ProblemSave.problem_id)
    return query.where(ProblemSave.problem_version_id.is_not(None)) if with_version else query


def _present(problem: Problem, save: ProblemSave, version: ProblemVersion | None) -> Present:
    assert problem.course_id is not None  # noqa: S101 - the query asks for problems of courses
    return Present(
        problem_id=problem.id,
        key=problem.key,
        course_id=problem.course_id,
        title=version.title if version else save.title,
        topic=version.topic if version else None,
        level=version.level if version else None,
        family=version.family if version else None,
        version=version.version if version else None,
        is_draft=save.problem_version_id is None,
    )


def drop_older_sweeps(session: Session, problem_id: int, newest: int) -> None:
    """Forget the sweeps of a problem before the newest; whoever is at one finds it gone and ends."""
    session.execute(delete(ProblemSweep).where(ProblemSweep.problem_id == problem_id, ProblemSweep.id < newest))


def newest_sweep(session: Session, problem_id: int) -> ProblemSweep | None:
    """The sweep that was asked for last."""
    query = select(ProblemSweep).where(ProblemSweep.problem_id == problem_id)
    return session.scalar(query.order_by(ProblemSweep.id.desc()).limit(1))
