"""Mistakes in parts of problems: those of a task for nothing, and what the student is told of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.bank.variant import VariantPart
from grader.grading import PartResult, grade_part
from grader.mistakes import BY_ID
from grader.reading.names import Vocabulary
from grader.reading.text import read

PRODUCT = ("expression", "2*x*sin(x) + x^2*cos(x)", {"derivative": "x^2*sin(x)", "by": "x"})
JACOBIAN = ("matrix", "[[2*x*y, x^2], [5, 0]]", {"jacobian": ["x^2*y", "5*x"], "by": ["x", "y"]})


def part(kind: str, key: str, task: dict[str, object] | None = None, **settings: object) -> VariantPart:
    tree = read(key, Vocabulary()).tree
    variables = {"x": {}, "y": {}}
    return VariantPart("a", kind, "?", Fraction(1), tree, key, settings, variables, task=task)


def graded(response: str, *given: object, **settings: object) -> PartResult:
    return grade_part(part(*given, **settings), response)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("response", "given", "mistake"),
    [
        ("2x cos(x)", PRODUCT, "product-rule-as-product"),
        ("2x sin(x) + x^2 cos(x)", PRODUCT, None),
        ("[x^2, 2x*y]", ("vector", "[2*x*y, x^2]", {"gradient": "x^2*y", "by": ["x", "y"]}), "wrong-variable"),
        ("[[2x*y, 5], [x^2, 0]]", JACOBIAN, "transposed"),
        ("2a", ("expression", "2*x", {"derivative": "x^2 + a", "by": "x"}), None),
        ("x", ("expression", "2*x", {"derivative": "x^2 + a", "by": "x"}), "exponent-factor-missing"),
        ("5", ("number", "12", {"derivative": "x^3", "by": "x", "at": {"x": "2"}}), None),
        ("4", ("number", "12", {"derivative": "x^3", "by": "x", "at": {"x": "2"}}), "exponent-factor-missing"),
        ("3.6", ("number", "2.4", {"descent": "x^2", "by": "x", "start": "3", "rate": "0.1", "last": True}), "ascent"),
        ("2x", ("expression", "3*x", None), None),
    ],
)  # fmt: skip
def test_a_part_gets_the_mistake_that_its_task_explains(
    response: str, given: tuple[object, ...], mistake: str | None
) -> None:
    result = graded(response, *given)
    assert result.mistake == mistake
    if mistake not in {None, "transposed"}:
        assert BY_ID[str(mistake)].sentence in result.feedback


def test_where_nothing_is_disclosed_the_mistake_is_only_recorded() -> None:
    result = graded("x", "expression", "2*x", {"derivative": "x^2", "by": "x"}, disclose="none")
    assert result.mistake == "exponent-factor-missing"
    assert BY_ID["exponent-factor-missing"].sentence not in result.feedback


@pytest.mark.parametrize(
    ("response", "outcome", "mistake"),
    [
        ("1/sqrt(x) * 1/(2 sqrt(x))", "equal", None),
        ("1/(2x)", "equal", None),
        ("1/sqrt(x)", "different", "inner-derivative-missing"),
    ],
)
def test_a_derived_key_is_judged_where_its_function_has_a_value(
    response: str, outcome: str, mistake: str | None
) -> None:
    result = graded(response, "expression", "1/(2*x)", {"derivative": "ln(sqrt(x))", "by": "x"})
    assert (result.outcome, result.mistake) == (outcome, mistake)


def test_a_derived_key_is_judged_where_its_function_has_a_value_for_both_variables() -> None:
    task = {"derivative": "ln(sqrt(x*y))", "by": "x"}
    result = graded("1/sqrt(x*y) * y/(2*sqrt(x*y))", "expression", "1/(2*x)", task)
    assert (result.outcome, result.mistake) == ("equal", None)
