"""Tries, penalties and marks: a table of attempts, and laws that hold for all of them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.grading import EntryResult, PartResult
from grader.services.standings import Mark, PartStanding, points, reckon

WORTH = {"a": Fraction(2), "b": Fraction(1)}
SHARES = {"equal": Fraction(1), "half": Fraction(1, 2), "marked": Fraction(1), "partly-marked": Fraction(1, 2)}
OUTCOMES_OF = {"half": "different", "partly-marked": "marked"}


def marks(words: str) -> list[Mark]:
    """`equal half` -> the marks of a submission with these outcomes in parts a and b."""
    return [
        Mark(part, WORTH[part] * SHARES.get(word, Fraction(0)), WORTH[part], OUTCOMES_OF.get(word, word))
        for part, word in zip(WORTH, words.split(), strict=True)
    ]


@pytest.mark.parametrize(
    ("tries", "penalty", "used", "score", "solved"),
    [
        ([], "0", 0, "0", False),
        (["equal equal"], "1/10", 1, "3", True),
        (["different different", "equal equal"], "1/10", 2, "27/10", True),
        (["different different"] * 3 + ["equal equal"], "1/3", 4, "0", True),
        (["different different"] * 5 + ["equal equal"], "1/3", 6, "0", True),
        (["equal different", "different equal"], "1/10", 2, "29/10", True),  # what was right stays right
        (["half unanswered", "different equal"], "0", 2, "2", False),
        (["half different", "equal different"], "1/2", 2, "1", False),  # half of 2 at first equals 2 at half worth
        (["invalid unanswered"] * 4, "1/2", 0, "0", False),
        (["invalid invalid", "equal equal"], "1/2", 1, "3", True),  # what could not be read costs nothing
        (["undecided ambiguous", "equal equal"], "1/2", 1, "3", True),
        (["wrong-form wrong-form"] * 9 + ["equal equal"], "1/2", 1, "3", True),  # the value is right: nothing to guess
        (["wrong-form different", "equal equal"], "1/2", 2, "5/2", True),
        (["undecided unanswered"] * 3, "1/2", 0, "0", False),
        (["undecided unanswered"] * 5 + ["equal equal"], "1/2", 3, "3", True),  # two too many, but no failed try
        (["equal unanswered"] + ["undecided unanswered"] * 5, "0", 1, "2", False),  # of a part that is right already
        (["equal invalid", "equal unanswered"], "0", 1, "2", False),  # sending a right part again is no try
        (["equal equal", "different different"], "1/2", 1, "3", True),
        (["marked marked"], "1/2", 0, "3", True),  # by a person: right with all points, and no try
        (["partly-marked equal"], "1/2", 1, "2", False),
        (["partly-marked partly-marked"] * 9 + ["equal equal"], "1/2", 1, "3", True),  # never wrong: nothing is lost
        (["different different", "marked partly-marked"], "1/2", 1, "5/4", False),  # tries lost before count as ever
    ],
)
def test_reckoning(tries: list[str], penalty: str, used: int, score: str, solved: bool) -> None:
    standing = reckon([marks(words) for words in tries], Fraction(penalty))
    assert (standing.tries_used, standing.score, standing.is_solved) == (used, Fraction(score), solved)
    assert len(standing.counted) == len(tries)


@pytest.mark.parametrize(
    ("outcome", "entries", "counts_as"),
    [
        ("invalid", ["different", "invalid"], "different"),  # [guess, 1/0]: the guess was judged
        ("invalid", ["equal", "invalid"], "invalid"),
        ("undecided", ["different", "undecided"], "different"),
        ("undecided", ["equal", "undecided"], "undecided"),
        ("different", ["equal", "different"], "different"),
        ("equal", ["equal", "equal"], "equal"),
        ("invalid", [], "invalid"),
        ("different", [], "different"),
    ],
)
def test_one_wrong_entry_decides_a_part(outcome: str, entries: list[str], counts_as: str) -> None:
    results = tuple(EntryResult((number,), entry) for number, entry in enumerate(entries, 1))
    part = PartResult("a", Fraction(1), Fraction(2), outcome, entries=results)
    assert Mark.of(part) == Mark("a", Fraction(1), Fraction(2), counts_as)
    standing = reckon([[Mark.of(part)]], Fraction(0))
    assert standing.tries_used == (counts_as in {"equal", "different"})


OUTCOMES = st.sampled_from(
    [
        "equal",
        "half",
        "different",
        "invalid",
        "undecided",
        "ambiguous",
        "wrong-form",
        "unanswered",
        "marked",
        "partly-marked",
    ]
)
SUBMISSIONS = st.lists(st.tuples(OUTCOMES, OUTCOMES).map(" ".join), max_size=8)
PENALTIES = st.fractions(0, 1, max_denominator=12)


@given(SUBMISSIONS, st.tuples(OUTCOMES, OUTCOMES).map(" ".join), PENALTIES)
def test_one_more_try_never_lowers_a_mark(tries: list[str], more: str, penalty: Fraction) -> None:
    before = reckon([marks(words) for words in tries], penalty)
    after = reckon([marks(words) for words in [*tries, more]], penalty)
    assert before.score <= after.score <= 3
    assert before.tries_used <= after.tries_used <= before.tries_used + 1
    assert after.is_solved or not before.is_solved


@given(SUBMISSIONS, st.integers(0, 8), PENALTIES)
@example(["half undecided", *["equal undecided"] * 3], 0, Fraction(0))
def test_an_earlier_one_judged_late_adds_at_most_one_try(tries: list[str], place: int, penalty: Fraction) -> None:
    """Reservations by waiting submissions rest on this: the limit holds in whatever order the judge ends."""
    whole = reckon([marks(words) for words in tries], penalty)
    without = reckon([marks(words) for words in tries[:place] + tries[place + 1 :]], penalty)
    assert whole.tries_used <= without.tries_used + 1


@given(SUBMISSIONS, PENALTIES)
def test_standing_survives_storing(tries: list[str], penalty: Fraction) -> None:
    parts = reckon([marks(words) for words in tries], penalty).parts
    assert tuple(PartStanding.from_json(part.to_json()) for part in parts) == parts
    assert all(Mark.from_json(mark.to_json()) == mark for words in tries for mark in marks(words))


def test_points_are_a_share() -> None:
    assert points(Fraction(1), Fraction(3), Fraction(10)) == Fraction(10, 3)
    assert points(Fraction(0), Fraction(0), Fraction(10)) == 0
