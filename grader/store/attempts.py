"""Attempts and drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import (
    Index,
    Select,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship
from sqlalchemy.orm.util import identity_key

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.base import Base, Exact, Id, exact, reference, table_of
from grader.store.database import insert
from grader.store.problems import ProblemVersion
from grader.store.users import User
from grader.store.variants import Variant, ids_of

OPEN = text("state = 'open'")


class Attempt(Base):
    """One student at one variant.

    `state` is "open" for the present one, "closed" once another took its place.
    `tries_used`, `score`, `max_score`, `is_solved` and `parts` sum up the latest gradings of its submissions;
    they are written in the transaction that records a grading.
    With `preview` it is a teacher's look through a student's eyes, and counts nowhere.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("student_id", "assignment_problem_id", "number"),
        Index(
            "uq_attempts_open",
            "student_id",
            "assignment_problem_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[Id]
    assignment_problem_id: Mapped[int] = mapped_column(reference("assignment_problems"), index=True)
    student_id: Mapped[int] = mapped_column(reference("users"))
    variant_id: Mapped[int] = mapped_column(reference("variants"))
    number: Mapped[int]
    state: Mapped[str]
    tries_used: Mapped[int]
    score: Mapped[Fraction]
    max_score: Mapped[Fraction]
    is_solved: Mapped[bool]
    parts: Mapped[list[Any]]
    created: Mapped[datetime]
    closed: Mapped[datetime | None]
    preview: Mapped[bool] = mapped_column(default=False)

    assignment_problem: Mapped[AssignmentProblem] = relationship(lazy="raise")
    student: Mapped[User] = relationship(lazy="raise")
    variant: Mapped[Variant] = relationship(lazy="raise")


class Draft(Base):
    """What the student has typed and not submitted."""

    __tablename__ = "drafts"

    attempt_id: Mapped[int] = mapped_column(reference("attempts"), primary_key=True)
    responses: Mapped[dict[str, str]]
    updated: Mapped[datetime]


def _whole() -> Select[Attempt]:
    """Attempts with everything around them, the problem's text included, in one statement."""
    set_as = joinedload(Attempt.assignment_problem, innerjoin=True)
    made_from = joinedload(Attempt.variant, innerjoin=True).joinedload(Variant.problem_version, innerjoin=True)
    return select(Attempt).options(
        set_as.joinedload(AssignmentProblem.assignment, innerjoin=True).joinedload(Assignment.course, innerjoin=True),
        set_as.joinedload(AssignmentProblem.problem, innerjoin=True),
        made_from.undefer(ProblemVersion.source),
        joinedload(Attempt.student, innerjoin=True),
    )


_ONE = _whole().where(Attempt.id == bindparam("attempt_id"))
_PRESENT = (
    _whole()
    .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
    .where(
        AssignmentProblem.assignment_id == bindparam("assignment_id"),
        Attempt.student_id == bindparam("student_id"),
        Attempt.state == "open",
    )
    .order_by(AssignmentProblem.position, AssignmentProblem.id)
)


def whole(session: Session, attempt_id: int) -> Attempt | None:
    """An attempt with everything around it."""
    return session.scalar(_ONE, {"attempt_id": attempt_id})


class Start(NamedTuple):
    """What a student begins: a problem, for the so-manieth time, with this seed."""

    chosen: AssignmentProblem
    number: int
    seed: int


def add(session: Session, now: datetime, student_id: int, starts: Sequence[Start], *, preview: bool = False) -> None:
    """Open attempts, in two statements where their variants are known.

    When the student has an open one at a problem, or one with this number, nothing changes.
    """
    if not starts:
        return
    variants = ids_of(session, {(start.chosen.problem_version_id, start.seed) for start in starts})
    rows = [
        {
            "assignment_problem_id": chosen.id,
            "student_id": student_id,
            "variant_id": variants[chosen.problem_version_id, seed],
            "number": number,
            "state": "open",
            "tries_used": 0,
            "score": Fraction(0),
            "max_score": chosen.problem_version.max_score,
            "is_solved": False,
            "parts": [],
            "created": now,
            "preview": preview,
        }
        for chosen, number, seed in starts
    ]
    session.execute(insert(session, Attempt).values(rows).on_conflict_do_nothing())


def begun_by(session: Session, assignment_problem_id: int) -> frozenset[int]:
    """The students who have begun a problem of an assignment."""
    query = select(Attempt.student_id).where(Attempt.assignment_problem_id == assignment_problem_id)
    return frozenset(session.scalars(query.distinct()))


def keep_draft(session: Session, now: datetime, attempt_id: int, responses: Mapping[str, str]) -> None:
    """Put these in the place of what was kept before."""
    values = {"responses": dict(responses), "updated": now}
    statement = insert(session, Draft).values(attempt_id=attempt_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["attempt_id"], set_=values))


def drafts(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, Draft]:
    """What is kept for these attempts."""
    rows = session.scalars(select(Draft).where(Draft.attempt_id.in_(attempt_ids)))
    return {row.attempt_id: row for row in rows}


