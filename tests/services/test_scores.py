"""The score line by line: a table of logs, and the law that the lines add up to the score exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.services.scores import ScoreLog, Try, explain
from grader.services.standings import Mark, reckon
from tests.factories import START

WORTH = {"a": Fraction(2), "b": Fraction(1)}
SHARES = {"equal": Fraction(1), "half": Fraction(1, 2), "marked": Fraction(2, 3)}
OUTCOMES = ["equal", "half", "different", "invalid", "undecided", "wrong-form", "unanswered", "marked"]


def tries(*words: str, shares: tuple[str, ...] = ()) -> list[Try]:
    """`equal half` -> a submission with these outcomes in parts a and b."""
    made = []
    for number, outcomes in enumerate(words, 1):
        marks = tuple(
            Mark(part, WORTH[part] * SHARES.get(one, Fraction(0)), WORTH[part], "different" if one == "half" else one)
            for part, one in zip(WORTH, outcomes.split(), strict=True)
        )
        share = Fraction(shares[number - 1]) if shares else Fraction(1)
        made.append(Try(number, number, START, marks, share))
    return made


def numbers(log: ScoreLog) -> list[tuple[str, ...]]:
    return [
        tuple(str(each) for each in (line.earned, line.penalty, line.late, line.counted_before, line.added))
        for line in log.lines
    ]


@pytest.mark.parametrize(
    ("words", "shares", "lines"),
    [
        (["equal equal"], (), [("3", "0", "0", "0", "3")]),
        (["different equal", "equal unanswered"], (), [("1", "0", "0", "0", "1"), ("2", "1/5", "0", "0", "9/5")]),
        # The better mark stays: of the second try only what goes beyond the first is added.
        (["half equal", "equal equal"], (), [("2", "0", "0", "0", "2"), ("2", "1/5", "0", "1", "4/5")]),
        (["half equal", "different equal"], (), [("2", "0", "0", "0", "2"), ("0", "0", "0", "0", "0")]),
        (["equal equal"], ("1/2",), [("3", "0", "3/2", "0", "3/2")]),
        (
            ["different different", "equal equal"],
            ("1", "1/2"),
            [("0", "0", "0", "0", "0"), ("3", "3/10", "27/20", "0", "27/20")],
        ),
        (["invalid unanswered"], (), [("0", "0", "0", "0", "0")]),
    ],
)
def test_lines(words: list[str], shares: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    assert numbers(explain(tries(*words, shares=shares), Fraction(1, 10), Fraction(3))) == lines


def test_points_are_those_of_the_assignment() -> None:
    log = explain(tries("half different", "equal equal"), Fraction(0), Fraction(10))
    assert [line.added for line in log.lines] == [Fraction(10, 3), Fraction(20, 3)]
    assert (log.score, log.max_score) == (10, 10)


def test_what_waits_and_who_marked() -> None:
    log = explain(tries("equal undecided"), Fraction(0), Fraction(3))
    assert (log.waiting, log.lines[0].waits, log.lines[0].marked_by) == (("b",), True, "")
    (one,) = tries("equal marked")
    marked = explain([Try(1, 1, START, one.marks, marked_by="Ines")], Fraction(0), Fraction(3))
    assert (marked.waiting, marked.lines[0].marked_by) == ((), "Ines")


LOGS = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES))
    .map(" ".join)
    .flatmap(lambda words: st.tuples(st.just(words), st.fractions(0, 1, max_denominator=20))),
    min_size=1,
    max_size=9,
)


@given(LOGS, st.fractions(0, 1, max_denominator=12), st.integers(1, 12), st.booleans(), st.integers(1, 9))
def test_the_lines_add_up_to_the_score(
    log: list[tuple[str, Fraction]], penalty: Fraction, worth: int, every_counts: bool, most: int
) -> None:
    sent = tries(*(words for words, _ in log), shares=tuple(str(share) for _, share in log))
    found = explain(sent, penalty, Fraction(worth), every_counts=every_counts, most=most)
    marks, shares = [one.marks for one in sent], [one.share for one in sent]
    standing = reckon(marks, penalty, shares, every_counts=every_counts)
    assert found.earlier + sum(line.added for line in found.lines) == found.score
    assert found.score == worth * standing.score / standing.max_score
    assert sum(line.used_try for line in explain(sent, penalty, Fraction(worth), every_counts=every_counts).lines) == (
        standing.tries_used
    )
    for line in found.lines:
        assert line.added == line.earned - line.penalty - line.late - line.counted_before
        assert min(line.penalty, line.late, line.counted_before, line.added) >= 0
    totals = [found.earlier, *(line.total for line in found.lines)]
    assert totals == sorted(totals)
    assert len(found.lines) + found.earlier_tries == len(sent)
