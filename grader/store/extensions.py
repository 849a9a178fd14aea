"""Extensions: what one student may do longer or more often than the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference, table_of
from grader.store.database import insert


class Extension(Base):
    """One student's own due date and number of tries; None: those of everybody."""

    __tablename__ = "extensions"
    __table_args__ = (UniqueConstraint("assignment_id", "student_id"),)

    id: Mapped[Id]
    assignment_id: Mapped[int] = mapped_column(reference("assignments"))
    student_id: Mapped[int] = mapped_column(reference("users"))
    due: Mapped[datetime | None]
    tries: Mapped[int | None]
    created: Mapped[datetime]


class OwnRules(NamedTuple):
    """The same as plain values, both None where there is no extension."""

    due: datetime | None
    tries: int | None


OWN_RULES = tuple(table_of(Extension).c[name] for name in OwnRules._fields)
FRESH = {"populate_existing": True}
"""`put` writes past the session, so what it knows already may be out of date."""
Key = tuple[int, int]
"""An assignment's id and a student's."""


def of_assignments(
    session: Session, assignment_ids: Sequence[int], student_ids: Sequence[int] | None = None
) -> Mapping[Key, Extension]:
    """The extensions in these assignments (of these students)."""
    query = select(Extension).where(Extension.assignment_id.in_(assignment_ids))
    if student_ids is not None:
        query = query.where(Extension.student_id.in_(student_ids))
    return {(row.assignment_id, row.student_id): row for row in session.scalars(query, execution_options=FRESH)}


def of_student(session: Session, assignment_id: int, student_id: int) -> Extension | None:
    """The student's extension in an assignment."""
    query = select(Extension).filter_by(assignment_id=assignment_id, student_id=student_id)
    return session.scalar(query, execution_options=FRESH)


def put(session: Session, assignment_id: int, student_id: int, values: Mapping[str, Any]) -> None:
    """Put these values in the place of what was there."""
    statement = insert(session, Extension).values(assignment_id=assignment_id, student_id=student_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["assignment_id", "student_id"], set_=dict(values)))


def remove(session: Session, assignment_id: int, student_id: int) -> None:
    """Take the extension away."""
    session.execute(
        delete(Extension).where(Extension.assignment_id == assignment_id, Extension.student_id == student_id)
    )
