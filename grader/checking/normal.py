"""Proof by an exact normal form."""

from __future__ import annotations

from grader.checking.agreeing import Comparison, Tally


def is_proved(_comparison: Comparison, _tally: Tally) -> str:
    """The name of the proof, or an empty text where there is none."""
    return ""
