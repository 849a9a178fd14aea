"""The quick proof: what multiplying out sees, and what it must not claim."""

import pytest

from grader.checking.agreeing import Comparison
from grader.checking.domain import ANYTHING
from grader.checking.quotients import is_same_quotient
from grader.reading.text import read

SAME = [
    ("(x + 1)^2", "x^2 + 2x + 1"),
    ("2x*sin(x) + x^2*cos(x)", "x*(2*sin(x) + x*cos(x))"),
    ("(x cos x - sin x)/x^2", "cos(x)/x - sin(x)/x^2"),
    ("e^(2x)*(2sin(x) + cos(x))", "2*exp(2x)*sin(x) + exp(2x)*cos(x)"),
    ("sigmoid(x)(1 - sigmoid(x))", "e^x/(1 + e^x)^2"),
    ("e^(x + y + 1)", "e*e^x*e^y"),
    ("e^(x/2)*e^(x/2)", "(e^(x/2))^2"),
    ("1/(1/x)", "x"),
    ("(x^2 - 1)/(x - 1)", "x + 1"),
    ("0.5x", "x/2"),
    ("sqrt(x)*sqrt(x)*y", "y*sqrt(x)^2"),
]
NOT_SEEN = [
    ("1/(x - x)", "1/(x - x) + 1"),
    ("1/(x - x)", "2"),
    ("(x - x)/(x - x)", "x"),
    ("x", "x + 1"),
    ("e^(x/2)", "e^x"),
    ("sin(x)^2 + cos(x)^2", "1"),
    ("sqrt(x^2)", "x"),
    ("(x + y)^59*(x - y)^59", "x"),
    ("x^99", "x^98*x"),
    ("(a+b+c+d+x+y)^40", "(y+x+d+c+b+a)^40 + 1"),
]


def is_seen(first: str, second: str) -> bool:
    comparison = Comparison(read(first).tree, read(second).tree, ANYTHING)
    return is_same_quotient(comparison.nodes, comparison.response, comparison.answer)


@pytest.mark.parametrize(("first", "second"), SAME)
def test_multiplying_out_proves(first: str, second: str) -> None:
    assert is_seen(first, second)


@pytest.mark.parametrize(("first", "second"), NOT_SEEN)
def test_it_claims_nothing_else(first: str, second: str) -> None:
    assert not is_seen(first, second)
