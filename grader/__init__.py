"""The Python face of the grader: `check` and what its verdict is made of."""

from __future__ import annotations

from grader.checking.verdict import (
    Agreement,
    Counterexample,
    Outcome,
    OutOfBudget,
    Proof,
    TypeMismatch,
    Undefined,
    Unreadable,
    Verdict,
)
from grader.pairs import check

__all__ = [
    "Agreement",
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
