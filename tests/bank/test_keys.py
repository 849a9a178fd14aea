"""A fault planted in each kind of key is caught by the second route; the sound key passes."""

from __future__ import annotations

from typing import Any

import pytest

from grader.calculus.tasks import Solved
from grader.calculus.verifying import CHECKS, KeyCheckFailed, verify_task
from grader.checking.domain import Domain
from grader.reading.text import read
from grader.reading.tree import Tree

PLAIN = frozenset({"by", "normalise", "last", "start_row", "columns"})

# A task, its key, and keys with a fault planted.
CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    (
        {"derivative": "x^2*sin(x)", "by": "x"},
        "2*x*sin(x) + x^2*cos(x)",
        ["2*x*cos(x)", "2*x*sin(x) - x^2*cos(x)", "0"],
    ),
    ({"derivative": "x^5", "by": "x", "order": "2"}, "20*x^3", ["5*x^4", "60*x^2"]),
    ({"derivative": "exp(2*x)", "by": "x", "at": {"x": "0"}}, "2", ["1", "2.0000001"]),
    ({"derivative": "relu(x)", "by": "x"}, "step(x)", ["1", "0"]),
    (
        {"gradient": "x^2*y + 3*x*y^2", "by": ["x", "y"]},
        "[2*x*y + 3*y^2, x^2 + 6*x*y]",
        ["[x^2 + 6*x*y, 2*x*y + 3*y^2]"],
    ),
    ({"gradient": "x^2 + x*y", "by": ["x", "y"], "at": {"x": "1", "y": "2"}}, "[4, 1]", ["[4, 2]", "[5, 2]"]),
    (
        {"jacobian": ["x^2", "x*y"], "by": ["x", "y"]},
        "[[2*x, 0], [y, x]]",
        ["[[2*x, y], [0, x]]", "[[2*x, 0], [y, y]]"],
    ),
    ({"hessian": "x^2 + x*y", "by": ["x", "y"]}, "[[2, 1], [1, 0]]", ["[[2, 2], [2, 0]]", "[[2, 1/2], [1/2, 0]]"]),
    ({"directional": "x^2 + x*y", "by": ["x", "y"], "along": ["3", "4"]}, "(3*(2*x+y) + 4*x)/5", ["3*(2*x+y) + 4*x"]),
    (
        {"directional": "x^2 + x*y", "by": ["x", "y"], "along": ["-1", "4"], "at": {"x": "1", "y": "2"}},
        "0",
        ["1/sqrt(17)"],
    ),
    (
        {"directional": "x*y", "by": ["x", "y"], "along": ["3", "4"], "normalise": False, "at": {"x": "1", "y": "1"}},
        "7",
        ["7/5"],
    ),
    ({"taylor": "sin(x)", "by": "x", "around": "0", "degree": "3"}, "x - x^3/6", ["x - x^3/3", "x", "x + x^3/6"]),
    ({"taylor": "x*y + y^2", "by": ["x", "y"], "around": ["1", "0"], "degree": "1"}, "y", ["x*y", "x"]),
    ({"tangent": "x^2", "by": "x", "at": {"x": "3"}}, "6*x - 9", ["6*x + 9", "6*x"]),
    ({"value": "x^2 + y", "at": {"x": "3", "y": "1"}}, "10", ["9", "11"]),
    (
        {"descent": "x^2", "by": ["x"], "start": ["3"], "rate": "0.1", "steps": "2"},
        "[[2.4], [1.92]]",
        ["[[2.4], [1.8]]"],
    ),
    (
        {"descent": "x^2 + y^2", "by": ["x", "y"], "start": ["1", "2"], "rate": "0.1", "steps": "1", "last": True},
        "[0.8, 1.6]",
        ["[1.2, 2.4]", "[0.9, 1.8]"],
    ),
    (
        {
            "descent": "x^2",
            "by": ["x"],
            "start": ["1"],
            "rate": "1/4",
            "steps": "2",
            "momentum": "1/2",
            "start_row": True,
        },
        "[[1], [1/2], [0]]",
        ["[[1], [1/2], [1/4]]"],
    ),
    (
        {"eigenvalues": "[[2, 1], [1, 0]]"},
        "{1 - sqrt(2), 1 + sqrt(2)}",
        ["{1 - sqrt(2), 2}", "{1 + sqrt(2)}", "{0, 2}"],
    ),
    ({"inverse": "[[2, 1], [1, 1]]"}, "[[1, -1], [-1, 2]]", ["[[1, 1], [1, 2]]", "[[2, -1], [-1, 1]]"]),
    ({"solve_linear": "[[2, 1], [1, 1]]", "right": "[3, 2]"}, "[1, 1]", ["[1, 2]"]),
    ({"determinant": "[[1, 2], [3, 4]]"}, "-2", ["2", "10"]),
    ({"norm": "[3, 4]"}, "5", ["7", "25"]),
    ({"unit": "[3, 4]"}, "[3/5, 4/5]", ["[3, 4]", "[4/5, 3/5]"]),
]
WORDS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"convexity": "x^2 + y^2", "by": ["x", "y"]}, "convex", ["concave"]),
    ({"convexity": "-x^4", "by": ["x"]}, "concave", ["convex"]),
    ({"convexity": "x^3", "by": ["x"]}, "neither", []),
    ({"convexity": "x^2 - y^2", "by": ["x", "y"]}, "neither", ["convex", "concave"]),
    ({"definiteness": "[[2, 1], [1, 2]]"}, "PD", ["ND", "NSD"]),
    ({"definiteness": "[[1, 1], [1, 1]]"}, "PSD", ["PD", "ND"]),
    ({"definiteness": "[[2, 1], [1, 0]]"}, "indefinite", ["PD", "ND"]),
]


def tree(text: str) -> Tree:
    return read(text).tree


def trees(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: entry if key in PLAIN else trees(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [trees(entry) for entry in value]
    return tree(value) if isinstance(value, str) else value


def verify(task: dict[str, Any], key: Tree | str) -> None:
    verify_task(trees(task), Solved(key, ""), tree, Domain.of({"x": {}, "y": {}}))


def named(task: dict[str, Any]) -> str:
    return " ".join(f"{key} {value}" for key, value in task.items())[:70]


SOUND = [pytest.param(task, tree(key), id=named(task)) for task, key, _ in CASES]
SOUND += [pytest.param(task, key, id=named(task)) for task, key, _ in WORDS]
FAULTY = [pytest.param(task, tree(key), id=f"{named(task)}: {key}") for task, _, keys in CASES for key in keys]
FAULTY += [pytest.param(task, key, id=f"{named(task)}: {key}") for task, _, keys in WORDS for key in keys]


@pytest.mark.parametrize(("task", "key"), SOUND)
def test_a_sound_key_passes(task: dict[str, Any], key: Tree | str) -> None:
    verify(task, key)


@pytest.mark.parametrize(("task", "key"), FAULTY)
def test_a_planted_fault_is_caught(task: dict[str, Any], key: Tree | str) -> None:
    with pytest.raises(KeyCheckFailed):
        verify(task, key)


def test_every_route_has_a_fault_to_catch() -> None:
    tried = {next(key for key in task if key in CHECKS) for task, _, _ in (*CASES, *WORDS)}
    assert tried == set(CHECKS)
