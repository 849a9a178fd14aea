"""SymPy as a second route, and the numerical matrices."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from grader.checking.equality import decide
from grader.checking.matrices import eigenvalues, rank
from grader.checking.symbolic import NotConverted, differentiate, prove_zero
from grader.checking.verdict import Outcome
from grader.errors import InvalidRequest
from grader.reading.text import read


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        ("x^3 - 2x", "3x^2 - 2"),
        ("x^2 sin(x)", "2x sin(x) + x^2 cos(x)"),
        ("exp(2x)/x", "(2x-1)exp(2x)/x^2"),
        ("ln(x^2 + y^2)", "2x/(x^2+y^2)"),
        ("sqrt(x y)", "y/(2 sqrt(x y))"),
        ("sigmoid(x)", "sigmoid(x)(1-sigmoid(x))"),
        ("|x|", "sign(x)"),
        ("relu(x)", "step(x)"),
        ("atan(x)", "1/(1+x^2)"),
        ("acot(x)", "-1/(1+x^2)"),
        ("tanh(x)", "1 - tanh(x)^2"),
        ("x^y", "y x^(y-1)"),
        ("Phi(x)", "phi(x)"),
        ("log2(x)", "1/(x ln 2)"),
        ("cbrt(x)", "1/(3 cbrt(x^2))"),
    ],
)
def test_derivative(function: str, derivative: str) -> None:
    found = differentiate(read(function).tree, "x")
    assert decide(found, read(derivative).tree).outcome == Outcome.EQUAL, found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("sqrt(5+2sqrt(6))", "sqrt(2)+sqrt(3)"),
        ("sin(x)^2", "1-cos(x)^2"),
        ("1/x + 1/y", "(x+y)/(x y)"),
    ],
)
def test_proof(first: str, second: str) -> None:
    assert prove_zero(read(first).tree, read(second).tree)
    assert not prove_zero(read(first).tree, read(f"{second} + 1/7").tree)


def test_what_has_no_counterpart_is_refused() -> None:
    with pytest.raises(NotConverted):
        differentiate(read("[x, 1]").tree, "x")
    assert not prove_zero(read("softmax(x)").tree, read("x").tree)


def test_a_first_verdict_loads_no_computer_algebra() -> None:
    program = (
        "import sys\n"
        "from grader.checking.equality import decide\n"
        "from grader.reading.text import read\n"
        "print(decide(read('(x+1)^2').tree, read('x^2+2x+1').tree).outcome)\n"
        "print(sorted({'sympy', 'numpy'} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[:2] == ["equal", "[]"]


def test_eigenvalues_and_rank() -> None:
    assert eigenvalues([[2, 1], [1, 2]]) == pytest.approx((1, 3))
    assert eigenvalues([[0, -1], [1, 0]]) == pytest.approx((-1j, 1j))
    assert rank([[Fraction(1, 2), 1], [1, 2]]) == 1
    with pytest.raises(InvalidRequest):
        eigenvalues([[1, 2]])
    with pytest.raises(InvalidRequest):
        rank([[1, 2], [3]])
