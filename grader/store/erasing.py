"""Deleting rows with all that hangs on them, by what the tables themselves say refers to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.orm import Session

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base

KEPT = frozenset({"audit", "attempts", "submissions", "enrolments"})
"""Tables whose references to a person stay: the person is a number without a name by then."""
AUTHORS = frozenset({"author_id", "created_by", "ended_by", "applied_by", "undone_by"})
"""Columns that say who made or changed a thing: it is not about them, but the course's, and stays with its author."""
BATCH = 500


def answers_in(session: Session, course_id: int, student_id: int) -> Sequence[int]:
    """The ids of a student's attempts in a course."""
    return session.scalars(
        select(Attempt.id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(Assignment.course_id == course_id, Attempt.student_id == student_id)
    ).all()


def erase_rows(session: Session, table: str, ids: Sequence[int]) -> None:
    """Delete these rows and all rows that cannot be without them; what can be without them only lets go."""
    rows = Base.metadata.tables[table]
    for begin in range(0, len(ids), BATCH):
        some = ids[begin : begin + BATCH]
        for other, column in _referring(rows):
            if column.nullable:
                session.execute(update(other).where(column.in_(some)).values({column.name: None}))
            elif "id" in other.c:
                erase_rows(session, other.name, session.scalars(select(other.c.id).where(column.in_(some))).all())
            else:
                session.execute(delete(other).where(column.in_(some)))
        session.execute(delete(rows).where(rows.c.id.in_(some)))
    session.expire_all()


def erase_about(session: Session, person_id: int) -> None:
    """Delete what is kept about a person beside their answers: tokens, settings, links to other systems.

    What they made for a course stays: its problems, its regrades, its decisions, its webhooks, its invitations.
    """
    for other, column in _referring(Base.metadata.tables["users"]):
        if other.name in KEPT or column.name in AUTHORS:
            continue
        if column.nullable and other.name != "invitations":
            session.execute(update(other).where(column == person_id).values({column.name: None}))
        elif "id" in other.c:
            erase_rows(session, other.name, session.scalars(select(other.c.id).where(column == person_id)).all())
        else:
            session.execute(delete(other).where(column == person_id))
    session.expire_all()


def _referring(table: Table) -> Iterator[tuple[Table, Column[int]]]:
    """Each table with a column that refers to this one."""
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table:
                yield other, other.c[key.parent.name]