def drop_draft(session: Session, attempt_id: int) -> None:
    """Forget what was kept."""
    session.execute(delete(Draft).where(Draft.attempt_id == attempt_id))


def present(session: Session, assignment_id: int, student_id: int) -> Sequence[Attempt]:
    """A student's open attempts at an assignment's problems, whole, in the assignment's order."""
    return session.scalars(_PRESENT, {"assignment_id": assignment_id, "student_id": student_id}).all()


def opened(session: Session, assignment_id: int, student_id: int) -> frozenset[int]:
    """At which of an assignment's problems, by their ids there, a student has an open attempt."""
    query = (
        select(Attempt.assignment_problem_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .where(
            AssignmentProblem.assignment_id == assignment_id,
            Attempt.student_id == student_id,
            Attempt.state == "open",
        )
    )
    return frozenset(session.scalars(query))


_LOCK = select(Attempt.id).where(Attempt.id == bindparam("attempt_id")).with_for_update()


def lock(session: Session, attempt_id: int) -> None:
    """Keep the attempt from all other writers until the transaction ends.

    What is read after this is present.
    """
    session.execute(_LOCK, {"attempt_id": attempt_id})


class Stand(NamedTuple):
    """Where an attempt stands, as its columns have it."""

    tries_used: int
    score: Fraction
    max_score: Fraction
    is_solved: bool
    parts: list[Any]


_STAND = (
    update(table_of(Attempt))
    .where(table_of(Attempt).c.id == bindparam("of_attempt"))
    .values({name: bindparam(f"new_{name}") for name in Stand._fields})
)


def write_stand(session: Session, attempt_id: int, stand: Stand) -> None:
    """Write where an attempt stands, by a statement of its own; the caller holds its lock."""
    news = {f"new_{name}": value for name, value in stand._asdict().items()}
    session.execute(_STAND, {"of_attempt": attempt_id, **news})
    known = session.identity_map.get(identity_key(Attempt, attempt_id))
    if known is not None:
        session.expire(known, Stand._fields)


def ids_at(assignment_id: int, student_id: int | None = None) -> Select[int]:
    """A query for the ids of the attempts at an assignment (of one student)."""
    query = (
        select(Attempt.id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .where(AssignmentProblem.assignment_id == assignment_id)
    )
    return query if student_id is None else query.where(Attempt.student_id == student_id)


def locked_at(session: Session, assignment_id: int, student_id: int) -> Sequence[Attempt]:
    """A student's attempts at an assignment, kept from all other writers until the transaction ends."""
    query = select(Attempt).where(Attempt.id.in_(ids_at(assignment_id, student_id))).order_by(Attempt.id)
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()


def next_locked_at(session: Session, assignment_id: int, after: int, most: int) -> Sequence[Attempt]:
    """The next attempts at an assignment by id, kept from all other writers until the transaction ends."""
    query = select(Attempt).where(Attempt.id.in_(ids_at(assignment_id)), Attempt.id > after)
    query = query.order_by(Attempt.id).limit(most).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def last_number(session: Session, assignment_problem_id: int, student_id: int) -> int:
    """The number of the student's newest attempt at this problem; 0: there is none."""
    query = select(func.max(Attempt.number)).filter_by(
        assignment_problem_id=assignment_problem_id, student_id=student_id
    )
    return session.scalar(query) or 0


def begun(session: Session, assignment_id: int) -> Mapping[int, int]:
    """How many students have begun each problem of an assignment, by the id of the problem there."""
    rows = session.execute(
        select(Attempt.assignment_problem_id, func.count(Attempt.student_id.distinct()).label("students"))
        .where(Attempt.id.in_(ids_at(assignment_id)), Attempt.preview.is_(False))
        .group_by(Attempt.assignment_problem_id)
    )
    return {row.assignment_problem_id: row.students for row in rows}


class AttemptMarks(NamedTuple):
    """What the tables of results show of an attempt; plain values, since there are many of them."""

    id: int
    assignment_problem_id: int
    student_id: int
    tries_used: int
    score: Fraction
    max_score: Fraction
    is_solved: bool


def of_assignments(
    session: Session, assignment_ids: Sequence[int], student_id: int | None = None
) -> Sequence[AttemptMarks]:
    """All attempts at these assignments (of one student) that count, by number.

    Read past the mapper, and with each fraction made once: of a whole course there are tens of thousands.
    """
    table, problems = Attempt.__table__, AssignmentProblem.__table__
    plain = (table.c[name] for name in AttemptMarks._fields)
    query = (
        select(*(type_coerce(column, Text) if isinstance(column.type, Exact) else column for column in plain))
        .join_from(table, problems, problems.c.id == table.c.assignment_problem_id)
        .where(problems.c.assignment_id.in_(assignment_ids), table.c.preview.is_(False))
        .order_by(table.c.number)
    )
    if student_id is not None:
        query = query.where(table.c.student_id == student_id)
    session.flush()
    return [
        AttemptMarks(id_, problem, student, tries, exact(score), exact(most), is_solved)
        for id_, problem, student, tries, score, most, is_solved in session.execute(query)
    ]
