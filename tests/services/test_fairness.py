"""Comparing groups of students: what is flagged, what is too small, how values become ranges."""

from __future__ import annotations

from random import Random

import pytest

from grader.services.fairness import Tried, compare, compare_all, groups_of_values


def crowd(shares: dict[str, tuple[int, int]]) -> list[Tried]:
    """So many of so many right at the first try, by group."""
    return [
        Tried(group, number < hits, number < hits) for group, (hits, total) in shares.items() for number in range(total)
    ]


@pytest.mark.parametrize(
    ("shares", "unfair"),
    [
        ({"1": (18, 30), "2": (19, 30), "3": (2, 30), "4": (17, 30)}, {"3"}),
        ({"1": (18, 30), "2": (19, 30), "3": (15, 30), "4": (17, 30)}, set()),
        ({"1": (10, 30), "2": (9, 30), "3": (28, 30), "4": (11, 30)}, {"3"}),  # too easy is unfair, too
        ({"1": (0, 12), "2": (12, 12), "3": (12, 12)}, {"1"}),  # beside it, the fair ones are not called easy
        ({"1": (30, 30), "2": (5, 30)}, {"2"}),
        ({"1": (2, 30), "2": (1, 30), "3": (25, 30), "4": (26, 30), "5": (27, 30)}, {"1", "2"}),
        ({"1": (3, 5), "2": (0, 5)}, set()),  # chance does that
        ({"1": (30, 30), "2": (0, 4)}, set()),  # a group of four is not compared
        ({"1": (9000, 10000), "2": (9500, 10000)}, set()),  # certain, and of no consequence
        ({"1": (20, 30)}, set()),
        ({}, set()),
    ],
)
def test_what_is_flagged(shares: dict[str, tuple[int, int]], unfair: set[str]) -> None:
    assert {group.label for group in compare(crowd(shares)).unfair} == unfair


def test_fair_variants_raise_few_false_alarms() -> None:
    rng, alarms = Random(7), 0
    for _ in range(200):
        rows = [Tried(str(rng.randrange(10)), rng.random() < 0.6, solved=True) for _ in range(150)]
        alarms += bool(compare(rows).unfair)
    assert alarms <= 10


def test_small_groups_are_counted_not_compared() -> None:
    found = compare(crowd({"1": (2, 4), "2": (5, 9), "3": (1, 1)}))
    assert [group.label for group in found.groups] == ["2"]
    assert (found.few, found.few_students) == (2, 5)
    assert (found.groups[0].others.hits, found.groups[0].others.total) == (3, 5)


def test_the_correction_is_over_all_tables() -> None:
    rows = crowd({"1": (1, 12), "2": (9, 12)})
    alone = compare(rows).groups[0].chance
    assert compare_all([rows, rows])[1].groups[0].chance == pytest.approx(2 * alone)


def test_groups_are_in_the_order_of_numbers() -> None:
    labels = ["10", "9", "-3", "1/2", "tanh(u)", "relu(u)", "20 … 30"]
    found = compare(crowd(dict.fromkeys(labels, (3, 6))))
    assert [group.label for group in found.groups] == ["-3", "1/2", "9", "10", "20 … 30", "relu(u)", "tanh(u)"]


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        (["1", "2", "2", "3"], ["1", "2", "2", "3"]),
        ([str(n) for n in range(12)], ["0 … 2"] * 3 + ["3 … 5"] * 3 + ["6 … 8"] * 3 + ["9 … 11"] * 3),
        (
            ["-9", "1/2", "0.75", *map(str, range(1, 10))],
            ["-9 … 0.75"] * 3 + ["1 … 3"] * 3 + ["4 … 6"] * 3 + ["7 … 9"] * 3,
        ),
        ([f"[{n}, 1]" for n in range(12)], [f"[{n}, 1]" for n in range(12)]),
        (["0"] * 20 + [str(n) for n in range(1, 12)], ["0 … 3"] * 23 + ["4 … 11"] * 8),
    ],
)
def test_many_numbers_become_ranges(texts: list[str], groups: list[str]) -> None:
    found = groups_of_values(dict(enumerate(texts)))
    assert [found[seed] for seed in range(len(texts))] == groups
