"""Statements that a learning record store is to be told, written in the transaction of what they tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, Index, delete, literal, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Exact, Id, UtcDateTime, reference
from grader.store.database import insert
from grader.store.problems import Problem, ProblemVersion
from grader.store.submissions import Submission
from grader.store.users import User

WAITING = text("state = 'waiting'")
ONLY = 1


class StatementStore(Base):
    """Whether this installation has a learning record store, in the one row with the id 1; no row: it has none."""

    __tablename__ = "statement_stores"

    id: Mapped[Id]
    is_on: Mapped[bool]


class Statement(Base):
    """One grading that the store is to be told of.

    `state` is "waiting", "sent", "refused" or "nothing". `due` is when it may be sent; taking it moves `due` on.
    """

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_waiting", "due", sqlite_where=WAITING, postgresql_where=WAITING),)

    id: Mapped[Id]
    statement_id: Mapped[str] = mapped_column(unique=True)
    submission_id: Mapped[int] = mapped_column(reference("submissions"), index=True)
    cause: Mapped[str]
    score: Mapped[Fraction]
    max_score: Mapped[Fraction]
    state: Mapped[str]
    tries: Mapped[int]
    due: Mapped[datetime]
    reason: Mapped[str]
    created: Mapped[datetime]
    sent: Mapped[datetime | None]


class Told(NamedTuple):
    """A grading with all that a statement says of it."""

    row: Statement
    login: str
    name: str
    is_closed: bool
    course_id: int
    assignment_id: int
    assignment: str
    problem_id: str
    problem: str
    attempt_id: int
    preview: bool


def switch(session: Session, *, is_on: bool) -> None:
    """Say whether there is a store."""
    statement = insert(session, StatementStore).values(id=ONLY, is_on=is_on)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"is_on": is_on}))


def ask(session: Session, now: datetime, submission_id: int, cause: str, score: Fraction, max_score: Fraction) -> None:
    """Have a grading told, in the transaction that makes it; one statement, which writes nothing without a store."""
    moment = literal(now, UtcDateTime())
    values: dict[str, ColumnElement[Any]] = {
        "statement_id": literal(str(uuid4())),
        "submission_id": literal(submission_id),
        "cause": literal(cause),
        "score": literal(score, Exact()),
        "max_score": literal(max_score, Exact()),
        "state": literal("waiting"),
        "tries": literal(0),
        "due": moment,
        "reason": literal(""),
        "created": moment,
    }
    rows = select(*values.values()).where(StatementStore.id == ONLY, StatementStore.is_on.is_(True))
    session.execute(insert(session, Statement).from_select(list(values), rows))


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to send, asked without taking a lock."""
    query = select(Statement.id).where(Statement.state == "waiting", Statement.due <= now)
    return session.scalar(query.limit(1)) is not None


def take(session: Session, now: datetime, lease: timedelta, most: int) -> list[Told]:
    """Take those that have been due longest; no two takers get the same ones."""
    oldest = (
        select(Statement.id)
        .where(Statement.state == "waiting", Statement.due <= now)
        .order_by(Statement.due, Statement.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(oldest).all()
    if not ids:
        return []
    session.execute(
        update(Statement)
        .where(Statement.id.in_(ids))
        .values(due=now + lease, tries=Statement.tries + 1)
        .execution_options(synchronize_session=False)
    )
    query = (
        select(
            Statement,
            User.login,
            User.name,
            User.closed.is_not(None),
            Assignment.course_id,
            Assignment.id,
            Assignment.title,
            Problem.key,
            ProblemVersion.title,
            Attempt.id,
            Attempt.preview,
        )
        .join(Submission, Submission.id == Statement.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(User, User.id == Attempt.student_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .join(Problem, Problem.id == AssignmentProblem.problem_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .where(Statement.id.in_(ids))
        .order_by(Statement.id)
        .execution_options(populate_existing=True)
    )
    return [Told(*row) for row in session.execute(query)]


def settle(session: Session, ids: list[int], **values: object) -> None:
    """Note what became of these."""
    session.execute(
        update(Statement).where(Statement.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
    )


def drop_old(session: Session, before: datetime) -> None:
    """Forget what was settled and was made before a moment."""
    session.execute(delete(Statement).where(Statement.created < before, Statement.state != "waiting"))
