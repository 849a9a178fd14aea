"""The Python face: what it offers, what it loads, how soon it answers."""

from __future__ import annotations

import subprocess
import sys

import grader

FACE = {
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
}
HEAVY = {"sympy", "numpy", "pydantic", "flask", "sqlalchemy", "click", "pebble", "ruamel", "alembic"}
FIRST_VERDICT = """
import sys
from grader import check
assert check("12x^2 - 5", "12*x**2 - 6 + 1", variables={"x": {}}).outcome == "equal"
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_face_is_frozen() -> None:
    assert set(grader.__all__) == FACE


def test_a_first_verdict_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_VERDICT], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())
