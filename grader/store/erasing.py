"""Deleting rows with all that hangs on them, by what the tables themselves say refers to what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, Update, delete, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, JsonText

KEPT = frozenset({"audit", "attempts", "submissions", "enrolments", "gradings", "manual_marks"})
"""Tables whose references to a person stay: the person is a number without a name by then."""
BATCH = 500
UNTOUCHED = frozenset(
    (
        "audit",
        "users",
        "courses",
        "problems",
        "problem_versions",
        "problem_saves",
        "problem_sweeps",
        "ready_variants",
        "attempts",
    )
)
"""Tables in which nobody is redacted: texts that teachers wrote for all, rows without words of anybody's."""
SHORTEST_LOGIN = 5
REDACTED = "[erased]"


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
    """Delete what is kept about a person beside their answers: tokens, settings, links to other systems."""
    for other, column in _referring(Base.metadata.tables["users"]):
        if other.name in KEPT:
            continue
        if column.nullable and other.name != "invitations":
            session.execute(update(other).where(column == person_id).values({column.name: None}))
        elif "id" in other.c:
            erase_rows(session, other.name, session.scalars(select(other.c.id).where(column == person_id)).all())
        else:
            session.execute(delete(other).where(column == person_id))
    session.expire_all()


def own_words(name: str, login: str, email: str | None) -> tuple[str, ...]:
    """What says who somebody is wherever it stands: a whole name, an address, a log-in name that is no plain word."""
    whole = [name] if " " in name.strip() else []
    marked = [login] if len(login) >= SHORTEST_LOGIN and not login.isalpha() else []
    return (*whole, *marked, *([email] if email else []))


def redact(session: Session, words: Sequence[str], attempt_ids: Sequence[int]) -> None:
    """Take these words out of every text that is kept: of these attempts, and of what is not anybody's answer.

    Texts of problems stay, which are the same for ever, and the audit log, which holds no words about people.
    """
    written = sorted({form for word in words for form in _forms(word)})
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.c if isinstance(column.type, JsonText | Text)]
        if written and columns and table.name not in UNTOUCHED:
            session.execute(_redacting(table, columns, written, _own_rows(table, attempt_ids)))
    session.expire_all()


def _forms(word: str) -> Iterator[str]:
    """A word as it stands in plain text, in JSON, and in JSON within JSON."""
    for _ in range(3):
        yield word
        word = json.dumps(word)[1:-1]


def _redacting(
    table: Table, columns: Sequence[Column[Any]], words: Sequence[str], own: ColumnElement[bool] | None
) -> Update:
    values, found = {}, []
    for column in columns:
        plain: ColumnElement[str] = type_coerce(column, Text)
        found += [plain.contains(word, autoescape=True) for word in words]
        for word in words:
            plain = func.replace(plain, word, REDACTED)
        values[column.name] = type_coerce(plain, column.type)
    statement = update(table).where(or_(*found)).values(values)
    return statement if own is None else statement.where(own)


def _own_rows(table: Table, attempt_ids: Sequence[int]) -> ColumnElement[bool] | None:
    """What picks the rows of these attempts out of a table of answers; None for other tables."""
    if "attempt_id" in table.c:
        return table.c.attempt_id.in_(attempt_ids)
    if "submission_id" in table.c:
        submissions = Base.metadata.tables["submissions"]
        mine = select(submissions.c.id).where(submissions.c.attempt_id.in_(attempt_ids))
        return table.c.submission_id.in_(mine)
    return None


def _referring(table: Table) -> Iterator[tuple[Table, Column[int]]]:
    """Each table with a column that refers to this one."""
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table:
                yield other, other.c[key.parent.name]
