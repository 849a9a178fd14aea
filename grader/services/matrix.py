"""The table of results as it is looked at: filtered, sorted, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services.access import Actor
from grader.services.policies import Progress
from grader.services.results import Cell, ResultTable, Row, assignments_results, course_results
from grader.store import assignments, waiting

PAGE = 50
LONGEST_FILTER = 100
COLUMN = "p"
"""Before the id of the column that is sorted by."""


class State(StrEnum):
    """How far a student is with all that a table shows."""

    NEW = "new"  # nothing begun
    OPEN = "open"  # begun, not all solved
    SOLVED = "solved"  # all of it
    WAITING = "waiting"  # some answer waits for a person


@dataclass(frozen=True, slots=True)
class Filters:
    """What is to be seen: students by name, state and points, of some assignment or all, in which order.

    `sort` is "name", "login", "points" or "p" with the id of a column; with "-" before it backwards.
    """

    assignment_id: int | None = None
    name: str = ""
    state: State | None = None
    least: Fraction | None = None
    most: Fraction | None = None
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Matrix:
    """One page of the table; `matched` of the `students` passed the filters.

    `means` has, for each column and then for the sum, the mean points of those who passed and have tried.
    `assignments` are all of the course, by id and title; `waiting` counts what waits for a person in it.
    """

    table: ResultTable
    filters: Filters
    students: int
    matched: int
    pages: int
    means: tuple[Fraction | None, ...]
    assignments: tuple[tuple[int, str], ...]
    waiting: int


def matrix(session: Session, actor: Actor, course_id: int, filters: Filters, size: int = PAGE) -> Matrix:
    """The page of a course's results that the filters ask for, so many students a page (teachers)."""
    if filters.assignment_id is None:
        table = course_results(session, actor, course_id)
    else:
        table = assignments_results(session, actor, course_id, [filters.assignment_id])
    if len(filters.name) > LONGEST_FILTER:
        raise InvalidRequest(f"A name to look for has at most {LONGEST_FILTER} characters.", "name")
    found = sorted_rows(table, [row for row in table.rows if _passes(row, filters)], filters.sort)
    pages = max(1, -(-len(found) // size))
    page = min(max(1, filters.page), pages)
    shown = replace(table, rows=tuple(found[(page - 1) * size : page * size]))
    return Matrix(
        table=shown,
        filters=replace(filters, page=page),
        students=len(table.rows),
        matched=len(found),
        pages=pages,
        means=_means(table, found),
        assignments=tuple((row.id, row.title) for row in assignments.of_course(session, course_id)),
        waiting=waiting.total(session, course_id),
    )


def state_of(cells: Sequence[Cell]) -> State:
    """How far a student is with these problems."""
    if any(cell.waiting for cell in cells):
        return State.WAITING
    if all(cell.progress is Progress.NEW for cell in cells):
        return State.NEW
    return State.SOLVED if all(cell.progress is Progress.SOLVED for cell in cells) else State.OPEN


def sorted_rows(table: ResultTable, rows: list[Row], sort: str) -> list[Row]:
    """The rows in this order; those who are alike in it stay in the order of their names."""
    key, backwards = sort.removeprefix("-"), sort.startswith("-")
    return sorted(rows, key=_key(table, key), reverse=backwards)


def _key(table: ResultTable, key: str) -> Callable[[Row], Any]:
    """What rows are compared by; InvalidRequest where there is no such thing."""
    places = {f"{COLUMN}{column.id}": place for place, column in enumerate(table.columns)}
    if key in places:
        place = places[key]
        return lambda row: (row.cells[place].attempt_id is not None, row.cells[place].points)
    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: row.student.name.casefold(),
        "login": lambda row: row.student.login,
        "points": lambda row: row.points,
    }
    if key not in keys:
        raise InvalidRequest("The table has no such column to sort by.", "sort")
    return keys[key]


def _passes(row: Row, filters: Filters) -> bool:
    """Whether the student is to be seen."""
    wanted = filters.name.strip().casefold()
    student = row.student
    if wanted and not any(wanted in text.casefold() for text in (student.name, student.login, student.email or "")):
        return False
    if filters.state is not None and state_of(row.cells) is not filters.state:
        return False
    if filters.least is not None and row.points < filters.least:
        return False
    return filters.most is None or row.points <= filters.most


def _means(table: ResultTable, rows: Sequence[Row]) -> tuple[Fraction | None, ...]:
    """The mean of each column over those who have begun it, and of the sums over all."""
    means: list[Fraction | None] = []
    for place in range(len(table.columns)):
        points = [row.cells[place].points for row in rows if row.cells[place].attempt_id is not None]
        means.append(_mean(points))
    return (*means, _mean([row.points for row in rows]))


def _mean(points: Sequence[Fraction]) -> Fraction | None:
    """The mean to four places, since nobody reads more; each number is turned once, since fractions are slow."""
    if not points:
        return None
    known = {id(one): one for one in points}
    sums = [float(known[key]) * number for key, number in Counter(map(id, points)).items()]
    return Fraction(round(10**4 * sum(sums) / len(points)), 10**4)
