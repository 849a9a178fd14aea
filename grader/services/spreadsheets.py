"""Tables of results as files for a spreadsheet: CSV, and XLSX with a sheet for each assignment."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from grader.services.policies import Progress
from grader.services.results import Cell, Column, ResultTable, Row, total

LONGEST_SHEET_NAME = 31
FORBIDDEN_IN_SHEET_NAMES = str.maketrans("[]:*?/\\", "()     ")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
LONGEST_CELL = 32_767  # characters, in Excel

T = TypeVar("T")


def as_csv(table: ResultTable) -> str:
    """The table as CSV with a header line.

    Cells that a spreadsheet would run as formulas are defused.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    titles = [f"{column.assignment_title}: {column.problem_title}" for column in table.columns]
    writer.writerow([defused(text) for text in ("Log-in", "Name", *titles, "Points")])
    writer.writerow(
        ["", "Maximum", *(decimal(column.max_points) for column in table.columns), decimal(table.max_points)]
    )
    say = once(decimal)
    for row in table.rows:
        names = (defused(row.student.login), defused(row.student.name))
        cells = ("" if is_untried(cell) else say(cell.points) for cell in row.cells)
        writer.writerow([*names, *cells, decimal(row.points)])
    return out.getvalue()


def as_workbook(table: ResultTable) -> bytes:
    """The table as XLSX: a summary with the points of each assignment, then a sheet for each of them."""
    parts = list(by_assignment(table))
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, settings) as book:
        look = _Look(
            book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            book.add_format({"quote_prefix": True}),
            book.add_format({"num_format": "0"}),
            book.add_format({"num_format": "0.####"}),
        )
        names = _sheet_names(["Summary", *(part.title for part in parts)])
        _write_summary(book.add_worksheet(names[0]), look, table, parts)
        for name, part in zip(names[1:], parts, strict=True):
            heads = [(column.problem_title, column.max_points) for column in part.columns]
            cells = [[None if is_untried(cell) else cell.points for cell in row.cells] for row in part.rows]
            _write(book.add_worksheet(name), look, part, heads, cells)
    return out.getvalue()


def once(turn: Callable[[Fraction], T]) -> Callable[[Fraction], T]:
    """The same, worked out once for each number: a table has few different ones, and fractions are slow.

    A number is known by its identity, which is its own as long as it is held here.
    """
    known: dict[int, tuple[Fraction, T]] = {}

    def turned(number: Fraction) -> T:
        found = known.get(id(number))
        if found is None:
            found = known[id(number)] = (number, turn(number))
        return found[1]

    return turned


def is_untried(cell: Cell) -> bool:
    """Whether nothing was tried: zero and not attempted are different things."""
    return cell.progress in (Progress.NEW, Progress.STARTED)


def decimal(number: Fraction) -> str:
    """Points as a decimal with at most four places.

    >>> decimal(Fraction(7, 2)), decimal(Fraction(2, 3)), decimal(Fraction(10))
    ('3.5', '0.6667', '10')
    """
    text = f"{round(number * 10**4):+06d}"
    whole = f"{text[1:-4]}.{text[-4:]}".rstrip("0").rstrip(".")
    return f"-{whole}" if number < 0 else whole


@dataclass(frozen=True, slots=True)
class _Look:
    """How cells look; `text` is never taken for a formula, also when it is edited."""

    head: Format
    text: Format
    whole: Format
    broken: Format

    def points(self, number: Fraction) -> Format:
        """By the format of broken numbers a whole one would end in a point."""
        return self.whole if number.denominator == 1 else self.broken


def by_assignment(table: ResultTable) -> Iterator[ResultTable]:
    """The table of each assignment by itself, in order."""
    begin = 0
    while begin < len(table.columns):
        first, end = table.columns[begin], begin
        while end < len(table.columns) and table.columns[end].assignment_id == first.assignment_id:
            end += 1
        columns: tuple[Column, ...] = table.columns[begin:end]
        rows = tuple(Row(row.student, cells, total(cells)) for row in table.rows for cells in [row.cells[begin:end]])
        most = sum((column.max_points for column in columns), Fraction(0))
        yield replace(table, title=first.assignment_title, columns=columns, rows=rows, max_points=most)
        begin = end


def _write_summary(sheet: Worksheet, look: _Look, table: ResultTable, parts: Sequence[ResultTable]) -> None:
    """The points of each assignment."""
    heads = [(part.title, part.max_points) for part in parts]
    cells = [
        [None if all(map(is_untried, part.rows[place].cells)) else part.rows[place].points for part in parts]
        for place in range(len(table.rows))
    ]
    _write(sheet, look, table, heads, cells)


def _write(
    sheet: Worksheet,
    look: _Look,
    table: ResultTable,
    heads: Sequence[tuple[str, Fraction]],
    cells: Sequence[Sequence[Fraction | None]],
) -> None:
    """One sheet: names, a column for each head, the sum; the second line holds what there is to reach."""
    for place, text in enumerate(("Log-in", "Name", *(head for head, _ in heads), "Points")):
        sheet.write_string(0, place, text[:LONGEST_CELL], look.head)
    sheet.write_string(1, 1, "Maximum", look.head)
    for place, most in enumerate([*(most for _, most in heads), table.max_points], start=2):
        sheet.write_number(1, place, float(most), look.points(most))
    number = once(lambda value: (float(value), look.points(value)))
    for line, (row, points) in enumerate(zip(table.rows, cells, strict=True), start=2):
        sheet.write_string(line, 0, row.student.login, look.text)
        sheet.write_string(line, 1, row.student.name, look.text)
        for place, value in enumerate([*points, row.points], start=2):
            if value is not None:
                sheet.write_number(line, place, *number(value))
    sheet.freeze_panes(2, 2)
    sheet.set_column(0, 1, 22)
    sheet.set_column(2, len(heads) + 2, 14)


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Names that a spreadsheet takes: short, without some characters, no two the same whatever their case."""
    names: list[str] = []
    taken: set[str] = {"history"}  # Excel keeps this one for itself
    for title in titles:
        plain = "".join(each if each.isprintable() else " " for each in title.translate(FORBIDDEN_IN_SHEET_NAMES))
        plain = plain.strip().strip("'") or "Assignment"
        name, number = plain[:LONGEST_SHEET_NAME].rstrip("' "), 2
        while name.lower() in taken:
            tail = f" ({number})"
            name, number = plain[: LONGEST_SHEET_NAME - len(tail)] + tail, number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def defused(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
