"""The same answer to the same part is judged once by a process, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.bank.keeping import pack, unpack
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.checking.verdict import Outcome, OutOfBudget
from grader.grading import PartResult, grade, grade_part, undecided
from grader.isolation import Isolation, Limits, grade_variant_within
from grader.remembering import LARGEST, Remembered
from tests.grading.test_isolation import PROBLEM
from tests.grading.variants import JACOBIAN, KIND, VALUE, variant

ALL = variant(JACOBIAN, KIND, VALUE)
RESPONSES = {"jacobian": "[[2x y, x^2],[5+cos(x), 1]]", "kind": "convex", "value": "0.33"}


def test_the_same_answer_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with Isolation(Limits(seconds=30)) as isolation:
        start = isolation.start

        def count(task: Callable[..., PartResult], packed: bytes, text: str) -> Callable[[], PartResult]:
            asked.append(text)
            return start(task, packed, text)

        monkeypatch.setattr(isolation, "start", count)
        first = grade_variant_within(isolation, ALL, RESPONSES)
        assert grade_variant_within(isolation, ALL, RESPONSES) == first == grade(ALL, RESPONSES)
        assert len(asked) == 3
        other = grade_variant_within(isolation, ALL, {**RESPONSES, "value": "0.34"})
        assert other == grade(ALL, {**RESPONSES, "value": "0.34"})
        assert asked[3:] == ["0.34"]


def test_a_part_with_another_key_is_another_part() -> None:
    kept, part = Remembered(), ALL.parts[-1]
    kept.keep(part, "0.33", grade_part(part, "0.33"))
    assert kept.find(part, "0.33") == grade_part(part, "0.33")
    assert kept.find(replace(part, points=part.points + 1), "0.33") is None
    assert kept.find(replace(part, settings={**part.settings, "disclose": "none"}), "0.33") is None
    assert kept.find(part, " 0.33") is None
    assert kept.find(part, "\ud800") is None


def test_students_with_the_same_numbers_have_the_same_part() -> None:
    one = make_variant(load_problem(PROBLEM.read_text(encoding="utf-8"), PROBLEM.name), 1)
    read, again = unpack(pack(one)), unpack(pack(replace(one, seed=2)))
    assert read.parts[0].domain is not None  # what was worked out of one of them does not count
    assert [part.packed for part in read.parts] == [part.packed for part in again.parts]


def test_what_was_given_up_is_judged_again() -> None:
    kept, part = Remembered(), ALL.parts[-1]
    kept.keep(part, "?", undecided(part.id, part.points, OutOfBudget("it took longer than 4 seconds", "time")))
    assert kept.find(part, "?") is None


def test_only_the_latest_are_kept_and_none_that_is_large() -> None:
    kept, part = Remembered(most=2), ALL.parts[-1]
    result = PartResult(part.id, Fraction(0), part.points, Outcome.DIFFERENT)
    for text in "12":
        kept.keep(part, text, result)
    assert kept.find(part, "1") == result
    kept.keep(part, "3", result)
    assert [kept.find(part, text) is not None for text in "123"] == [True, False, True]
    kept.keep(part, "4", replace(result, read_as="1" * LARGEST))
    assert kept.find(part, "4") is None
