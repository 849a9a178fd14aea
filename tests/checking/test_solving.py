"""The exact cells of a condition agree with its truth at points, and exact reals keep their order."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpz_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.reals import Real, in_order, order, real_of, roots_of, sign_of, simplest_between
from grader.checking.set_conditions import condition_of, unknown_of
from grader.checking.solving import Unsolved, cells_of, holds_at
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree

VOCABULARY = Vocabulary(keep_label=True, intervals=True)
SIDES = st.sampled_from(
    [
        "x", "x^2", "x^3 - x", "1/x", "x/(x - 1)", "|x|", "|x - 1| - 2", "sqrt(x)", "sqrt(x + 2)", "sqrt(x^2 - 1)",
        "cbrt(x)", "e^x", "e^(-x) - 1", "e^(2x) - 3e^x", "ln(x)", "ln(x^2)", "x*ln(x)", "x e^x", "max(x, 1)",
        "min(x, x^2)", "x^2/x", "(x - 1)^2*(x + 2)", "sqrt(x) - x", "|x| - |x + 1|", "x^5 - x - 1", "2^x",
        "sqrt(|x|)", "|x^2 - 2|", "1/(x^2 - 2)", "ln(x + 1)^2", "e^|x|", "root(x, 4)", "(x^2 - 3)/(x + 1)", "pi*x",
        "sqrt(2) x^2 - x", "sqrt(x) + sqrt(x + 1)", "x - sqrt(x + 1)", "sqrt(sqrt(x) - 1)", "1/|x|", "|ln(x)|",
    ]
)  # fmt: skip
BOUNDS = st.sampled_from(["0", "1", "-1", "2", "1/2", "-3/2", "x", "-x", "sqrt(2)", "3x", "pi", "ln(2)", "x^2", "5"])
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
RELATIONS = st.builds("{} {} {}".format, SIDES, OPERATORS, BOUNDS)
JOINED = st.one_of(RELATIONS, st.builds("{} {} {}".format, RELATIONS, st.sampled_from(["and", "or"]), RELATIONS))
POINTS = [Fraction(step, 7) for step in range(-40, 41)] + [Fraction(step, 2) for step in range(-12, 13)]


def condition(text: str) -> Tree:
    tree = read(text, VOCABULARY).tree
    return condition_of(tree, unknown_of(tree) or "x")


def membership(text: str, values: list[Fraction]) -> list[bool]:
    """What the cells say about these values, found by their places among the breaks."""
    cells = cells_of((condition(text),), "x")
    found = []
    for value in values:
        places = [order(Real(value), each) for each in cells.breaks]
        below = sum(place > 0 for place in places)
        found.append(cells.members[0][2 * below + (1 if 0 in places else 0)])
    return found


@settings(max_examples=60)
@given(JOINED)
def test_cells_say_what_balls_say(text: str) -> None:
    try:
        said = membership(text, POINTS)
    except Unsolved:
        return
    tree = condition(text)
    for value, claimed in zip(POINTS, said, strict=True):
        certain = holds_at(tree, "x", value)
        assert certain is None or certain is claimed, (text, value)


@pytest.mark.parametrize(
    "text",
    [
        "x^2 < 2", "|x - 1| + |x| < 4", "sqrt(x + 1) > x", "1/x < 1", "e^(2x) - 3e^x + 2 < 0", "x ln(x) < 0", "2^x > 8",
        "x^5 > x + 1", "x^2 < pi", "sqrt(2) x < 1", "max(x, 1) < 2", "cbrt(x) < 2", "ln(x^2) > 1", "sqrt(sqrt(x)) < 2",
    ],
)  # fmt: skip
def test_these_conditions_are_solved_exactly(text: str) -> None:
    assert cells_of((condition(text),), "x").breaks


def test_numbers_of_every_kind_are_put_in_order() -> None:
    roots = roots_of(fmpz_poly([-2, 0, 1]))
    texts = ["sqrt(2)", "1.41421356", "pi/2", "ln(4)/ln(2)", "sqrt(8)/2"]
    numbers = [real_of(read(text).tree) for text in texts]
    groups = in_order([*roots, *numbers, Real(Fraction(2))])
    assert [len(group) for group in groups] == [1, 1, 3, 1, 2]


@pytest.mark.parametrize(("text", "sign"), [("sqrt(2)^2 - 2", 0), ("pi - 22/7", -1), ("ln(8) - 3ln(2)", 0), ("3/7", 1)])
def test_the_sign_of_a_constant(text: str, sign: int) -> None:
    assert sign_of(read(text).tree) == sign


RATIONALS = st.fractions(min_value=-50, max_value=50, max_denominator=60)


@given(RATIONALS, RATIONALS)
def test_the_simplest_rational_lies_between(first: Fraction, second: Fraction) -> None:
    if first != second:
        low, high = min(first, second), max(first, second)
        assert low < simplest_between(low, high) < high
    assert simplest_between(first, None) > first
    assert simplest_between(None, first) < first
