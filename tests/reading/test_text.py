"""The reader: tables of what is typed and how it is read, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.printing import to_text
from grader.reading.text import Limits, read
from tests.reading.trees import outcome_of

CASES = Path(__file__).parents[1] / "cases" / "reading"
NAMES = Vocabulary(names=frozenset({"x", "y", "a", "b", "r", "eta", "x_1", "x_2", "w_12"}), functions=frozenset({"f"}))


def rows(name: str) -> list[list[str]]:
    return [list(map(str, row)) for row in YAML(typ="safe").load(CASES / f"{name}.yaml")]


@pytest.mark.parametrize(("typed", "printed", "why"), rows("trees"), ids=str)
def test_a_text_is_read_as_it_prints(typed: str, printed: str, why: str) -> None:
    reading = read(typed, NAMES)
    assert to_text(reading.tree) == printed, why


@pytest.mark.parametrize(("typed", "words", "marked"), rows("errors"), ids=str)
def test_an_error_says_what_and_where(typed: str, words: str, marked: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read(typed, NAMES)
    error = caught.value
    assert words in str(error)
    assert f"{typed[: error.start]}!{typed[error.start : error.end]}!{typed[error.end :]}" == marked


@pytest.mark.parametrize(("typed", "first", "second"), rows("second_readings"), ids=str)
def test_an_ambiguous_text_has_a_second_reading(typed: str, first: str, second: str) -> None:
    reading = read(typed, NAMES)
    assert reading.second is not None
    assert (to_text(reading.tree), to_text(reading.second)) == (first, second)
    assert any(notice.code == "ambiguous" for notice in reading.notices)


@pytest.mark.parametrize("typed", ["x^2/2", "x^3/6", "x^2y", "sin 2x", "2x/3", "(1/2)x", "1/(2x)", "2e3"])
def test_a_plain_text_has_one_reading(typed: str) -> None:
    assert read(typed, NAMES).second is None


def test_any_name_may_stand_where_none_is_declared() -> None:
    assert to_text(read("pq + theta_1 x12").tree) == "p*q + theta_1*x_12"


@pytest.mark.parametrize(
    ("names", "typed", "printed"),
    [
        ({"e"}, "2e3", None),
        ({"e", "x"}, "2e x", "2*e*x"),
        ({"v"}, "ν^2", "v^2"),
        ({"nu"}, "ν^2", "nu^2"),
        ({"s"}, "sqrt(s)", "sqrt(s)"),
        ({"sigma", "x"}, "sigma(x)", "sigma*x"),
        ({"theta_1", "theta_2"}, "θ₁ + theta2", "theta_1 + theta_2"),
        ({"x_ij"}, "x_ij", "x_ij"),
    ],
)
def test_declared_names_come_first(names: set[str], typed: str, printed: str | None) -> None:
    vocabulary = Vocabulary(names=frozenset(names))
    if printed is None:
        with pytest.raises(AnswerError):
            read(typed, vocabulary)
    else:
        assert to_text(read(typed, vocabulary).tree) == printed


def test_a_decimal_comma_is_an_option() -> None:
    vocabulary = Vocabulary(decimal_comma=True)
    assert to_text(read("[1,5; 2,25]", vocabulary).tree) == "[1.5; 2.25]"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("[x,5]", "[x, 5]"), ("2x,3", "2*x, 3"), ("(x+1),5", "x + 1, 5"), ("-,5", "-0.5"), ("sin(0,5x)", "sin(0.5*x)")],
)
def test_a_comma_after_a_name_is_no_decimal_comma(typed: str, printed: str) -> None:
    assert to_text(read(typed, Vocabulary(decimal_comma=True)).tree) == printed


@pytest.mark.parametrize(
    ("typed", "printed", "second"),
    [("[1,2]", "[1.2]", "[1, 2]"), ("(0,5)", "0.5", "[0, 5]"), ("{1,2}", "{1.2}", "{1, 2}"), ("1,5", "1.5", None)],
)
def test_two_numbers_in_brackets_may_be_one(typed: str, printed: str, second: str | None) -> None:
    reading = read(typed, Vocabulary(decimal_comma=True))
    assert (to_text(reading.tree), reading.second and to_text(reading.second)) == (printed, second)


def test_with_a_decimal_comma_a_semicolon_is_asked_for() -> None:
    with pytest.raises(AnswerError, match="semicolon"):
        read("[1,2,3]", Vocabulary(decimal_comma=True))


@pytest.mark.parametrize(
    ("typed", "printed", "second"),
    [("1/2x", "1/(2*x)", "1/2*x"), ("1/2(x+1)", "1/(2*(x + 1))", "1/2*(x + 1)"), ("1/2*x", "1/2*x", None)],
)
def test_tight_juxtaposition_is_an_option(typed: str, printed: str, second: str | None) -> None:
    reading = read(typed, Vocabulary(tight_juxtaposition=True))
    assert (to_text(reading.tree), reading.second and to_text(reading.second)) == (printed, second)


@pytest.mark.parametrize(
    "typed",
    [
        "(" * 1999,
        "-" * 1999,
        "|" * 1999,
        "x^" * 999 + "x",
        "((" * 500 + "x",
        "sin" * 600,
        "{" * 1999,
        "[" * 1999,
        "1/" * 999 + "1",
        "x!" * 999,
        "<" * 1999,
        "f(" * 900,
    ],
)
def test_deep_texts_get_an_error_or_a_tree(typed: str) -> None:
    outcome = outcome_of(typed, NAMES)
    assert isinstance(outcome, AnswerError) or to_text(outcome)


def test_a_long_text_is_refused() -> None:
    with pytest.raises(AnswerError, match="at most 2000"):
        read("x+" * 1500 + "x", NAMES)
    assert read("x" * 30, NAMES, Limits(characters=30))
