"""Results as CSV in the shapes that learning platforms import: students × assignments."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from grader.errors import InvalidRequest
from grader.services.results import ResultTable, Row
from grader.services.spreadsheets import by_assignment, decimal, defused, is_untried


class Shape(StrEnum):
    """The platform that is to read the file."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    BLACKBOARD = "blackboard"


Identity = Callable[[Row, ResultTable], Sequence[str]]
HEADS: Mapping[Shape, Sequence[str]] = {
    Shape.CANVAS: ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
    Shape.MOODLE: ("Username", "Email address", "Full name"),
    Shape.BLACKBOARD: ("Username",),
}
WHO: Mapping[Shape, Identity] = {
    Shape.CANVAS: lambda row, table: (row.student.name, "", "", row.student.login, table.course_title),
    Shape.MOODLE: lambda row, _: (row.student.login, row.student.email or "", row.student.name),
    Shape.BLACKBOARD: lambda row, _: (row.student.login,),
}
CANVAS_MAXIMUM = "    Points Possible"
"""The words by which Canvas knows the line that says what there is to reach."""


def shape_of(text: str) -> Shape:
    """The shape of this name; InvalidRequest where there is none."""
    try:
        return Shape(text)
    except ValueError:
        raise InvalidRequest(f"The shape is one of {', '.join(Shape)}.", "shape") from None


def as_gradebook(table: ResultTable, shape: Shape) -> str:
    """The table in this shape.

    Who has tried nothing has an empty cell, so that an import leaves their grade as it is; zero is zero.
    Cells that a spreadsheet would run as formulas are defused.
    """
    out = io.StringIO()
    is_quoted = shape is Shape.BLACKBOARD
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL)
    parts = list(by_assignment(table))
    titles = _told_apart([part.title for part in parts])
    writer.writerow([*HEADS[shape], *map(defused, titles)])
    if shape is Shape.CANVAS:
        writer.writerow([CANVAS_MAXIMUM, "", "", "", "", *(decimal(part.max_points) for part in parts)])
    points = [dict(_points(part)) for part in parts]
    for row in table.rows:
        cells = (_cell(each[row.student.id]) for each in points)
        writer.writerow([*map(defused, WHO[shape](row, table)), *cells])
    return out.getvalue()


def _points(part: ResultTable) -> Iterator[tuple[int, Fraction | None]]:
    """What each student has reached in one assignment, None where nothing was tried."""
    for row in part.rows:
        yield row.student.id, None if all(map(is_untried, row.cells)) else row.points


def _cell(points: Fraction | None) -> str:
    return "" if points is None else decimal(points)


def _told_apart(titles: Sequence[str]) -> list[str]:
    """The titles; one that comes again has its number, for platforms take a column by its title."""
    found: list[str] = []
    for title in titles:
        name, number = title, 2
        while name in found:
            name, number = f"{title} ({number})", number + 1
        found.append(name)
    return found
