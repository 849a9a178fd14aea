"""Parts that follow on an earlier answer: right from one's own value, unless that makes the step easier."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.bank.linting import lint_problem
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.errors import BankErrors
from grader.grading import Result, grade
from grader.isolation import Isolation, grade_variant_within
from grader.web.marks import mark_of

SOURCE = """id: follow
title: Follow
topic: follow
family: "1.1"
level: drill
variables: {x: {}, y: {}}
parameters: {c: {integer: [3, 3]}, p: {integer: [2, 2]}}
derived:
  f: "c*x^2 + x"
  df: {derivative: f, by: x}
prompt: "Let $f(x) = {{ f }}$."
parts:
  - {id: derivative, ask: "The derivative", type: expression, answer: df, feedback: {wrong: "Power rule."}}
  - id: slope
    ask: "The slope at ${{ p }}$"
    type: number
    answer: {value: g, at: {x: p}}
    follows: {part: derivative, as: g}
    feedback: {wrong: "Put the number in."}
  - id: line
    ask: "The tangent through the origin of slopes"
    type: expression
    answer: "m*(x - p)"
    points: 2
    feedback: {wrong: "Point and slope."}
    follows: {part: slope, as: m, where: ["m != 5"], follow_through: 0.5}
  - id: way
    ask: "At this place the function is"
    type: choice
    options: {rising: rising, falling: falling}
    answer: rising
    feedback: {wrong: "Look at the sign."}
