"""Equalities that the judge must prove without computer algebra, and near ones that it must not prove."""

import pytest

from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.reading.text import read

NONE: dict[str, object] = {}
REAL: dict[str, object] = {"x": {}, "y": {}, "z": {}, "r": {}}
WHOLE: dict[str, object] = {"n": {"integer": True}}
POSITIVE: dict[str, object] = {"n": {"integer": True, "positive": True}}


def on(interval: str) -> dict[str, object]:
    return {"x": {"in": interval}}


PROVED = [
    # cases
    ("{x if x > 0; 0 otherwise}", "relu(x)", REAL),
    ("{1 if x > 0; 0 if x < 0}", "(1 + sign(x))/2", REAL),
    ("{x if x > y; y otherwise}", "max(x, y)", REAL),
    ("max(-1, min(1, r))", "{r if |r| <= 1; sign(r) otherwise}", REAL),
    ("{2|x| - 1 if |x| > 1; x^2 otherwise}", "{x^2 if |x| <= 1; 2|x| - 1 otherwise}", REAL),
    ("max(x, 0) + ln(1 + e^(-|x|))", "softplus(x)", REAL),
    ("max(x, y) + ln(1 + e^(-|x - y|))", "logsumexp(x, y)", REAL),
    # signs known from the domain, or from a root or logarithm having a value
    ("-x", "|x|", on("(-oo, 0)")),
    ("|1 - x|", "1 - x", on("[0, 1]")),
    ("max(0, x^2(1 - x))", "x^2*(1 - x)", on("[0, 1]")),
    ("sqrt(1 - x)*sqrt(1 + x)", "sqrt(1 - x^2)", REAL),
    ("sqrt(|x y|)", "sqrt(x*y)", REAL),
    # logarithms of inverse hyperbolic functions
    ("ln(x + sqrt(x^2 + 1))", "asinh(x)", REAL),
    ("-ln(sqrt(x^2 + 1) - x)", "asinh(x)", REAL),
    ("ln((1 + x)/(1 - x))/2", "atanh(x)", REAL),
    ("ln(x + sqrt(x^2 - 1))", "acosh(x)", REAL),
    ("sinh(asinh(x))", "x", REAL),
    # whole numbers
    ("cos(n pi)", "(-1)^n", WHOLE),
    ("sin(n pi)", "0", WHOLE),
    ("(-1)^(n^2)", "(-1)^n", WHOLE),
    ("1 - 2sin(n pi/2)^2", "(-1)^n", WHOLE),
    ("n*(n - 1)!", "n!", POSITIVE),
    ("(n + 1)!/(n + 1)", "n!", POSITIVE),
    ("1 + x + x^2/2! + x^3/3!", "1 + x + x^2/2 + x^3/6", REAL),
    ("floor(x + 3) - 3", "floor(x)", REAL),
    ("-ceil(-x)", "floor(x)", REAL),
    ("n - floor(n)", "0", WHOLE),
    ("n x^n/x", "n*x^(n - 1)", {"x": {}, **POSITIVE}),
    ("x(1 - 2y)(1 - 2y)^(n - 1)", "(1 - 2y)^n*x", {"x": {}, "y": {}, **POSITIVE}),
    ("1/(-1)^n", "(-1)^n", WHOLE),
    ("sign(n)", "1", POSITIVE),
    ("step(n)", "1", POSITIVE),
    # numbers: roots, angles, logarithms
    ("2cos(pi/16)", "sqrt(2 + sqrt(2 + sqrt(2)))", NONE),
    ("2 + sqrt(3)", "sqrt(7 + 4sqrt(3))", NONE),
    ("tan(5pi/12)", "2 + sqrt(3)", NONE),
    ("cos(2pi/7) + cos(4pi/7) + cos(6pi/7)", "-1/2", NONE),
    ("sin(pi/7)sin(2pi/7)sin(3pi/7)", "sqrt(7)/8", NONE),
    ("cbrt(2 + sqrt(5)) + cbrt(2 - sqrt(5))", "1", NONE),
    ("root(2 + sqrt(3), 4)", "root(7 + 4sqrt(3), 8)", NONE),
    ("(1 + sqrt(5))/2", "2cos(pi/5)", NONE),
    ("(sqrt(2) + sqrt(3))^20", "(5 + 2sqrt(6))^10", NONE),
    ("sqrt(22 + 2sqrt(5)) - sqrt(11 + 2sqrt(29)) + sqrt(5)", "sqrt(16 - 2sqrt(29) + 2sqrt(55 - 10sqrt(29)))", NONE),
    ("atan(1)", "pi/4", NONE),
    ("4atan(1/5) - atan(1/239)", "pi/4", NONE),
    ("atan(1) + atan(2) + atan(3)", "pi", NONE),
    ("asin(1/sqrt(2))", "pi/4", NONE),
    ("acos(sqrt(2)/2)", "pi/4", NONE),
    ("asin(sqrt(2)/2) + acos(1/3)", "3pi/4 - asin(1/3)", NONE),
    ("sqrt(2)*atan(1)", "sqrt(2)*pi/4", NONE),
    ("2atan(1)/pi", "1/2", NONE),
    ("ln(2 + sqrt(3))", "-ln(2 - sqrt(3))", NONE),
    ("acosh(2)", "ln(2 + sqrt(3))", NONE),
    ("2atanh(1/3)", "ln(2)", NONE),
    ("x*sqrt(7 + 4sqrt(3))", "x*(2 + sqrt(3))", REAL),
    ("x + sqrt(4 + 2sqrt(3))", "1 + sqrt(3) + x", REAL),
    ("atan(x) + atan(1)", "atan(x) + pi/4", REAL),
    # signs of functions that rise
    ("max(x, 0) + min(0, e^x - 1)", "{x if x > 0; e^x - 1 otherwise}", REAL),
    ("|1 - e^(-x)|", "sign(x)*(1 - e^(-x))", REAL),
    ("|ln(x)|", "{ln(x) if x > 1; -ln(x) otherwise}", on("(0, oo)")),
    # sums of inverse functions
    ("atan(x) + atan(1/x)", "pi/2", on("(0, oo)")),
    ("atan(x) + atan(1/x)", "-pi/2", on("(-oo, 0)")),
    ("atan(x) + atan(1/x)", "sign(x)*pi/2", REAL),
    ("{pi/2 if x > 0; -pi/2 otherwise}", "atan(x) + atan(1/x)", REAL),
    ("2/pi*(atan(x) + atan(1/x))", "sign(x)", REAL),
    ("atan(1/x)", "acot(x)", on("(0, oo)")),
    ("2atan(x)", "atan(2x/(1 - x^2))", on("(-1, 1)")),
    ("asin(x)", "atan(x/sqrt(1 - x^2))", on("(-1, 1)")),
    ("2asin(sqrt(x))", "acos(1 - 2x)", on("[0, 1]")),
    ("2atan(sqrt((1 - x)/(1 + x)))", "acos(x)", on("(-1, 1)")),
    ("atan(tan(x))", "x", on("(-pi/2, pi/2)")),
    ("asin(sin(x))", "x", on("[-pi/2, pi/2]")),
    ("acos(cos(x))", "x", on("[0, pi]")),
    # sizes of sines and cosines
    ("sqrt(1 - cos(x)^2)", "|sin(x)|", REAL),
    ("sqrt((1 - cos(2x))/2)", "|sin(x)|", REAL),
    ("sqrt((1 + cos(x))/2)", "|cos(x/2)|", REAL),
    ("sqrt(1 + tan(x)^2)", "1/|cos(x)|", REAL),
    ("|sin(x)|", "sin(x)", on("[0, pi]")),
    ("sqrt(1 - cos(x)^2)", "sin(x)", on("[0, pi]")),
    ("sqrt((1 - cos(2x))/2)", "-sin(x)", on("[-pi, 0]")),
    ("sqrt(1 - sin(x)^2)", "cos(x)", on("[-pi/2, pi/2]")),
    ("x*|sin(pi*x)|", "x*sin(pi*x)", on("[0, 1]")),
]
DIFFERENT = [
    ("{x if x > 0; 0 otherwise}", "x", REAL),
    ("{x if x > 1; 0 otherwise}", "relu(x)", REAL),
    ("{x if x > y; y otherwise}", "min(x, y)", REAL),
    ("{x if x^2 > 1; 0 otherwise}", "relu(x)", REAL),
    ("x", "|x|", on("(-1, oo)")),
    ("-asinh(x)", "asinh(x)", REAL),
    ("ln(x + sqrt(x^2 + 1))", "acosh(x)", REAL),
    ("cos(n pi)", "1", WHOLE),
    ("cos(2n pi/3)", "1", WHOLE),
    ("(-1)^(n(n + 1)/2)", "(-1)^n", WHOLE),
    ("(n + 1)*(n - 1)!", "n!", POSITIVE),
    ("ceil(x)", "floor(x)", REAL),
    ("floor(2x)", "2*floor(x)", REAL),
    ("sqrt(x - y)*sqrt(x - y)", "y - x", REAL),
    ("2 + sqrt(3) + 1e-60", "sqrt(7 + 4sqrt(3))", NONE),
    ("cos(2pi/7) + cos(4pi/7)", "-1/2", NONE),
    ("atan(1) + atan(2) + atan(3)", "0", NONE),
    ("2atan(1)", "-pi/2", NONE),
    ("ln(2 + sqrt(3))", "ln(2 - sqrt(3))", NONE),
    ("7 + 1000! - 1000!", "8", NONE),
    ("1000! + 1", "1000!", NONE),
    ("x*sqrt(7 + 4sqrt(3))", "x*(2 - sqrt(3))", REAL),
    ("(x - |x|)^n/(x - |x|)^n", "1", {"x": {}, **POSITIVE}),
    ("relu(x)^n/relu(x)^n*x", "x", {"x": {}, **POSITIVE}),
    ("sign(n)", "1", WHOLE),
    ("|e^x - 1|", "e^x - 1", REAL),
    ("sqrt(1 - cos(x)^2)", "sin(x)", REAL),
    ("sqrt(1 - cos(x)^2)", "sin(x)", on("[0, 3.2]")),
    ("atan(x) + atan(1/x)", "pi/2", REAL),
    ("2atan(x)", "atan(2x/(1 - x^2))", REAL),
    ("2atan(x)", "atan(2x/(1 - x^2))", on("(-1, 1.01)")),
    ("asin(sin(x))", "x", on("[-pi/2, 1.6]")),
    ("acos(cos(x))", "x", REAL),
    ("atan(tan(x))", "x", REAL),
    ("|sin(x)|", "sin(x)", on("[0, 3.15]")),
    ("sqrt((1 + cos(x))/2)", "cos(x/2)", on("(3, 4)")),
    ("{1 if relu(sin(x))*x^2 > 0; 0 otherwise}", "1", on("(0, 3.2)")),
    ("max(x, 0) + min(0, e^x - 1)", "{x if x > 1; e^x - 1 otherwise}", REAL),
]


def verdict(response: str, answer: str, variables: dict[str, object]) -> tuple[Outcome, str]:
    domain = Domain.of(variables)
    trees = (read(text, domain.vocabulary()).tree for text in (response, answer))
    found = decide(*trees, domain)
    return found.outcome, found.evidence.kind


@pytest.mark.parametrize(("response", "answer", "variables"), PROVED)
def test_it_is_proved(response: str, answer: str, variables: dict[str, object]) -> None:
    assert verdict(response, answer, variables) == (Outcome.EQUAL, "proved")


@pytest.mark.parametrize(("response", "answer", "variables"), DIFFERENT)
def test_it_is_not_proved(response: str, answer: str, variables: dict[str, object]) -> None:
    assert verdict(response, answer, variables)[0] is Outcome.DIFFERENT
