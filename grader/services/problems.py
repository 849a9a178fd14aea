"""The texts of problems, kept by content hash so that what was set can always be judged again."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ProblemSource:
    """A problem file as an assignment needs it; `version` is the bank's content hash."""

    id: str
    version: str
    title: str
    topic: str
    level: str
    source: str
    max_score: Fraction
