"""Mastery from answers: a table of courses of answers, and laws that hold for all of them."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.services.mastery import LEVELS, SAYS, Answered, Stage, credit, mastery, nearest_level
from grader.services.standings import PartStanding

LETTERS = {"d": "drill", "s": "standard", "x": "stretch"}


def answers(words: str) -> list[Answered]:
    """`d1 s0.5` -> a right drill, then a standard problem that is half right."""
    return [Answered(LETTERS[word[0]], float(word[1:])) for word in words.split()]


@pytest.mark.parametrize(
    ("words", "share", "stage", "level"),
    [
        ("", 0.0, Stage.NEW, "drill"),
        ("d0", 0.0, Stage.BEGINNING, "drill"),
        ("d1", 0.287, Stage.BEGINNING, "drill"),  # one right answer after two ghosts
        ("d1 d1 d1", 0.508, Stage.ON_THE_WAY, "standard"),
        ("d1 " * 40, 0.7, Stage.ON_THE_WAY, "standard"),  # drills alone say no more than this
        ("d1 d1 d1 s1 s1 s1 s1", 0.775, Stage.GOOD, "stretch"),
        ("d1 d1 d1 s1 s1 s1 s1 x1 x1 x1", 0.893, Stage.MASTERED, "stretch"),
        ("s1 " * 40, 0.9, Stage.MASTERED, "stretch"),
        ("s1 " * 10 + "s0 s0", 0.613, Stage.ON_THE_WAY, "standard"),  # what is recent weighs more
        ("s0 s0 " + "s1 " * 10, 0.848, Stage.GOOD, "stretch"),
        ("x0", 0.164, Stage.BEGINNING, "drill"),  # a stretch problem that is missed says little
        ("s0.5 s0.5 s0.5", 0.399, Stage.BEGINNING, "drill"),
    ],
)
def test_mastery(words: str, share: float, stage: Stage, level: str) -> None:
    found = mastery(answers(words))
    assert found.share == pytest.approx(share, abs=0.0006)
    assert (found.stage, found.level, found.answered) == (stage, level, len(words.split()))


ANSWERS = st.lists(st.builds(Answered, st.sampled_from(LEVELS), st.floats(0, 1)), max_size=60)


@given(ANSWERS, st.sampled_from(LEVELS), st.floats(0, 1), st.floats(0, 1))
def test_a_better_answer_never_says_less(before: list[Answered], level: str, one: float, other: float) -> None:
    worse, better = sorted((one, other))
    shares = [mastery([*before, Answered(level, each)]).share for each in (worse, better)]
    assert 0 <= shares[0] <= shares[1] <= 1


@given(ANSWERS, st.floats(0, 1))
def test_a_harder_problem_says_more(before: list[Answered], well: float) -> None:
    shares = [mastery([*before, Answered(level, well)]).share for level in LEVELS]
    assert shares == sorted(shares)


def part(score: str, most: int = 1, failed: int = 0) -> PartStanding:
    value = Fraction(score)
    return PartStanding("a", value, Fraction(most), value == most, failed)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], 0),
        ([part("1")], 1),
        ([part("1", failed=1)], 0.75),
        ([part("1", failed=9)], 0.25),
        ([part("0", failed=3)], 0),
        ([part("1", 2, failed=1)], 0.1875),  # half the points, not right: half of that, less a quarter
        ([part("2", 2), part("0", 2, failed=1)], 0.5),
    ],
)
def test_credit(parts: list[PartStanding], expected: float) -> None:
    assert credit(parts) == expected


@pytest.mark.parametrize(
    ("wanted", "there_are", "taken"),
    [
        ("drill", ["drill", "stretch"], "drill"),
        ("standard", ["stretch", "drill"], "drill"),
        ("stretch", ["drill"], "drill"),
        ("drill", ["stretch", "standard"], "standard"),
        ("drill", ["of its own"], "of its own"),
    ],
)
def test_the_nearest_level(wanted: str, there_are: list[str], taken: str) -> None:
    assert nearest_level(wanted, there_are) == taken


def test_the_examples_of_the_manual() -> None:
    page = (Path(__file__).parents[2] / "docs" / "students.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([0-9.]+) \|$", page, re.MULTILINE)
    assert len(rows) == 6
    for words, share in rows:
        assert f"{mastery(answers(words)).share:.3f}" == share, words
    levels = re.findall(r"^\| (Drill|Standard|Stretch) \| ([0-9.]+) \| ([0-9.]+) \|$", page, re.MULTILINE)
    assert {name.lower(): (float(wrong), float(right)) for name, wrong, right in levels} == SAYS
