"""The formulas of item analysis, against values that are known from elsewhere."""

from __future__ import annotations

import doctest

import pytest

from grader.services import item_statistics
from grader.services.item_statistics import (
    difficulty,
    discrimination,
    fisher_exact,
    holm,
    quartiles,
    share,
)


def test_the_examples_in_the_texts_hold() -> None:
    done = doctest.testmod(item_statistics)
    assert done.attempted >= 5
    assert done.failed == 0


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),  # Newcombe, Two-sided confidence intervals (1998), gives these for 10, 20, 29, 263
        (1, 29, 0.0061, 0.1718),
        (0, 20, 0.0, 0.1611),
        (15, 148, 0.0624, 0.1605),
        (81, 263, 0.2553, 0.3662),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilsons_interval(hits: int, total: int, low: float, high: float) -> None:
    found = share(hits, total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("table", "chance"),
    [
        ((3, 4, 1, 4), 0.485714),  # the lady tasting tea
        ((4, 4, 0, 4), 0.028571),
        ((1, 12, 9, 12), 0.002759),  # men and women on a diet
        ((8, 10, 1, 6), 0.034965),
        ((5, 10, 5, 10), 1.0),
        ((0, 5, 0, 295), 1.0),
        ((0, 0, 3, 9), 1.0),
        ((0, 0, 0, 0), 1.0),
    ],
)
def test_fishers_exact_test(table: tuple[int, int, int, int], chance: float) -> None:
    assert fisher_exact(*table) == pytest.approx(chance, abs=1e-6)
    hits, total, other_hits, other_total = table
    assert fisher_exact(other_hits, other_total, hits, total) == pytest.approx(chance, abs=1e-6)


@pytest.mark.parametrize(
    ("chances", "corrected"),
    [
        ([], []),
        ([0.04], [0.04]),
        ([0.01, 0.02, 0.03, 0.005], [0.03, 0.04, 0.04, 0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
    ],
)
def test_holms_correction(chances: list[float], corrected: list[float]) -> None:
    assert holm(chances) == pytest.approx(corrected)


@pytest.mark.parametrize(
    ("item", "rest", "value"),
    [
        ([1, 1, 0, 0], [9, 8, 2, 1], 0.989949),
        ([0, 1, 0, 1, 1], [1, 2, 3, 4, 5], 0.577350),
        ([1, 1, 0, 0], [1, 2, 8, 9], -0.989949),
        ([1, 1, 1, 1], [1, 2, 3, 4], None),
        ([1, 0, 1, 0], [2, 2, 2, 2], None),
        ([1, 0, 1], [3, 1, 2], None),
        ([], [], None),
    ],
)
def test_discrimination(item: list[float], rest: list[float], value: float | None) -> None:
    found = discrimination(item, rest)
    assert (found and found.value) == (value if value is None else pytest.approx(value, abs=1e-6))
    assert found is None or found.low <= found.value <= found.high


def test_fishers_interval_of_a_correlation() -> None:
    found = discrimination([0, 1, 0, 1, 1], [1, 2, 3, 4, 5])  # z = 0.6585, with 1.96/√2 to either side
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (-0.621, 0.967)
    whole = discrimination([1, 2, 3, 4], [2, 4, 6, 8])
    assert whole is not None
    assert (whole.low, whole.high) == (whole.value, whole.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7], (7, 7, 7)),
        ([4, 1, 3, 2, 5], (2, 3, 4)),
        ([1, 2, 3, 4], (1.75, 2.5, 3.25)),
        ([0, 10], (2.5, 5, 7.5)),
    ],
)
def test_quartiles(values: list[float], expected: tuple[float, float, float]) -> None:
    found = quartiles(values)
    assert found is not None
    assert (found.first, found.median, found.third, found.count) == (*expected, len(values))


def test_of_nothing_nothing_is_said() -> None:
    assert quartiles([]) is None
    assert difficulty([]) is None
    assert share(0, 0).value is None
    assert difficulty([1, 0, 0.5, 0.5]) == 0.5
