"""The tables of examples in the documentation: each row is judged, and must come out as the page says."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grader.pairs import judge, pair_from_json

DOCS = Path(__file__).parents[2] / "docs"
LINE = re.compile(r"^\| (.*) \|$")
SETTINGS = re.compile(r"^<!-- (\{.*\}) -->$")
CODE = re.compile(r"`([^`]+)`|<code>(.*?)</code>")
# What a column of this heading says, as the words of a judgement; a column of another heading is for people only.
CHECKED = ("read as", "second reading", "verdict", "evidence", "said")
ASKED = ("typed", "response")


class Row(NamedTuple):
    """One row of a table: the page's settings for it, and its cells by their heading."""

    settings: dict[str, Any]
    cells: dict[str, str]


def rows(text: str) -> list[Row]:
    """The rows of all tables whose first column is typed by a student.

    A comment before a table, `<!-- {"type": "set"} -->`, holds what a line of `check --batch` would.
    """
    found: list[Row] = []
    settings: dict[str, Any] = {}
    headings: list[str] = []
    for line in text.splitlines():
        if given := SETTINGS.match(line):
            settings = json.loads(given[1])
        elif not (match := LINE.match(line)):
            if headings and not line.startswith("|---"):
                settings, headings = {}, []
        elif not headings:
            headings = match[1].split(" | ")
        elif headings[0] in ASKED:
            cells = match[1].split(" | ")
            assert len(cells) == len(headings), line
            found.append(Row(settings, dict(zip(headings, map(plain, cells), strict=True))))
    return found


def plain(cell: str) -> str:
    """What a cell shows: the code in it, or the words."""
    match = CODE.fullmatch(cell)
    return html.unescape(match[1] or match[2]) if match else cell


EXAMPLES = [(page, row) for page in ("notation.md", "judging.md") for row in rows((DOCS / page).read_text("utf-8"))]


@pytest.mark.parametrize(("page", "row"), EXAMPLES)
def test_a_row_comes_out_as_the_page_says(page: str, row: Row) -> None:
    cells = row.cells
    asked = cells.get("typed") or cells.get("response", "")
    response = asked.replace("⏎", "\n")
    defaults: dict[str, Any] = {"variables": {"x": {}, "y": {}}}
    judged = judge(pair_from_json(defaults | row.settings | {"response": response, "answer": cells.get("answer")}))
    found = {"read as": judged.read_as or "", "verdict": str(judged.outcome), "said": judged.message}
    found["evidence"] = "" if judged.evidence is None else judged.evidence.kind
    for heading in set(cells) & set(CHECKED):
        if heading == "said":
            assert cells[heading] in found[heading], page
        elif heading == "second reading":
            expected = f"as {judged.read_as} or as {cells[heading]}."
            other = judge(pair_from_json(defaults | row.settings | {"response": response, "answer": cells[heading]}))
            assert (str(other.outcome), expected in other.message) == ("ambiguous", True), page
        else:
            assert found[heading] == cells[heading], page


def test_both_pages_are_full_of_examples() -> None:
    counts = {page: sum(1 for each, _ in EXAMPLES if each == page) for page in ("notation.md", "judging.md")}
    assert counts["notation.md"] > 150, counts
    assert counts["judging.md"] > 30, counts


def test_the_modules_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:[a-z_]+/)?[a-z_]+\.py)`", (DOCS / "judging.md").read_text("utf-8"))
    assert len(named) > 15
    assert [each for each in named if not (DOCS.parent / "grader" / each).exists()] == []
