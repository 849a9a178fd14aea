"""From the gradings of an attempt to tries, penalties and marks: pure reckoning, no tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, repeat
from typing import Any

from grader.grading import PartResult

WRONG = "different"
UNDECIDED = "undecided"
MARKED = "marked"
"""The outcome of a part that a person has marked.

It is right with all points. With fewer it is not wrong, and in either case it uses up no try: the points
say what the answer is worth, and only the judge's own verdicts are what tries are counted by."""
DECIDED = ("equal", WRONG)
"""Outcomes that decide a part. Nothing else (unread, unanswered, in the wrong form) uses up a try.

A right value in the wrong form decides nothing yet: it earns no points, so that the form is worth writing,
and costs no try, since a student who has found the value has nothing left to guess. It can tell nobody
that a guess is right which was not: a wrong value is `different` whatever its form, and costs one."""
FREE_UNDECIDED = 3
"""So many undecided submissions of an attempt use up no try. Without a bound, a guess dressed up so that
only a right one can be decided, `7 + 1000! - 1000!`, could be repeated for nothing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one submission got in one part."""

    part: str
    score: Fraction
    max_score: Fraction
    outcome: str

    @property
    def is_right(self) -> bool:
        """Whether nothing is missing."""
        return self.outcome in {"equal", MARKED} and self.score == self.max_score

    def to_json(self) -> list[str]:
        """As it is kept beside a grading."""
        return [self.part, str(self.score), str(self.max_score), self.outcome]

    @classmethod
    def of(cls, part: PartResult) -> Mark:
        """What a judged part counts as: one wrong entry decides it, whatever can be said of the others.

        Otherwise `[guess, 1/0]`, which has no value, would tell for nothing whether the guess is right.
        """
        has_wrong_entry = any(entry.outcome == WRONG for entry in part.entries)
        return cls(part.id, part.score, part.max_score, WRONG if has_wrong_entry else str(part.outcome))

    @staticmethod
    def from_json(data: Sequence[str]) -> Mark:
        """The mark that `to_json` wrote."""
        part, score, max_score, outcome = data
        return Mark(part, Fraction(score), Fraction(max_score), outcome)


@dataclass(frozen=True, slots=True)
class PartStanding:
    """The best that the student has reached in one part, after penalties."""

    id: str
    score: Fraction
    max_score: Fraction
    is_right: bool
    failed_tries: int

    def to_json(self) -> list[Any]:
        """As it is kept with an attempt."""
        return [self.id, str(self.score), str(self.max_score), self.is_right, self.failed_tries]

    @staticmethod
    def from_json(data: Sequence[Any]) -> PartStanding:
        """The standing that `to_json` wrote."""
        part, score, max_score, is_right, failed = data
        return PartStanding(part, Fraction(score), Fraction(max_score), is_right, failed)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an attempt stands.

    `counted` says of each submission, in order, whether it used up a try.
    """

    parts: tuple[PartStanding, ...]
    counted: tuple[bool, ...]

    @property
    def tries_used(self) -> int:
        """How many submissions used up a try."""
        return sum(self.counted)

    @property
    def score(self) -> Fraction:
        """The marks of all parts together."""
        return sum((part.score for part in self.parts), Fraction(0))

    @property
    def max_score(self) -> Fraction:
        """The marks that there are."""
        return sum((part.max_score for part in self.parts), Fraction(0))

    @property
    def is_solved(self) -> bool:
        """Whether every part is right."""
        return bool(self.parts) and all(part.is_right for part in self.parts)


def reckon(
    submissions: Iterable[Sequence[Mark]],
    penalty: Fraction,
    shares: Iterable[Fraction] = (),
    *,
    every_counts: bool = False,
) -> Standing:
    """The standing after these submissions, in the order in which they came in.

    A submission uses up a try when it decides a part that was not right before, or is one undecided
    submission too many; where `every_counts`, always. A part keeps its best marks; each failed try of the
    part takes `penalty` of its points from what later tries can earn, and what a submission earns counts
    by its share of `shares` (those that came in late count less; one that is not there counts whole).
    """
    parts: dict[str, PartStanding] = {}
    counted: list[bool] = []
    undecided = 0
    for marks, share in zip(submissions, chain(shares, repeat(Fraction(1)))):  # noqa: B905 - the shares have no end
        before = {mark.part: parts.get(mark.part) or _untouched(mark) for mark in marks}
        open_marks = [mark for mark in marks if not before[mark.part].is_right]
        is_decided = any(mark.outcome in DECIDED for mark in open_marks)
        # One that has used up a try already takes none of the free ones besides.
        is_undecided = not is_decided and any(mark.outcome == UNDECIDED for mark in open_marks)
        undecided += is_undecided
        counted.append(every_counts or is_decided or (is_undecided and undecided > FREE_UNDECIDED))
        parts |= {mark.part: _after(before[mark.part], mark, penalty, share) for mark in marks}
    return Standing(tuple(parts.values()), tuple(counted))


def _untouched(mark: Mark) -> PartStanding:
    """A part before its first try."""
    return PartStanding(mark.part, Fraction(0), mark.max_score, is_right=False, failed_tries=0)


def _after(part: PartStanding, mark: Mark, penalty: Fraction, share: Fraction) -> PartStanding:
    """A part after one more mark."""
    if part.is_right:
        return part
    worth = max(Fraction(0), 1 - penalty * part.failed_tries)
    best = max(part.score, mark.score * worth * share)
    has_failed = mark.outcome in DECIDED and not mark.is_right
    return PartStanding(part.id, best, mark.max_score, mark.is_right, part.failed_tries + has_failed)


def points(score: Fraction, max_score: Fraction, worth: Fraction) -> Fraction:
    """Marks turned into the points that the problem is worth in its assignment."""
    return worth * score / max_score if max_score else Fraction(0)
