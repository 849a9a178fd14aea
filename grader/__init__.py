"""The Python face of the grader: `check` and what its verdict is made of."""

from __future__ import annotations

from grader.checking.verdict import (
    Agreement,
    Contradiction,
    Counterexample,
    Outcome,
    OutOfBudget,
    Proof,
    TypeMismatch,
    Undefined,
    Unreadable,
    Verdict,
)
from grader.single import check

__all__ = [
    "Agreement",
    "Contradiction",
    "Counterexample",
    "OutOfBudget",
    "Outcome",
    "Proof",
    "TypeMismatch",
    "Undefined",
    "Unreadable",
    "Verdict",
    "check",
]
