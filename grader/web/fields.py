"""The input of one part: what its form fields are called, and the one text that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from flask_babel import gettext
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from grader.bank.variant import VariantPart
from grader.errors import AnswerError
from grader.reading.text import read
from grader.web.answer_words import in_page_words
from grader.web.typesetting import line_to_html, line_to_words

Place = tuple[int, int]
Cells = tuple[tuple[str, ...], ...]

GRID_TYPES = ("vector", "matrix", "table")
LARGEST_GRID = 12  # rows or columns; a larger key gets a line
OPENING, CLOSING = "([{", ")]}"
MEANT = "meant."
"""What the buttons are called, before the part's id, that say which of two readings is meant."""
PLACEHOLDERS = {
    "vector": "[2x, 3]",
    "matrix": "[[1, 2], [3, 4]]",
    "matrix-expression": "P^T Q - 3 R",
    "table": "[[1, 2], [3, 4]]",
    "list": "1, 2, 3",
    "set": "{1, -1}",
    "interval": "(0, 1]",
    "inequality": "0 < x <= 1",
    "equation": "y = 2x + 1",
    "witness": "[3/5, -4/5]",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of a grid; `state` is "", "right", "some", "wrong" or "unread"."""

    name: str
    text: str
    label: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice; `words` name it where its label shows a formula and nothing else."""

    value: str
    label: Markup
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """The input of a part, filled in; a grid whose text is no such grid has it in `whole`."""

    kind: Literal["line", "text", "grid", "one", "many"]
    name: str
    text: str = ""
    state: str = ""
    placeholder: str = ""
    cells: tuple[tuple[Cell, ...], ...] = ()
    bracketed: bool = False
    headers: tuple[str, ...] = ()
    whole: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the boxes of a grid, and in the line that can be filled in instead."""

    cells: Cells
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that cannot be read: what and where, in the text of the line or box that it was typed into."""

    message: str
    repair: str
    text: str
    start: int
    end: int
    place: str = ""

    @classmethod
    def of(cls, error: AnswerError, text: str, place: str = "") -> Self:
        """The error in the language of the page."""
        return cls(in_page_words(error.message), in_page_words(error.repair), text, error.start, error.end, place)


def name_of(part: VariantPart) -> str:
    """The name of the part's form field."""
    return f"answer.{part.id}"


def shape_of(part: VariantPart) -> tuple[int, int] | None:
    """Rows and columns of the part's grid, None where it has none."""
    shape = part.shape if part.type in GRID_TYPES else None
    return shape if shape and all(0 < size <= LARGEST_GRID for size in shape) else None


def response_of(part: VariantPart, form: MultiDict[str, str]) -> str:
    """The one text that the part's form fields make; "" where nothing is filled in.

    Where the student was asked which of two readings was meant, the button that answers takes their place.
    """
    name = name_of(part)
    if meant := form.get(MEANT + part.id, ""):
        return meant
    if part.type == "choice":
        return ", ".join(form.getlist(name))
    whole = form.get(f"{name}.text", "") or form.get(name, "")
    if whole.strip():
        return whole
    cells = typed_of(part, form).cells
    return compose(part.type, cells) if any(cell for row in cells for cell in row) else ""


def typed_of(part: VariantPart, form: MultiDict[str, str]) -> Typed:
    """What was typed into the boxes of the part's grid, and into the line beside it."""
    shape = shape_of(part)
    if shape and (meant := form.get(MEANT + part.id, "")):
        return _split(part, meant, shape)
    rows, columns = shape or (0, 0)
    name = name_of(part)
    boxes = ((form.get(f"{name}[{i}][{j}]", "").strip() for j in range(columns)) for i in range(rows))
    return Typed(tuple(tuple(row) for row in boxes), form.get(f"{name}.text", ""))


def is_lost(part: VariantPart, typed: Typed) -> bool:
    """Whether the boxes could not be told apart again in the one text, as with a bracket that is not closed."""
    if typed.whole.strip() or not any(cell for row in typed.cells for cell in row):
        return False
    text = compose(part.type, typed.cells)
    spans = spans_of(part, text)
    boxes = {(i, j): cell for i, row in enumerate(typed.cells) for j, cell in enumerate(row)}
    return {place: text[start:end] for place, (start, end) in spans.items()} != boxes


def compose(type_name: str, cells: Cells) -> str:
    """The grid as one text, as it would be typed."""
    if type_name == "vector" and len(cells) == 1:
        return f"[{', '.join(cells[0])}]"
    if type_name == "vector" and all(len(row) == 1 for row in cells):
        return f"[{'; '.join(row[0] for row in cells)}]"
    return f"[{', '.join('[' + ', '.join(row) + ']' for row in cells)}]"


def spans_of(part: VariantPart, text: str) -> Mapping[Place, tuple[int, int]]:
    """Where each box's text stands in the composed one; empty where the text is no grid of this shape."""
    shape = shape_of(part)
    if not shape:
        return {}
    rows, columns = shape
    outer = _inside(text, (0, len(text)))
    if part.type == "vector" and 1 in shape:
        pieces = [[span] for span in outer] if columns == 1 else [outer]
    else:
        pieces = [_inside(text, span) for span in outer]
    if len(pieces) != rows or any(len(row) != columns for row in pieces):
        return {}
    return {(i, j): span for i, row in enumerate(pieces) for j, span in enumerate(row)}


def field_of(
    part: VariantPart,
    text: str,
    state: str = "",
    states: Mapping[Place, str] | None = None,
    typed: Typed | None = None,
) -> Field:
    """The part's input with this text in it; `states` colours the boxes of a grid, `typed` fills them as they were."""
    name = name_of(part)
    if part.type == "choice":
        chosen = {piece.strip() for piece in text.split(",")}
        options = tuple(
            Option(value, line_to_html(words), line_to_words(words), value in chosen) for value, words in part.options
        )
        return Field("many" if part.settings.get("multiple") else "one", name, text, state, options=options)
    shape = shape_of(part)
    placeholder = PLACEHOLDERS.get(part.type, "")
    if not shape:
        return Field("text" if part.type == "written" else "line", name, text, state, placeholder)
    typed = typed or _split(part, text, shape)
    cells = tuple(
        tuple(_cell(part, (i, j), cell, states or {}) for j, cell in enumerate(row))
        for i, row in enumerate(typed.cells)
    )
    return Field("grid", name, text, state, placeholder, cells, bracketed=part.type != "table", whole=typed.whole)


def _split(part: VariantPart, text: str, shape: tuple[int, int]) -> Typed:
    """A text put back into boxes, or into the line where it does not fit them."""
    spans = spans_of(part, text)
    rows, columns = shape
    cells = tuple(tuple(text[slice(*spans.get((i, j), (0, 0)))] for j in range(columns)) for i in range(rows))
    return Typed(cells, "" if spans else text)


def fault_of(part: VariantPart, text: str, error: AnswerError) -> Fault:
    """The fault as the student sees it: in a grid, in the box where it stands."""
    for place, (start, end) in spans_of(part, text).items():
        if fault := box_fault(part, place, text[start:end]):
            return fault
    return Fault.of(error, text)


def box_fault(part: VariantPart, place: Place, text: str) -> Fault | None:
    """What is wrong in one box of a grid, read by itself; None where nothing is."""
    where = f"{place_words(place)}:"
    if not text:
        return Fault(gettext("this box is empty."), gettext("Write 0 where the entry is zero."), "", 0, 0, where)
    try:
        read(text, part.vocabulary)
    except AnswerError as error:
        return Fault.of(error, text, where)
    return None


def place_words(place: Place) -> str:
    """Row and column, counted from 1."""
    return str(gettext("Row %(row)s, column %(column)s", row=place[0] + 1, column=place[1] + 1))


def _cell(part: VariantPart, place: Place, text: str, states: Mapping[Place, str]) -> Cell:
    name = f"{name_of(part)}[{place[0]}][{place[1]}]"
    label = gettext("row %(row)s, column %(column)s", row=place[0] + 1, column=place[1] + 1)
    return Cell(name, text, label, states.get(place, ""))


def _inside(text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """The spans of the trimmed entries of a bracketed list that stands at this span, none where there is none."""
    start, end = span
    if end - start < 2 or text[start] != "[" or text[end - 1] != "]":
        return []
    spans, depth, begin = [], 0, start + 1
    for position in range(start + 1, end):
        char = text[position]
        if position == end - 1 or (char in ",;" and depth == 0):
            piece = text[begin:position]
            lead = len(piece) - len(piece.lstrip())
            spans.append((begin + lead, begin + max(lead, len(piece.rstrip()))))
            begin = position + 1
        depth += (char in OPENING) - (char in CLOSING)
    return spans
