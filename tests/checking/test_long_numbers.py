"""Numbers with more digits than a float holds or Python writes out are judged and printed like others."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader import Outcome, check
from grader.checking.exact import exact_value
from grader.checking.printed import figures, short
from grader.reading.text import read
from grader.reading.tree import number

LONG = "(" + "*".join(["1e999"] * 5) + ")"
TINY = "(" + "*".join(["1e-999"] * 5) + ")"


@pytest.mark.parametrize(
    ("above", "below"), [("10^5000 + 7", "1"), ("1 - 10^9000", "1"), ("3^9000", "2^9999"), ("1", "7^5001")]
)
def test_a_long_number_is_a_tree_of_the_same_value(above: str, below: str) -> None:
    exact = exact_value(read(f"({above})/({below})").tree)
    assert exact is not None
    assert exact_value(number(exact)) == exact


def test_a_number_beyond_floats_is_printed() -> None:
    assert figures(Fraction(10**400), 6) == "1e+400"
    assert figures(Fraction(-2, 3 * 10**400), 3) == "-6.67e-401"
    assert short(Fraction(10) ** -5000) == "1e-5000"
    assert [short(each) for each in (Fraction(0), Fraction(-1, 3), Fraction(10**12 + 1, 7))] == [
        "0",
        "-1/3",
        "1.42857e+11",
    ]


@pytest.mark.parametrize("long", [LONG, TINY, "1e400", "-1e400", "1e-400", f"sqrt({LONG})", "9^9999", "(1/3)^9999"])
@pytest.mark.parametrize(
    ("type", "response", "answer"),
    [
        ("expression", "x + {}", "x - 2"),
        ("number", "{}", "2"),
        ("inequality", "x > {}", "x > 2"),
        ("inequality", "x^2 < {}", "x^2 < 2"),
        ("interval", "(0, {})", "(0, 7)"),
        ("equation", "y = 6x - {}", "y = 6x - 9"),
        ("equation", "y = ({})x", "y = 6x"),
        ("set", "{{1, {}}}", "{{1, 2}}"),
        ("vector", "[1, {}]", "[1, 2]"),
        ("matrix-expression", "({})*A", "A"),
        ("matrix-expression", "A^({})", "A"),
    ],
)
def test_a_long_number_is_judged(type: str, response: str, answer: str, long: str) -> None:
    variables = {"A": {"shape": ["n", "n"]}} if type == "matrix-expression" else {"x": {}, "y": {}}
    verdict = check(response.format(long), answer.format(), type=type, variables=variables)
    assert verdict.outcome is not Outcome.EQUAL
    assert str(verdict)