hints: ["Power rule.", "Term by term."]
solution: "So."
examples: [{responses: {derivative: "6x + 1"}, marks: {derivative: 1}}]
"""
VARIANT = make_variant(load_problem(SOURCE, "follow/follow.yaml"), 1)


def marks(**responses: str) -> dict[str, Fraction]:
    return {part.id: part.score for part in grade(VARIANT, responses).parts}


def said(part: str, **responses: str) -> tuple[str, ...]:
    return next(each.feedback for each in grade(VARIANT, responses).parts if each.id == part)


def test_keys_follow_from_keys() -> None:
    assert [part.answer_text for part in VARIANT.parts] == ["6*x + 1", "13", "13*(x - 2)", "rising"]
    assert [str(found) for found in lint_problem(load_problem(SOURCE, "follow/follow.yaml"), grade)] == []


@pytest.mark.parametrize(
    ("responses", "scores"),
    [
        ({"derivative": "6x + 1", "slope": "13", "line": "13x - 26"}, (1, 1, 2)),
        ({"derivative": "3x + 1", "slope": "7"}, (0, 1, 0)),
        ({"derivative": "3x + 1", "slope": "13"}, (0, 1, 0)),
        ({"derivative": "3x + 1", "slope": "8"}, (0, 0, 0)),
        ({"derivative": "6x + 1", "slope": "7"}, (1, 0, 0)),
        ({"derivative": "3x + 1", "slope": "7", "line": "7(x - 2)"}, (0, 1, 1)),
        ({"slope": "9", "line": "9x - 18"}, (0, 0, 1)),
        ({"slope": "9", "line": "13x - 26"}, (0, 0, 2)),
        # nothing readable, or nothing at all, is followed by nothing
        ({"derivative": "3x +", "slope": "7"}, (0, 0, 0)),
        ({"slope": "7"}, (0, 0, 0)),
        # a value that the author rules out, and values that leave nothing to do
        ({"slope": "5", "line": "5(x - 2)"}, (0, 0, 0)),
        ({"slope": "0", "line": "0"}, (0, 0, 0)),
        ({"slope": "1", "line": "x - 2"}, (0, 0, 0)),
        ({"derivative": "7", "slope": "7"}, (0, 0, 0)),
        ({"derivative": "3x - 6", "slope": "0"}, (0, 0, 0)),
        ({"derivative": "1/(x - 2)", "slope": "0"}, (0, 0, 0)),
        ({"derivative": "6x + y", "slope": "12"}, (0, 0, 0)),
    ],
)
def test_marks(responses: dict[str, str], scores: tuple[int, int, int]) -> None:
    found = marks(**responses)
    assert tuple(found[part] for part in ("derivative", "slope", "line")) == scores


def test_the_student_is_told() -> None:
    assert said("slope", derivative="3x + 1", slope="7") == ("Right from your own value in part (a).",)
    assert said("line", slope="9", line="9x - 18") == ("Right from your own value in part (b).",)
    assert "Your value in part (b) makes this step easier than it is, so it is judged from the right one." in said(
        "line", slope="0", line="0"
    )
    assert "Put the number in." in said("slope", derivative="3x + 1", slope="8")


def test_the_result_replays_and_travels() -> None:
    responses = {"derivative": "3x + 1", "slope": "7", "line": "7(x - 2)"}
    result = grade(VARIANT, responses)
    assert result == grade(VARIANT, responses)
    assert Result.from_json(result.to_json()).to_json() == result.to_json()
    assert (result.score, result.max_score) == (2, 5)
    assert result.parts[1].outcome == "different"


def test_children_give_the_same_result() -> None:
    responses = {"derivative": "3x + 1", "slope": "7", "line": "7(x - 2)"}
    with Isolation() as isolation:
        assert grade_variant_within(isolation, VARIANT, responses) == grade(VARIANT, responses)


FOLLOWS = "follows: {part: derivative, as: g}"


@pytest.mark.parametrize(
    ("old", "new", "says", "repair"),
    [
        (FOLLOWS, "follows: {part: ¡slope, as: g}", "A part cannot follow itself.", "earlier"),
        (FOLLOWS, "follows: {part: ¡line, as: g}", "There is no part 'line' before this one.", ""),
        (FOLLOWS, "follows: {part: ¡derivativ, as: g}", "There is no part 'derivativ' before", "Did you mean"),
        (FOLLOWS, "follows: {part: derivative, as: ¡f}", "'f' is already a derived quantity", "another name"),
        (FOLLOWS, "follows: ¡{part: derivative}", "The key 'as' is missing.", "Add `as: …` here."),
        (FOLLOWS, "follows: {¡pat: derivative, as: g}", "Unknown key 'pat'.", "Did you mean 'part'?"),
        (FOLLOWS, "follows: {part: derivative, as: g, follow_through: ¡2}", "2 is no share of the points.", "0 to 1"),
        (FOLLOWS, "follows: {part: derivative, as: g, where: ['¡q > 1']}", "The name q is not used", ""),
        (
            "answer: {value: g, at: {x: p}}",
            "answer: ¡'p + 1'",
            "This part follows part 'derivative', but its answer does not use 'g', the answer there.",
            "`answer: {value: g, at: {x: p}}`",
        ),
        ("answer: {value: g, at: {x: p}}", "answer: {value: '¡q', at: {x: p}}", "The name q is not used", ""),
    ],
)
def test_faults_are_named_where_they_stand(old: str, new: str, says: str, repair: str) -> None:
    assert SOURCE.count(old) == 1
    source = SOURCE.replace(old, new)
    before = source[: source.index("¡")]
    with pytest.raises(BankErrors) as caught:
        load_problem(source.replace("¡", ""), "x")
    error = next((each for each in caught.value.errors if each.message.startswith(says)), None)
    assert error is not None, [str(each) for each in caught.value.errors]
    assert (error.line, error.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert repair in error.repair


def test_a_choice_cannot_be_followed() -> None:
    more = "  - {id: last, ask: x, type: number, answer: w, follows: {part: way, as: w}}\nhints:"
    with pytest.raises(BankErrors) as caught:
        load_problem(SOURCE.replace("hints:", more), "x")
    assert "is of type 'choice', from which nothing can follow" in str(caught.value.errors[0])


def test_the_page_says_from_where_it_is_right() -> None:
    responses = {"derivative": "3x + 1", "slope": "7", "line": "7(x - 2)"}
    result = grade(VARIANT, responses).to_json()
    shown = [mark_of(part, responses[part.id], result) for part in VARIANT.parts[:3]]
    assert [mark.headline for mark in shown if mark] == ["Not right", "Right from your own value", "Partly right"]
