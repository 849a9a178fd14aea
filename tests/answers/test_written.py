"""A written answer waits for a person, whatever it says."""

from __future__ import annotations

import pytest

from grader.answers import BY_NAME
from grader.answers.base import Context, judge_response, key_fault, read_response
from grader.answers.settings import validate_settings
from grader.checking.domain import ANYTHING
from grader.checking.verdict import Outcome, PersonReads
from grader.errors import AnswerError
from grader.reading.tree import Tree

KIND = BY_NAME["written"]
CONTEXT = Context.of(ANYTHING)
NO_KEY = Tree("empty")
RUBRIC = [{"points": 1, "text": "one row"}, {"points": "0.5", "text": "one pass "}]
SETTINGS = validate_settings(KIND, {"rubric": RUBRIC})


@pytest.mark.parametrize(
    "text",
    [
        "The Jacobian has one row.",
        "x^2 +",
        "<b>bold</b>",
        "0",
        "Zeile für Zeile\n\nund ∂f/∂x",
        "(" * 3000,
        "a" * 10_000,
    ],
)
def test_every_text_waits_for_a_person_and_has_no_points_yet(text: str) -> None:
    response = read_response(KIND, f"  {text}\n", SETTINGS, CONTEXT)
    checked = judge_response(KIND, response, NO_KEY, SETTINGS, CONTEXT)
    assert checked.verdict.outcome is Outcome.UNDECIDED
    assert checked.verdict.evidence == PersonReads(2)
    assert checked.share == 0
    assert KIND.show(response.tree, SETTINGS) == text


@pytest.mark.parametrize("text", ["", " \n ", "word " * 3000])
def test_nothing_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(AnswerError):
        read_response(KIND, text, SETTINGS, CONTEXT)


def test_the_rubric_stands_in_for_the_key() -> None:
    assert key_fault(KIND, NO_KEY, SETTINGS) == ""
    assert key_fault(KIND, NO_KEY, KIND.settings()).startswith("A written answer needs a `rubric`")
    assert "no key" in key_fault(KIND, Tree("name", (), "x"), SETTINGS)
    assert KIND.key_text(NO_KEY, SETTINGS) == "1 point: one row; 0.5 points: one pass"
