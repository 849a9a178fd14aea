"""How well a student commands a topic, from what they have answered: pure reckoning, no tables.

An exponentially weighted share with two failed "ghost" answers before the first real one, as in
recent-performance factors analysis (Galyardt and Goldin, Journal of Educational Data Mining 7(2), 2015).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from grader.services.standings import PartStanding

DECAY = 0.8
"""What an answer counts after each later one; after twenty it counts about one in a hundred."""
GHOSTS = 2
"""So many failed answers stand before the first, so that one lucky answer is not mastery."""
MOST_ANSWERS = 40
"""Older answers weigh too little to be looked at."""
QUARTER = Fraction(1, 4)

DRILL, STANDARD, STRETCH = LEVELS = ("drill", "standard", "stretch")
SAYS: Mapping[str, tuple[float, float]] = {DRILL: (0.0, 0.7), STANDARD: (0.2, 0.9), STRETCH: (0.4, 1.0)}
"""What a wrong and a right answer say about the mastery of a topic, level by level.

A right drill says less than a right stretch problem, and a wrong stretch problem says less than a wrong drill."""


class Stage(StrEnum):
    """Mastery in words."""

    NEW = "new"
    BEGINNING = "beginning"
    ON_THE_WAY = "on-the-way"
    GOOD = "good"
    MASTERED = "mastered"


STAGES: Sequence[tuple[float, Stage]] = (
    (0.88, Stage.MASTERED),
    (0.75, Stage.GOOD),
    (0.45, Stage.ON_THE_WAY),
    (0.0, Stage.BEGINNING),
)
FITTING = {
    Stage.NEW: DRILL,
    Stage.BEGINNING: DRILL,
    Stage.ON_THE_WAY: STANDARD,
    Stage.GOOD: STRETCH,
    Stage.MASTERED: STRETCH,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One variant that a student has answered: its level, and how well, from 0 to 1."""

    level: str
    credit: float


@dataclass(frozen=True, slots=True)
class Mastery:
    """What is known of a student in a topic; `share` is from 0 to 1, `answered` counts the variants."""

    share: float = 0.0
    answered: int = 0

    @property
    def stage(self) -> Stage:
        """The share in words."""
        if not self.answered:
            return Stage.NEW
        return next(stage for least, stage in STAGES if self.share >= least)

    @property
    def level(self) -> str:
        """The level of problems that fits."""
        return FITTING[self.stage]


def mastery(answers: Sequence[Answered]) -> Mastery:
    """The mastery after these answers, the oldest first.

    >>> mastery([]).stage.value, mastery([Answered("standard", 1.0)] * 7).stage.value
    ('new', 'good')
    """
    total, weight, rest = 0.0, 0.0, 1.0
    for answer in reversed(answers[-MOST_ANSWERS:]):
        wrong, right = SAYS.get(answer.level, SAYS[STANDARD])
        total += rest * (wrong + (right - wrong) * answer.credit)
        weight += rest
        rest *= DECAY
    ghosts = sum(rest * DECAY**number for number in range(GHOSTS))
    return Mastery(total / (weight + ghosts), len(answers))


def credit(parts: Iterable[PartStanding]) -> float:
    """How well a variant was answered: a part that is right counts a quarter less for each failed try before.

    The rules of an assignment do not matter: what a try costs there says nothing about the topic.
    """
    got, most = Fraction(0), Fraction(0)
    for part in parts:
        worth = max(QUARTER, 1 - QUARTER * part.failed_tries)
        got += (part.max_score if part.is_right else part.score / 2) * worth
        most += part.max_score
    return float(got / most) if most else 0.0


def nearest_level(wanted: str, there_are: Iterable[str]) -> str:
    """The level to take where a topic lacks the wanted one: the nearest, the easier of two.

    >>> nearest_level("stretch", ["drill", "standard"]), nearest_level("standard", ["drill", "stretch"])
    ('standard', 'drill')
    """
    place = {level: number for number, level in enumerate(LEVELS)}
    at = place.get(wanted, 1)
    return min(there_are, key=lambda level: (abs(place.get(level, 1) - at), place.get(level, 1)))
