"""What a problem, or a part of one, shows of itself in the answers: difficulty, discrimination, and what is odd."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from grader.services.item_statistics import Correlation, Share, difficulty, discrimination, share

LEAST_STUDENTS = 10
"""With fewer students nothing is flagged, and discrimination is not worked out."""
HARD, EASY = 0.3, 0.95
WEAK = 0.2
"""Discrimination below this calls for a look: Ebel, Essentials of Educational Measurement (1972), chapter 14."""


class Flag(StrEnum):
    """Why somebody should look at a problem, the most pressing reason first."""

    NEGATIVE = "negative"  # who does well elsewhere does badly here
    UNFAIR = "unfair"  # some variants are harder than others
    HARD = "hard"
    WEAK = "weak"  # says little of who can do it
    EASY = "easy"
    FEW = "few"  # too few answers to say anything


class Observation(NamedTuple):
    """One student at one item: shares of the points here and of the points for all the rest, from 0 to 1."""

    points: float
    rest: float
    first_try: bool
    solved: bool


class PartWork(NamedTuple):
    """How far an attempt is with one part; `whole` are the points of all parts together."""

    id: str
    points: float
    max_points: float
    whole: float
    is_right: bool
    failed: int

    @property
    def first_try(self) -> bool:
        """Whether nothing wrong was sent in before what is right."""
        return self.is_right and not self.failed


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of an item; `difficulty` and `discrimination` are None where nothing can be said."""

    answered: int
    difficulty: float | None
    discrimination: Correlation | None
    first_try: Share
    solved: Share
    flags: tuple[Flag, ...]


def figures(rows: Sequence[Observation], *, has_rest: bool, is_unfair: bool = False) -> Figures:
    """The figures of an item; without a rest to compare with there is no discrimination."""
    mean = difficulty([row.points for row in rows])
    enough = len(rows) >= LEAST_STUDENTS
    power = discrimination([row.points for row in rows], [row.rest for row in rows]) if enough and has_rest else None
    return Figures(
        answered=len(rows),
        difficulty=mean,
        discrimination=power,
        first_try=share(sum(row.first_try for row in rows), len(rows)),
        solved=share(sum(row.solved for row in rows), len(rows)),
        flags=tuple(_flags(mean, power, is_unfair)) if enough and mean is not None else (Flag.FEW,),
    )


def _flags(mean: float, power: Correlation | None, is_unfair: bool) -> list[Flag]:
    """The reasons to look, in order; discrimination counts against an item only where that is certain."""
    is_weak = power is not None and power.high < WEAK
    found = {
        Flag.NEGATIVE: is_weak and power is not None and power.value < 0,
        Flag.UNFAIR: is_unfair,
        Flag.HARD: mean < HARD,
        Flag.WEAK: is_weak and power is not None and power.value >= 0 and mean <= EASY,
        Flag.EASY: mean > EASY,
    }
    return [flag for flag, holds in found.items() if holds]


@lru_cache(maxsize=8192)
def parts_of(text: str) -> tuple[PartWork, ...]:
    """The parts of an attempt from the JSON in which they are kept; a course holds the same few over and over."""
    rows = json.loads(text)
    whole = float(sum(Fraction(row[2]) for row in rows)) or 1.0
    return tuple(
        PartWork(part, float(Fraction(score)), float(Fraction(most)), whole, bool(is_right), int(failed))
        for part, score, most, is_right, failed in rows
    )
