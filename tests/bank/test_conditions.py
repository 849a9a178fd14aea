"""Conditions are decided exactly, and what cannot be decided says so."""

from __future__ import annotations

import pytest

from grader.bank.conditions import holds
from grader.errors import AnswerError
from tests.bank.test_templates import Table

VALUES = {"a": "2", "b": "-3", "c": "1/3", "r": "sqrt(2)", "A": "[[1, 2], [2, 4]]", "v": "[1, 0]"}

DECIDED = [
    ("a != b", True),
    ("a = 2", True),
    ("0 < a <= 2", True),
    ("0 < a < 2", False),
    ("a*b < 0 and a + b != 0", True),
    ("a = 1 or b = -3", True),
    ("3*c = 1", True),
    ("c = 0.333333333333333333333", False),
    ("0.1 + 0.2 = 0.3", True),
    ("r^2 = 2", True),
    ("r > 1.41421356237309504880168872420969807856", True),
    ("r < 1.41421356237309504880168872420969807857", True),
    ("r != 1.5", True),
    ("sqrt(8) = 2*sqrt(2)", True),
    ("a^100 + 1 > a^100", True),
    ("det(A) = 0", True),
    ("A != [[1, 2], [2, 5]]", True),
    ("v = [1, 0]", True),
    ("|b| = 3", True),
    ("c != 0 and 1/c = 3", True),
]


@pytest.mark.parametrize(("text", "truth"), DECIDED)
def test_a_condition_is_decided(text: str, truth: bool) -> None:
    table = Table(VALUES, {})
    assert holds(table.condition(text), table) is truth


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("way = up and a > 0 or way = down and a < 0", True),
        ("way = up and a < 0 or way = down and a > 0", False),
        ("a < 0 or way != down", True),
        ("way = down and 1/(a - 2) > 0", False),
        ("(a = 1 or a = 2) and b = -3", True),
    ],
)
def test_words_and_numbers_may_be_joined(text: str, truth: bool) -> None:
    table = Table(VALUES, {"way": "up"})
    assert holds(table.condition(text), table) is truth


def test_a_fault_in_a_joined_condition_keeps_its_place() -> None:
    text = "way = up and a > q"
    with pytest.raises(AnswerError) as caught:
        Table(VALUES, {"way": "up"}).condition(text)
    assert caught.value.start == text.index("q")


def test_a_part_that_fails_shields_the_next() -> None:
    table = Table({"a": "1", "b": "1"}, {})
    assert holds(table.condition("a != b and 1/(a - b) > 0"), table) is False


@pytest.mark.parametrize("text", ["1/(a - 2) > 0", "x > 0", "sqrt(b) > 0"])
def test_what_has_no_truth_is_an_error(text: str) -> None:
    table = Table(VALUES, {})
    with pytest.raises(AnswerError, match="cannot be decided"):
        holds(table.condition(text), table)


@pytest.mark.parametrize("text", ["a + b", "a", "[a, b]", "sin(a)"])
def test_what_is_no_relation_is_refused(text: str) -> None:
    with pytest.raises(AnswerError, match="not a condition"):
        Table(VALUES, {}).condition(text)
