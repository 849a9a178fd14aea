"""SymPy is asked once for functions that differ in their numbers, and says the same as when asked for each."""

from __future__ import annotations

import pytest

from grader.calculus.second_routes import KeyCheckFailed, verify_by_sympy
from grader.calculus.sympy_derivatives import derivative_by_sympy
from grader.checking import symbolic
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree


def tree(text: str) -> Tree:
    return read(text, Vocabulary()).tree


FUNCTIONS = [
    "3*x^4 - 5*x + 7",
    "(2*x + 3)^5/(4*x)",
    "2^x*log(3, x)",
    "e^(-3*x^2)*sin(2*x + 1)",
    "sqrt(4*x + 9) + root(x, 3)",
    "abs(x - 2) + max(0, 3*x)",
    "x^(2*x)",
    "5",
]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_numbers_put_back_give_the_derivative_itself(text: str) -> None:
    found = derivative_by_sympy(tree(text), "x")
    assert found is not None
    assert decide(found, symbolic.differentiate(tree(text), "x")).outcome is Outcome.EQUAL


def test_a_wrong_key_is_refused_whatever_the_numbers() -> None:
    for a in (2, 3, 10**9):
        assert verify_by_sympy(tree(f"{a}*x^3"), "x", tree(f"{3 * a}*x^2"))
        with pytest.raises(KeyCheckFailed, match="SymPy"):
            verify_by_sympy(tree(f"{a}*x^3"), "x", tree(f"{3 * a + 1}*x^2"))


def test_what_sympy_does_not_know_is_none() -> None:
    assert derivative_by_sympy(tree("[x, 2]"), "x") is None
    assert not verify_by_sympy(tree("[x, 2]"), "x", tree("1"))
