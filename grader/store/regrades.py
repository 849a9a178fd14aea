"""Regrades: judging anew what was sent in, first to see what would change, then for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Text, UniqueConstraint, func, select, type_coerce, update
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from grader.store.assignments import AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.problems import ProblemVersion
from grader.store.users import User

RUNNING, READY, APPLYING, APPLIED, UNDOING, UNDONE = STATES = (
    "running",
    "ready",
    "applying",
    "applied",
    "undoing",
    "undone",
)


class Regrade(Base):
    """One regrade of an assignment; `state` is one of STATES.

    `policy` is "never_lower" or "exact", `basis` says what is judged with: "clusters", "engine" or "version".
    `versions` holds the version to judge by for each problem of the assignment. `done` of `total` attempts
    are looked at, up to the one with the id `cursor`. A request that is repeated has the same `key`.
    """

    __tablename__ = "regrades"
    __table_args__ = (UniqueConstraint("assignment_id", "key"),)

    id: Mapped[Id]
    assignment_id: Mapped[int] = mapped_column(reference("assignments"))
    author_id: Mapped[int] = mapped_column(reference("users"))
    key: Mapped[str | None]
    policy: Mapped[str]
    basis: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    versions: Mapped[dict[str, Any]]
    total: Mapped[int]
    done: Mapped[int]
    cursor: Mapped[int]
    created: Mapped[datetime]
    applied: Mapped[datetime | None]
    applied_by: Mapped[int | None] = mapped_column(reference("users"))
    undone: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(reference("users"))


class RegradeChange(Base):
    """What a regrade does to one attempt.

    `state` is "planned", "applied", "undone", "outdated" (graded anew before it was applied) or "changed"
    (graded anew after, so that it was not undone). `before` and `after` are the attempt's marks.
    `lines` tell what changes part by part; `results` holds, by submission, the grading that was looked at and
    the new result; `applied` the gradings that were added: the judge's own, and the one that counted.
    """

    __tablename__ = "regrade_changes"
    __table_args__ = (UniqueConstraint("regrade_id", "attempt_id"),)

    id: Mapped[Id]
    regrade_id: Mapped[int] = mapped_column(reference("regrades"))
    attempt_id: Mapped[int] = mapped_column(reference("attempts"), index=True)
    state: Mapped[str]
    before: Mapped[Fraction]
    after: Mapped[Fraction]
    max_score: Mapped[Fraction]
    lines: Mapped[list[Any]]
    results: Mapped[dict[str, Any]]
    applied: Mapped[dict[str, Any]]


def by_key(session: Session, assignment_id: int, key: str) -> Regrade | None:
    """The regrade that was asked for with this key."""
    return session.scalar(select(Regrade).filter_by(assignment_id=assignment_id, key=key))


def of_assignment(session: Session, assignment_id: int, most: int) -> Sequence[tuple[Regrade, str]]:
    """The regrades of an assignment with the names of those who asked for them, the newest first."""
    query = select(Regrade, User.name).join(User, User.id == Regrade.author_id)
    return session.execute(
        query.where(Regrade.assignment_id == assignment_id).order_by(Regrade.id.desc()).limit(most)
    ).all()


def turn(session: Session, regrade_id: int, state: str, to: str, **values: Any) -> bool:
    """Turn a regrade from one state into another; False when it is not in the first one."""
    changed = session.scalar(
        update(Regrade)
        .where(Regrade.id == regrade_id, Regrade.state == state)
        .values(state=to, **values)
        .returning(Regrade.id)
    )
    return changed is not None


def advance(session: Session, regrade_id: int, before: int, to: int, count: int) -> bool:
    """Move on by so many attempts; False when somebody else has."""
    changed = session.scalar(
        update(Regrade)
        .where(Regrade.id == regrade_id, Regrade.state == RUNNING, Regrade.cursor == before)
        .values(cursor=to, done=Regrade.done + count)
        .returning(Regrade.id)
    )
    return changed is not None


def attempts_of(session: Session, assignment_id: int, after: int, most: int) -> Sequence[Attempt]:
    """Attempts at an assignment with later ids than this, in order; previews are none."""
    query = select(Attempt).join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
    return session.scalars(
        query.where(AssignmentProblem.assignment_id == assignment_id, Attempt.preview.is_(False), Attempt.id > after)
        .order_by(Attempt.id)
        .limit(most)
    ).all()


def count_attempts(session: Session, assignment_id: int) -> int:
    """How many attempts there are to look at."""
    query = select(func.count(Attempt.id)).join(
        AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id
    )
    return (
        session.scalar(query.where(AssignmentProblem.assignment_id == assignment_id, Attempt.preview.is_(False))) or 0
    )


def in_state(session: Session, regrade_id: int, state: str, most: int) -> Sequence[int]:
    """The ids of changes in this state, in order."""
    query = select(RegradeChange.id).filter_by(regrade_id=regrade_id, state=state)
    return session.scalars(query.order_by(RegradeChange.id).limit(most)).all()


def changes(
    session: Session, regrade_id: int, most: int, after: int = 0
) -> Sequence[tuple[RegradeChange, int, str, str]]:
    """The changes of a regrade with the student's id and name and the problem's title.

    Results are left in the database: they are long, and nobody looks at them here.
    """
    heavy = [defer(column, raiseload=True) for column in (RegradeChange.results, RegradeChange.applied)]
    return session.execute(
        select(RegradeChange, User.id, User.name, ProblemVersion.title)
        .options(*heavy)
        .join(Attempt, Attempt.id == RegradeChange.attempt_id)
        .join(User, User.id == Attempt.student_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(ProblemVersion, ProblemVersion.id == AssignmentProblem.problem_version_id)
        .where(RegradeChange.regrade_id == regrade_id, RegradeChange.id > after)
        .order_by(RegradeChange.id)
        .limit(most)
    ).all()


class Tally(NamedTuple):
    """How many changes are in this state with these marks, and how many of their lines keep their marks and why."""

    state: str
    before: Fraction
    after: Fraction
    number: int
    kept_lower: int
    kept_marked: int
    kept_undecided: int


def tally(session: Session, regrade_id: int) -> Sequence[Tally]:
    """The changes of a regrade, counted by the database: one row for each state with the same marks."""
    one = RegradeChange
    groups = (one.state, one.before, one.after)
    kept = [_lines_kept(why) for why in ("lower", "marked", "undecided")]
    query = select(*groups, func.count(), *kept).where(one.regrade_id == regrade_id).group_by(*groups)
    return [Tally._make(row) for row in session.execute(query)]


def _lines_kept(why: str) -> ColumnElement[int]:
    """How many lines of all changes are kept for this reason, told by the text in which they are stored.

    A quotation mark inside of a value is escaped there, so nothing else looks like the word that is counted.
    """
    word, lines = f'"kept":"{why}"', type_coerce(RegradeChange.lines, Text)
    without = func.length(func.replace(lines, word, ""), type_=Integer)
    return func.sum((func.length(lines, type_=Integer) - without) // len(word))


def locked(session: Session, change_id: int) -> RegradeChange:
    """A change, kept from all other writers until the transaction ends."""
    query = select(RegradeChange).where(RegradeChange.id == change_id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def newest_version(session: Session, problem_id: int) -> int | None:
    """The version of a problem that was stored last."""
    return session.scalar(select(func.max(ProblemVersion.id)).where(ProblemVersion.problem_id == problem_id))
