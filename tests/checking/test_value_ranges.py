"""Answers without a real value anywhere, and ranges that must hold every value there is."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.bounding import NoValue, Unclear, enclose
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.identical import Numbering
from grader.checking.sampling import Interval
from grader.checking.value_ranges import Nowhere, ValueRanges
from grader.checking.verdict import Outcome
from grader.reading.text import read
from grader.reading.tree import Tree, call, name, number

NOWHERE = [
    *("acos(x^2 + 2)", "asin(x^2 + 2)", "asin(-x^2 - 2)", "atanh(x^2 + 1.5)", "acosh(-x^2)", "acosh(-1 - x^2)"),
    *("asin(2 + e^x)", "ln(sigmoid(x) - 1)", "ln(tanh(x) - 1)", "sqrt(-softplus(x))", "ln(ln(sin(x)))"),
    *("sqrt(-x^2 - x - 1)", "ln(-(x - 1)^2)", "ln(2e^x - e^(2x) - 1)", "sqrt(x(1 - x) - 1)", "ln(-x^4 - x - 1)"),
    *("ln(x) + ln(-x)", "sqrt(x - 1) + sqrt(-x)", "ln(x - 1)*sqrt(-x)", "asin(x + 3)*ln(-5 - x)"),
    *("ln(-x^2)", "sqrt(-cosh(x))", "ln(-e^x)", "ln(sin(x) - 1.5)", "log(x, 0)", "1/(|x| - sqrt(x^2))", "1/0"),
    *("ln(atan(x) - 2)", "ln(min(x, -x) - 1)", "ln(relu(-x^2))", "sqrt(2 x y - x^2 - y^2 - 1)", "ln(-|x + y|)"),
    *("{ln(-x^2) if x > 0; sqrt(-1 - x^2) otherwise}", "sqrt(-1)", "ln(cos(x)^2 - 1)", "(-2)^pi", "(1/2)!"),
]
SOMEWHERE = [
    *(
        "sqrt(x - 1) + sqrt(1 - x)",
        "sqrt(sin(x) - 1)",
        "ln(x) + ln(y)",
        "acos(x^2 + 1)",
        "sqrt(-x^2)",
        "acosh(1 - x^2)",
    ),
    *("acosh(1 - x^2)", "ln(x) + ln(1 - x)", "asin(x^2 + 2x + 2)", "sqrt(-x^y)", "sqrt(1/2 - sign(x)^2)", "1/x"),
    *("{ln(-x^2) if x > 0; x otherwise}", "ln(ln(x))", "sqrt(-floor(x)^2)", "ln(2 - cosh(x))", "ln(x + 1000!)"),
]
DOMAIN = Domain.of({"x": {}, "y": {}})


@pytest.mark.parametrize("response", NOWHERE)
def test_an_answer_without_a_value_anywhere_is_invalid(response: str) -> None:
    tree = read(response, DOMAIN.vocabulary()).tree
    assert decide(tree, name("x"), DOMAIN).outcome is Outcome.INVALID


@pytest.mark.parametrize("response", SOMEWHERE)
def test_an_answer_with_a_value_somewhere_is_judged(response: str) -> None:
    tree = read(response, DOMAIN.vocabulary()).tree
    assert decide(tree, name("x"), DOMAIN).outcome is not Outcome.INVALID
    ranges_of(tree)


@pytest.mark.parametrize(
    ("text", "interval", "expected"),
    [
        ("sin(x)", "[0, pi]", Interval(Fraction(0), Fraction(1), lower_closed=True, upper_closed=True)),
        ("sin(pi x)", "[0, 1]", Interval(Fraction(0), Fraction(1), lower_closed=True, upper_closed=True)),
        ("cos(pi x)", "[1/2, 1]", Interval(Fraction(-1), Fraction(0), lower_closed=True, upper_closed=True)),
        ("1/(1 + e^(-x))", "(-oo, oo)", Interval(Fraction(0), Fraction(1))),
        ("1/(x^2 - 2x + 2)", "[0, 3)", Interval(Fraction(1, 5), Fraction(1), upper_closed=True)),
        ("sqrt(x)", "(4, 9]", Interval(Fraction(2), Fraction(3), upper_closed=True)),
    ],
)
def test_the_range_on_an_interval(text: str, interval: str, expected: Interval) -> None:
    domain = Domain.of({"x": {"in": interval}})
    numbering = Numbering()
    root = numbering.of(read(text, domain.vocabulary()).tree)
    found = ValueRanges(numbering.nodes, root, domain).of(root)
    assert found == expected


def ranges_of(tree: Tree, domain: Domain = DOMAIN) -> Interval:
    numbering = Numbering()
    root = numbering.of(tree)
    return ValueRanges(numbering.nodes, root, domain).of(root)


NUMBERS = st.sampled_from([number(Fraction(text)) for text in ("-2", "-1", "-1/2", "0", "1/3", "1", "3/2", "4")])
LEAVES = st.one_of(NUMBERS, st.sampled_from([name("x"), name("y"), Tree("constant", (), "pi")]))
ONE_ARGUMENT = (
    *("sqrt", "cbrt", "exp", "ln", "abs", "sign", "floor", "ceil", "step", "relu", "sigmoid", "softplus", "sin", "cos"),
    *("tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "Phi"),
)


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    exponents = st.sampled_from([number(Fraction(text)) for text in ("-2", "-1", "0", "2", "3", "1/2", "-1/2", "2/3")])
    return st.one_of(
        st.builds(lambda *args: Tree("sum", args), inner, inner),
        st.builds(lambda *args: Tree("product", args), inner, inner),
        st.builds(lambda *args: Tree("quotient", args), inner, inner),
        st.builds(lambda base, by: Tree("power", (base, by)), inner, st.one_of(exponents, inner)),
        st.builds(call, st.sampled_from(ONE_ARGUMENT), inner),
        st.builds(call, st.sampled_from(["min", "max"]), inner, inner),
    )


@settings(max_examples=300)
@given(
    st.recursive(LEAVES, grown, max_leaves=7),
    st.sampled_from([Fraction(text) for text in ("0", "1", "-1", "1/2", "-7/3", "5", "1/64")]),
    st.sampled_from([Fraction(text) for text in ("0", "2", "-1", "3/7")]),
)
def test_a_value_lies_in_the_range(tree: Tree, x: Fraction, y: Fraction) -> None:
    try:
        value = enclose(tree, {"x": x, "y": y})
    except (NoValue, Unclear):
        return
    try:
        found = ranges_of(tree)
    except Nowhere:
        pytest.fail(f"there is the value {float(value)}")
    assert found.lower is None or found.lower <= value.upper
    assert found.upper is None or found.upper >= value.lower
