"""Answers that lack a value, or differ, where no ordinary point looks; none of them may pass for equal."""

from typing import Any

import pytest

from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.reading.text import read

REAL: dict[str, Any] = {"x": {}, "y": {}}
WHOLE: dict[str, Any] = {"n": {"integer": True}}
# Zero from 5 to 6, and balls cannot tell.
ZERO_FROM_5_TO_6 = "floor(x)*(sigmoid(x) + sigmoid(-x)) - 5"

DIFFERENT = [
    # a divisor that is exactly zero in a whole region, or at a whole number
    ("x*(|sin(x)| + sin(x))/(|sin(x)| + sin(x))", "x", REAL),
    ("1/(1/(sin(x) + |sin(x)|))", "sin(x) + |sin(x)|", REAL),
    ("x*(ln(e^x) + |x|)/(ln(e^x) + |x|)", "x", REAL),
    ("x*(e^(ln(x^2)/2) + x)/(e^(ln(x^2)/2) + x)", "x", REAL),
    ("1/(2/(sinh(asinh(x)) + |sinh(asinh(x))|))", "relu(x)", REAL),
    ("1/(1/(softplus(n) - softplus(-n)))", "n", WHOLE),
    # where zero shows only by sigmoid(x) + sigmoid(-x) = 1
    (f"sign({ZERO_FROM_5_TO_6})*(1/(1/sign({ZERO_FROM_5_TO_6})))", "sign(floor(x) - 5)^2", REAL),
    (f"x + ln(({ZERO_FROM_5_TO_6})^2) - 2 ln(|{ZERO_FROM_5_TO_6}|)", "x", REAL),
    # a narrow window without a value
    ("sqrt(sin(x) + 0.999999)/sqrt(sin(x) + 0.999999)", "1", REAL),
    # a certain lack of a value beside something that balls cannot tell
    ("x^(2 + sinh(asinh(x)) - x)*sqrt(x)/sqrt(x)", "x^2", REAL),
    # periods that points with powers of two below the line share
    ("x*cos(2^30 pi x)", "x", REAL),
    ("x + sin(2^40 pi x)^2", "x", REAL),
    # narrow windows, tents and spikes
    ("x + relu(sin(x) - 0.99999)", "x", REAL),
    ("x + floor(sin(x)^2/0.999999)", "x", REAL),
    ("{x if sin(x) < 0.99999; x + 1 otherwise}", "x", REAL),
    ("x + relu(1e-3 - |x - 1/3|)", "x", REAL),
    ("x + relu(1e-9 - |x - 1/7|)", "x", REAL),
    ("x + e^(-10^6 (x - 0.7)^2)", "x", REAL),
    ("(1 + erf(10^8 x))/2", "step(x)", REAL),
]
# Different in a region in which no precision tells what the response has.
NOT_EQUAL = [
    (f"x*sign({ZERO_FROM_5_TO_6})^2", "x", REAL),
    (f"{{x if {ZERO_FROM_5_TO_6} != 0; 0 otherwise}}", "x", REAL),
    (f"x + step(-({ZERO_FROM_5_TO_6})^2)", "x", REAL),
]
PROVED = [
    ("x^2/x", "x", REAL),
    ("sqrt(x^2 + x + 1)^2", "x^2 + x + 1", REAL),
    ("x/|x|", "sign(x)", REAL),
    ("ln(sqrt(x - 1))", "ln(x - 1)/2", REAL),
    ("sqrt(x - 1)*sqrt(x - 1)", "x - 1", {"x": {"in": "(1, oo)"}}),
    ("{x if x > 0; 0 if x <= 0}", "relu(x)", REAL),
]


def verdict(response: str, answer: str, variables: dict[str, Any]) -> Any:
    domain = Domain.of(variables)
    return decide(*[read(text, domain.vocabulary()).tree for text in (response, answer)], domain)


@pytest.mark.parametrize(("response", "answer", "variables"), DIFFERENT)
def test_what_lacks_a_value_or_differs_somewhere_is_different(
    response: str, answer: str, variables: dict[str, Any]
) -> None:
    found = verdict(response, answer, variables)
    assert found.outcome is Outcome.DIFFERENT, str(found)


@pytest.mark.parametrize(("response", "answer", "variables"), PROVED)
def test_what_is_defined_everywhere_is_proved(response: str, answer: str, variables: dict[str, Any]) -> None:
    found = verdict(response, answer, variables)
    assert (found.outcome, found.evidence.kind) == (Outcome.EQUAL, "proved"), str(found)


def test_a_proof_needs_more_than_points_for_where_there_are_values() -> None:
    found = verdict("sqrt(sin(x) + 1.0000001)^2", "sin(x) + 1.0000001", REAL)
    assert found.outcome is Outcome.EQUAL


@pytest.mark.parametrize(("response", "answer", "variables"), NOT_EQUAL)
def test_what_stays_dark_in_a_region_is_not_equal(response: str, answer: str, variables: dict[str, Any]) -> None:
    assert verdict(response, answer, variables).outcome is not Outcome.EQUAL
