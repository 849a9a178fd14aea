"""A few problems of every topic: what pages and routes do does not depend on how many there are.

Loading the whole bank takes longer than all tests of a folder; that it loads is tested in tests/problems.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.bank.loading import Bank, load_bank

PROBLEMS = Path(__file__).parents[1] / "problems"
FILES = (
    "convexity/critical-point-of-quadratic",
    "convexity/eigenvalues-of-symmetric-matrix",
    "convexity/newton-step-on-quadratic",
    "derivatives/derivative-chain-power",
    "derivatives/derivative-polynomial",
    "derivatives/relu-slope-and-kink",
    "descent/descent-on-bowl-table",
    "descent/descent-two-weights",
    "gradients/directional-derivative",
    "gradients/gradient-mixed-cubic",
    "jacobians/jacobian-known-change",
    "jacobians/jacobian-polynomial-map",
    "jacobians/jacobian-three-outputs",
    "understanding/explain-two-modes",
)


@cache
def small_bank() -> Bank:
    """These problems, loaded once in a session of tests."""
    bank = load_bank([PROBLEMS / f"{name}.yaml" for name in FILES])
    assert not bank.errors, bank.errors
    return bank
