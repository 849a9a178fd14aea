from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.answers.tolerance import Bounds, Tolerance, decimal_unit, exact_amount, magnitude
from grader.reading.tree import Tree, neg

numbers = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6)


def exactly(value: Fraction | str) -> Bounds:
    return Bounds(Fraction(value), Fraction(value))


@given(numbers.filter(bool))
def test_magnitude_is_the_exponent_of_the_leading_digit(value: Fraction) -> None:
    exponent = magnitude(value)
    assert Fraction(10) ** exponent <= abs(value) < Fraction(10) ** (exponent + 1)


@given(numbers, st.integers(0, 8))
def test_a_number_rounded_by_the_decimal_module_agrees_to_these_places(value: Fraction, places: int) -> None:
    scaled = value * 10**places
    rounded = Fraction(round(scaled), 10**places)
    assert Tolerance(decimal_places=places).agrees(exactly(rounded), exactly(value)) is True
    far = rounded + Fraction(2, 10**places)
    assert Tolerance(decimal_places=places).agrees(exactly(far), exactly(value)) is False


@given(numbers, numbers, st.fractions(min_value=0, max_value=100, max_denominator=1000))
def test_absolute_is_the_plain_distance(response: Fraction, key: Fraction, amount: Fraction) -> None:
    amount = Fraction(round(amount * 1000), 1000)
    tolerance = Tolerance(absolute=str(Decimal(amount.numerator) / Decimal(amount.denominator)))
    assert tolerance.agrees(exactly(response), exactly(key)) is (abs(response - key) <= amount)


@given(numbers, numbers)
def test_wide_bounds_are_never_decided_wrongly(first: Fraction, second: Fraction) -> None:
    low, high = min(first, second), max(first, second)
    for tolerance in (Tolerance(absolute=1), Tolerance(relative="0.01"), Tolerance(significant_figures=3)):
        wide = tolerance.agrees(Bounds(low, high), exactly(low))
        ends = {tolerance.agrees(exactly(low), exactly(low)), tolerance.agrees(exactly(high), exactly(low))}
        if wide is not None:
            assert ends == {wide}


def test_bounds_that_straddle_a_rounding_edge_are_not_decided() -> None:
    straddling = Bounds(Fraction("2.4999"), Fraction("2.5001"))
    assert Tolerance(decimal_places=0).agrees(straddling, exactly("2")) is None
    assert Tolerance(decimal_places=0).agrees(straddling, exactly("4")) is False
    assert Tolerance(decimal_places=0).agrees(exactly("2.5"), Bounds(Fraction("2.1"), Fraction("2.2"))) is True


@pytest.mark.parametrize(
    ("amount", "exact"),
    [(0.1, "1/10"), (Decimal("0.1"), "1/10"), ("1e-3", "1/1000"), (2, "2"), ("0.50", "1/2")],
)
def test_amounts_are_the_decimals_that_they_are_written_as(amount: float | Decimal | str, exact: str) -> None:
    assert exact_amount(amount) == Fraction(exact)


@pytest.mark.parametrize("amount", ["", "1/3", "nan", "inf", float("nan"), "1e1000", "one"])
def test_amounts_that_are_no_decimals_are_refused(amount: float | str) -> None:
    with pytest.raises(ValueError, match=r"not a decimal number|out of range"):
        exact_amount(amount)


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        (Tolerance(significant_figures=1), "1 significant figure"),
        (Tolerance(decimal_places=2), "2 decimal places"),
        (Tolerance(absolute="0.01"), "within 0.01"),
        (Tolerance(relative=0.1), "within 0.1 of the value"),
    ],
)
def test_words(tolerance: Tolerance, words: str) -> None:
    assert tolerance.words() == words


@pytest.mark.parametrize(
    ("literal", "unit"),
    [("0.0156", "1/10000"), ("1.5e-3", "1/10000"), ("2.", "1"), ("3", None), ("2e3", None)],
)
def test_the_unit_of_the_last_place(literal: str, unit: str | None) -> None:
    tree = Tree("number", (), literal)
    expected = None if unit is None else Fraction(unit)
    assert decimal_unit(tree) == expected
    assert decimal_unit(neg(tree)) == expected
