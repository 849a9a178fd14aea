"""Workbooks as another program reads them, what XML has no sign for included."""

from __future__ import annotations

import io
import re
import zipfile
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from grader.services.workbooks import LONGEST_TEXT, Line, Sheet, column_name, workbook

HALF, THREE = Fraction(1, 2), Fraction(3)
PLAIN = Sheet(
    "Points",
    ["Log-in", "Name", "First", "Second"],
    [Line((None, "Maximum"), [THREE, THREE]), Line(("ada", "=1+1"), [HALF, None])],
)


def read(*sheets: Sheet) -> Workbook:
    return load_workbook(io.BytesIO(workbook(sheets)))


def test_how_a_sheet_looks() -> None:
    sheet = read(PLAIN)["Points"]
    rows = [("Log-in", "Name", "First", "Second"), (None, "Maximum", 3, 3), ("ada", "=1+1", 0.5, None)]
    assert list(sheet.iter_rows(values_only=True)) == rows
    assert sheet.freeze_panes == "C3"
    assert [sheet.column_dimensions[name].width for name in "AC"] == [22.7, 14.7]
    assert [sheet[place].font.b for place in ("A1", "B2", "A3", "C3")] == [True, True, False, False]
    assert sheet["A1"].alignment.wrap_text
    assert sheet["A1"].border.bottom.style == "thin"
    assert [sheet[place].number_format for place in ("C2", "C3")] == ["0", "0.####"]


def test_text_is_never_a_formula() -> None:
    cell = read(PLAIN)["Points"]["B3"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_many_sheets_and_columns() -> None:
    wide = Sheet("Wide", ["a", "b", *map(str, range(40))], [Line(("x", "y"), [Fraction(k) for k in range(40)])])
    book = read(wide, PLAIN, Sheet("<&\"'>", ["a", "b"], []))
    assert book.sheetnames == ["Wide", "Points", "<&\"'>"]
    assert book.active.title == "Wide"
    assert book["Wide"][f"{column_name(41)}2"].value == 39


@pytest.mark.parametrize("text", ["a\x07b", "_x0007_", "\r\n\t end ", "<b>&amp;", "∇f ≠ 🎲", "\ufffe", ""])
def test_texts_come_back(text: str) -> None:
    made = workbook([Sheet("s", [text, "b"], [])])
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        kept = ET.fromstring(package.read("xl/sharedStrings.xml"))[0][0].text or ""
    assert re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), kept) == text


@given(st.text(st.characters(exclude_categories=())))
def test_every_text_makes_xml(text: str) -> None:
    made = workbook([Sheet("s", [text, "b"], [Line((text, text), [])])])
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        for name in package.namelist():
            ET.fromstring(package.read(name))


def test_a_long_text_is_cut_and_the_same_sheets_make_the_same_file() -> None:
    long = Sheet("s", ["x" * (LONGEST_TEXT + 1), "b"], [])
    assert len(read(long)["s"]["A1"].value) == LONGEST_TEXT
    assert workbook([PLAIN]) == workbook([PLAIN])
