"""How much of a wrong answer's fault is told at each level of disclosure, on every face of the project."""

from __future__ import annotations

from typing import Any

import pytest

from grader.answers import BY_NAME
from grader.answers.base import Checked, Context, judge_response, read_response
from grader.answers.explaining import sentences
from grader.answers.settings import validate_settings
from grader.checking.domain import Domain

VALUE = "Your answer has another value than the right one"
UNDEFINED = "logarithm of a number that is not positive"
LEVELS = ("none", "some", "point", "values")
# response, key, type, and the sentences at each level.
ROWS = [
    (
        ("2x", "x", "expression"),
        ((), (f"{VALUE} for some x.", "Your answer is right up to a constant factor.")),
        (
            (f"{VALUE} at x = 2.", "Your answer is right up to a constant factor."),
            (f"{VALUE} at x = 2: yours is 4, the right one 2.", "Your answer is right up to a constant factor of 2."),
        ),
    ),
    (
        ("x + 3", "x", "expression"),
        ((), (f"{VALUE} for some x.", "Your answer is right up to an added constant.")),
        (
            (f"{VALUE} at x = 2.", "Your answer is right up to an added constant."),
            (
                f"{VALUE} at x = 2: yours is 5, the right one 2.",
                "Your answer is right up to an added constant of 3.",
            ),
        ),
    ),
    (
        ("-x", "x", "expression"),
        ((), (f"{VALUE} for some x.", "Your answer has the opposite sign of the right one.")),
        (
            (f"{VALUE} at x = 2.", "Your answer has the opposite sign of the right one."),
            (f"{VALUE} at x = 2: yours is -2, the right one 2.", "Your answer has the opposite sign of the right one."),
        ),
    ),
    (
        ("ln(x)", "ln(abs(x))", "expression"),
        (
            (),
            (
                f"Your answer is not defined everywhere where it should be: {UNDEFINED}.",
                "Your answer is not defined for x < 0, where the right one is.",
            ),
        ),
        (
            (
                f"Your answer is not defined at x = -1, where the right one is: {UNDEFINED}.",
                "Your answer is not defined for x < 0, where the right one is.",
            ),
        )
        * 2,
    ),
    (
        ("3", "5", "number"),
        ((), (f"{VALUE}.",)),
        ((f"{VALUE}.",), (f"{VALUE}. Yours is 3, the right one 5.",)),
    ),
    (
        ("[x, 3x]", "[x, 2x]", "vector"),
        (("Entry 2 is wrong.",), ("Entry 2 is wrong.",)),
        (
            ("Entry 2 is wrong.", f"Entry 2: {VALUE} at x = 2."),
            ("Entry 2 is wrong.", f"Entry 2: {VALUE} at x = 2: yours is 6, the right one 4."),
        ),
    ),
    (
        ("[ln(x), x]", "[ln(abs(x)), x]", "vector"),
        (("Entry 1 is wrong.",), ("Entry 1 is not defined everywhere where it should be.",)),
        (
            (
                "Entry 1 is not defined everywhere where it should be.",
                f"Entry 1: Your answer is not defined at x = -1, where the right one is: {UNDEFINED}.",
            ),
        )
        * 2,
    ),
    (
        ("[[1, 2], [3, 5]]", "[[1, 2], [3, 4]]", "matrix"),
        (("Entry (2,2) is wrong.",), ("Entry (2,2) is wrong.",)),
        (
            ("Entry (2,2) is wrong.", f"Entry (2,2): {VALUE}."),
            ("Entry (2,2) is wrong.", f"Entry (2,2): {VALUE}. Yours is 5, the right one 4."),
        ),
    ),
]
CASES = [
    pytest.param(*given, level, words, id=f"{given[0]} at {level}")
    for given, low, high in ROWS
    for level, words in zip(LEVELS, (*low, *high), strict=True)
]


def told(response: str, key: str, type: str, disclose: Any, **settings: Any) -> tuple[str, ...]:
    kind = BY_NAME[type]
    chosen = validate_settings(kind, {"disclose": disclose, **settings})
    context = Context.of(Domain())
    right = read_response(kind, key, chosen, context).tree
    answer = read_response(kind, response, chosen, context)
    return sentences(answer, right, judge_response(kind, answer, right, chosen, context), context, disclose)


@pytest.mark.parametrize(("response", "key", "type", "level", "words"), CASES)
def test_each_level_tells_what_it_may(response: str, key: str, type: str, level: str, words: tuple[str, ...]) -> None:
    assert told(response, key, type, level) == words


@pytest.mark.parametrize(
    ("response", "words"), [("x", ()), ("1/0", ("Your answer has no real value: division by zero.",))]
)
def test_nothing_is_observed_of_an_answer_that_is_not_wrong(response: str, words: tuple[str, ...]) -> None:
    assert told(response, "x", "expression", "values") == words


def test_a_recognised_mistake_is_told_alone() -> None:
    kind, context = BY_NAME["expression"], Context.of(Domain())
    settings = validate_settings(kind, {})
    right = read_response(kind, "x", settings, context).tree
    answer = read_response(kind, "2x", settings, context)
    checked = judge_response(kind, answer, right, settings, context)
    known = Checked(checked.verdict, feedback=("The rule was not applied.",), mistake="constant-kept")
    assert sentences(answer, right, known, context, "some") == ("The rule was not applied.",)


@pytest.mark.parametrize("level", LEVELS)
def test_the_derivative_is_what_differs_where_a_constant_is_left_open(level: str) -> None:
    words = " ".join(told("x^2", "x^3", "expression", level, up_to="constant"))
    assert ("another derivative than the right one" in words) is (level != "none")


def test_long_answers_are_not_looked_at() -> None:
    long = " + ".join(f"x^{power}" for power in range(1, 120))
    assert told(f"2*({long})", long, "expression", "some") == (f"{VALUE} for some x.",)
