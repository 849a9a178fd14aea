"""Stand-ins for declared unknown functions: of both signs, and never their own derivatives."""

from __future__ import annotations

from math import exp
from string import ascii_letters

import pytest

from grader.checking.generic import OTHERS, generic_function

NAMES = (*ascii_letters, "alpha", "beta", "theta", "sigma", "f_1")


def value(name: str, at: float, turn: int = 0) -> float:
    terms = generic_function(name, 1, turn)
    assert terms is not None
    return sum(term.factor * exp(term.rates[0] * at) for term in terms)


@pytest.mark.parametrize("name", NAMES)
def test_no_derivative_is_a_multiple_of_the_function_or_of_another_derivative(name: str) -> None:
    for turn in (0, *OTHERS):
        terms = generic_function(name, 1, turn)
        assert terms is not None
        assert len({abs(term.rates[0]) for term in terms}) == len(terms)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_is_positive_and_of_the_others_one_is_negative(name: str) -> None:
    for at in (-3, -1, 0.5, 2, 7):
        assert value(name, at) > 0
        first, second = (value(name, at, turn) for turn in OTHERS)
        assert first == -second != 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("arguments", [2, 3, 4])
def test_no_two_arguments_can_be_exchanged(name: str, arguments: int) -> None:
    for turn in (0, *OTHERS):
        for term in generic_function(name, arguments, turn) or ():
            assert len(set(term.rates)) == arguments


def test_there_is_no_derivative_of_a_function_of_two() -> None:
    assert generic_function("f'", 2) is None
    assert generic_function("f", 7) is not None
