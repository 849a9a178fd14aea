from fractions import Fraction

import pytest
from werkzeug.datastructures import MultiDict

from grader.bank.variant import VariantPart
from grader.errors import AnswerError
from grader.reading.text import read
from grader.web.fields import Typed, compose, fault_of, field_of, is_lost, response_of, spans_of
from grader.web.previews import preview_of

MATRIX = VariantPart("j", "matrix", "J", Fraction(2), read("[[1, 2], [3, 4]]").tree, "", variables={"x": {}, "y": {}})
ROW = VariantPart("g", "vector", "g", Fraction(1), read("[1, 2, 3]").tree, "", variables={"x": {}})
COLUMN = VariantPart("c", "vector", "c", Fraction(1), read("[1; 2]").tree, "", variables={"x": {}})
LINE = VariantPart("f", "expression", "f", Fraction(1), read("2x").tree, "", variables={"x": {}})
WIDE = VariantPart("w", "vector", "w", Fraction(1), read(str(list(range(20)))).tree, "", variables={})
CHOICE = VariantPart(
    "k", "choice", "k", Fraction(1), read("[1]").tree, "", {"multiple": True}, options=(("a", "A"), ("b", "$B$"))
)


@pytest.mark.parametrize(
    ("part", "form", "response"),
    [
        (MATRIX, {"answer.j[0][0]": "x", "answer.j[1][1]": " y "}, "[[x, ], [, y]]"),
        (MATRIX, {"answer.j[0][0]": " ", "answer.j[1][1]": ""}, ""),
        (MATRIX, {}, ""),
        (MATRIX, {"answer.j[0][0]": "x", "answer.j.text": "[[1,2],[3,4]]"}, "[[1,2],[3,4]]"),
        (MATRIX, {"answer.j[9][9]": "x"}, ""),
        (ROW, {"answer.g[0][0]": "1", "answer.g[0][1]": "2", "answer.g[0][2]": "3"}, "[1, 2, 3]"),
        (COLUMN, {"answer.c[0][0]": "1", "answer.c[1][0]": "2"}, "[1; 2]"),
        (LINE, {"answer.f": " 2x "}, " 2x "),
        (WIDE, {"answer.w": "[1]"}, "[1]"),
        (CHOICE, {"answer.k": ["a", "b"]}, "a, b"),
        (CHOICE, {}, ""),
    ],
)
def test_form_fields_make_one_text(part: VariantPart, form: dict[str, str], response: str) -> None:
    assert response_of(part, MultiDict(form)) == response


@pytest.mark.parametrize(
    ("part", "cells"),
    [
        (MATRIX, (("x", "f(a, b)"), ("[1, 2]", ""))),
        (MATRIX, (("", ""), ("", ""))),
        (ROW, (("x", "", "log(x, 2)"),)),
        (COLUMN, (("x",), ("{1; 2}",))),
    ],
)
def test_boxes_are_found_again_in_the_text(part: VariantPart, cells: tuple[tuple[str, ...], ...]) -> None:
    text = compose(part.type, cells)
    spans = spans_of(part, text)
    assert {place: text[start:end] for place, (start, end) in spans.items()} == {
        (i, j): cell for i, row in enumerate(cells) for j, cell in enumerate(row)
    }
    field = field_of(part, text)
    assert tuple(tuple(cell.text for cell in row) for row in field.cells) == cells
    assert field.whole == ""


@pytest.mark.parametrize("text", ["[1, 2]", "x", "[[1, 2], [3, 4], [5, 6]]", "[[(, ], [, ]]", "((1, 2), (3, 4))", "["])
def test_a_text_that_is_no_such_grid_is_kept_whole(text: str) -> None:
    field = field_of(MATRIX, text)
    assert field.whole == text
    assert all(cell.text == "" for row in field.cells for cell in row)


def test_a_choice_is_filled_in() -> None:
    assert [(option.value, option.is_chosen) for option in field_of(CHOICE, "b").options] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("text", "place", "inside", "start"),
    [
        ("[[x, 2x +], [1, 1]]", "Row 1, column 2:", "2x +", 3),
        ("[[x, 1], [qq, 1]]", "Row 2, column 1:", "qq", 0),
        ("[[x, ], [1, 1]]", "Row 1, column 2:", "", 0),
        ("[[x, 1], [1", "", "[[x, 1], [1", 11),
    ],
)
def test_a_fault_is_shown_in_the_box_where_it_stands(text: str, place: str, inside: str, start: int) -> None:
    fault = fault_of(MATRIX, text, AnswerError("Something.", 11, 11))
    assert (fault.place, fault.text, fault.start) == (place, inside, start)


def test_a_preview_shows_gaps_until_the_grid_is_full() -> None:
    preview = preview_of(MATRIX, "[[x, ], [, y]]", Typed((("x", ""), ("", "y"))))
    assert preview.mathml.count("□") == 2
    assert preview.error is None
    fault = preview_of(MATRIX, "[[x, ], [, y+]]", Typed((("x", ""), ("", "y+")))).error
    assert fault is not None
    assert (fault.place, fault.text, fault.start) == ("Row 2, column 2:", "y+", 1)


def test_a_preview_is_read_and_not_judged() -> None:
    preview = preview_of(LINE, "1/2x")
    assert "<mfrac>" in preview.mathml
    assert preview.notices
    assert preview_of(LINE, "  ").mathml == ""
    assert preview_of(LINE, "q").error is not None
    assert preview_of(CHOICE, "a").mathml == ""


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        ((("x", "f(a, b)"), ("", "1")), False),
        ((("x (", "1"), ("1", "1")), True),
        ((("1, 2", "1"), ("1", "1")), True),
        ((("1], [1", "1"), ("1", "1")), True),
        ((("", ""), ("", "")), False),
    ],
)
def test_boxes_that_run_into_each_other_are_noticed(cells: tuple[tuple[str, ...], ...], lost: bool) -> None:
    typed = Typed(cells)
    assert is_lost(MATRIX, typed) is lost
    assert is_lost(MATRIX, Typed(cells, "[[1, 2], [3, 4]]")) is False
    if lost:
        assert preview_of(MATRIX, compose("matrix", cells), typed).error is not None
    field = field_of(MATRIX, compose("matrix", cells), typed=typed)
    assert tuple(tuple(cell.text for cell in row) for row in field.cells) == cells
