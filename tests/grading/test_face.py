"""The Python face: what it offers, what it loads, how soon it answers."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.loading import later

PACKAGE = Path(grader.__file__).parent

FACE = {
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
}
HEAVY = {"sympy", "numpy", "pydantic", "flask", "sqlalchemy", "click", "pebble", "ruamel", "alembic"}
FIRST_VERDICT = """
import sys
from grader import check
assert check("12x^2 - 5", "12*x**2 - 6 + 1", variables={"x": {}}).outcome == "equal"
print(*sorted(sys.modules))
"""
# What a first verdict on a polynomial may load of ours: what reads, what compares at points, nothing else.
JUDGING = {
    "answers": "base entries entry_arithmetic expression forms grids literals scalars tolerance up_to wording",
    "checking": (
        "agreeing balls bounding conditions domain equality exact generic identical magnitudes nodes partiality"
        " polynomials printed programs quotients sampling shorthands signs steps verdict"
    ),
    "reading": (
        "binding brackets cursor functions indexed mathml names numbered_labels operands own_indices parsing printing"
        " source summing text tokens tree"
    ),
}
OURS = {"grader", "grader.errors", "grader.loading", "grader.single", *(f"grader.{package}" for package in JUDGING)}
OURS |= {f"grader.{package}.{name}" for package, names in JUDGING.items() for name in names.split()}


def test_the_face_is_frozen() -> None:
    assert set(grader.__all__) == FACE


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    done = subprocess.run([sys.executable, "-c", FIRST_VERDICT], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_first_verdict_loads_nothing_heavy(loaded: set[str]) -> None:
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in loaded)


def test_what_a_first_verdict_loads_is_frozen(loaded: set[str]) -> None:
    assert sorted(name for name in loaded if name.partition(".")[0] == "grader" and name not in OURS) == []


def laters() -> Iterator[tuple[Path, str]]:
    """Every `name = later("place")` of the package: its file and its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = node.value.func
                if isinstance(called, ast.Name) and called.id == "later":
                    (place,) = node.value.args
                    assert isinstance(place, ast.Constant)
                    yield path, str(place.value)


def test_what_is_loaded_later_is_there_and_is_what_the_type_checker_sees() -> None:
    found = list(laters())
    assert found
    for path, place in found:
        module, _, name = place.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), place
        seen = re.search(rf"^    from {re.escape(module)} import .*\b{name}\b", path.read_text("utf-8"), re.MULTILINE)
        assert seen, f"{path.name} does not import {place} for the type checker"


def test_a_later_function_takes_and_gives_what_the_function_does() -> None:
    power = later("operator:pow")
    assert power(2, 5) == 32
    with pytest.raises(TypeError):
        power()
