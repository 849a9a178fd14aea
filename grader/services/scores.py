"""The score of an attempt explained line by line from the log of its tries; the lines add up to it exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from sqlalchemy.orm import Session

from grader.services.policies import Policy
from grader.services.standings import MARKED, UNDECIDED, Mark, PartStanding, Standing, reckon
from grader.store import score_logs

MOST_LINES = 50
"""Tries before the last fifty are one line together."""
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Try:
    """One judged submission in the log: what it got before penalties, and the share that lateness leaves."""

    submission_id: int
    number: int
    created: datetime
    marks: tuple[Mark, ...]
    share: Fraction = Fraction(1)
    marked_by: str = ""


@dataclass(frozen=True, slots=True)
class PartLine:
    """What a try got in one part; `was_right`: the part was right before, so that nothing could be added."""

    id: str
    outcome: str
    score: Fraction
    max_score: Fraction
    was_right: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One try in points: `earned` less `penalty`, `late` and what was `counted_before` is what it `added`."""

    submission_id: int
    number: int
    created: datetime
    parts: tuple[PartLine, ...]
    used_try: bool
    earned: Fraction
    penalty: Fraction
    late: Fraction
    counted_before: Fraction
    added: Fraction
    total: Fraction
    marked_by: str

    @property
    def waits(self) -> bool:
        """Whether a part waits for a person."""
        return any(part.outcome == UNDECIDED for part in self.parts)


@dataclass(frozen=True, slots=True)
class ScoreLog:
    """All lines; `earlier` is what the `earlier_tries` added that are not listed."""

    lines: tuple[ScoreLine, ...] = ()
    earlier_tries: int = 0
    earlier: Fraction = NOTHING
    score: Fraction = NOTHING
    max_score: Fraction = NOTHING
    waiting: tuple[str, ...] = field(default=())
    """The parts of the last try that wait for a person."""


def score_log(session: Session, attempt_id: int, policy: Policy, worth: Fraction) -> ScoreLog:
    """The log of an attempt in points of its assignment, for services and pages that have checked who asks."""
    tries = [
        Try(
            submission_id=entry.submission_id,
            number=entry.number,
            created=entry.created,
            marks=tuple(Mark.from_json(mark) for mark in entry.marks),
            share=policy.share(entry.created),
            marked_by=entry.author or "",
        )
        for entry in score_logs.of_attempt(session, attempt_id)
        if entry.marks is not None
    ]
    return explain(tries, policy.penalty, worth, every_counts=policy.exam)


def explain(
    tries: Sequence[Try], penalty: Fraction, worth: Fraction, *, every_counts: bool = False, most: int = MOST_LINES
) -> ScoreLog:
    """The log of these tries at a problem that is worth so many points."""
    if not tries:
        return ScoreLog(max_score=worth)
    marks, shares = [one.marks for one in tries], [one.share for one in tries]
    first = max(0, len(tries) - most)
    standings = [
        reckon(marks[:end], penalty, shares, every_counts=every_counts) for end in range(first, len(tries) + 1)
    ]
    final = standings[-1]
    scale = worth / final.max_score if final.max_score else NOTHING
    lines = tuple(
        _line(one, before, after, penalty, scale)
        for one, (before, after) in zip(tries[first:], pairwise(standings), strict=True)
    )
    waiting = tuple(mark.part for mark in tries[-1].marks if mark.outcome == UNDECIDED)
    return ScoreLog(lines, first, standings[0].score * scale, final.score * scale, worth, waiting)


def _line(one: Try, before: Standing, after: Standing, penalty: Fraction, scale: Fraction) -> ScoreLine:
    """What one try has added, and what was taken from it."""
    known = {part.id: part for part in before.parts}
    earned, lost, late = NOTHING, NOTHING, NOTHING
    for mark in one.marks:
        part = known.get(mark.part)
        if part is not None and part.is_right:
            continue
        worth = _worth(part, penalty)
        earned += mark.score
        lost += mark.score * (1 - worth)
        late += mark.score * worth * (1 - one.share)
    added = after.score - before.score
    return ScoreLine(
        submission_id=one.submission_id,
        number=one.number,
        created=one.created,
        parts=tuple(_part_line(mark, known) for mark in one.marks),
        used_try=after.tries_used > before.tries_used,
        earned=earned * scale,
        penalty=lost * scale,
        late=late * scale,
        counted_before=(earned - lost - late - added) * scale,
        added=added * scale,
        total=after.score * scale,
        marked_by=one.marked_by if any(mark.outcome == MARKED for mark in one.marks) else "",
    )


def _worth(part: PartStanding | None, penalty: Fraction) -> Fraction:
    """The share of its points that a part can still earn after the failed tries so far."""
    return Fraction(1) if part is None else max(NOTHING, 1 - penalty * part.failed_tries)


def _part_line(mark: Mark, known: Mapping[str, PartStanding]) -> PartLine:
    """What the try got in one part."""
    before = known.get(mark.part)
    was_right = before is not None and before.is_right
    return PartLine(mark.part, mark.outcome, mark.score, mark.max_score, was_right, mark.is_right)
