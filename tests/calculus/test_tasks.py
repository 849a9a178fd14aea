"""Every row of the tables of tasks: keys, types, checks by second routes, planted faults, errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.calculus.convexity import ConvexityUnknown, convexity
from grader.calculus.curvature_checks import check_convexity
from grader.calculus.describing import describe
from grader.calculus.second_routes import KeyCheckFailed
from grader.calculus.tasks import TASKS, Solved, TaskError, solve
from grader.calculus.verifying import CHECKS, verify_task
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree

CASES = Path(__file__).parents[1] / "cases" / "calculus"
Row = Mapping[str, Any]


def rows_of(name: str) -> list[Any]:
    rows: list[Row] = YAML(typ="safe").load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(row, id=f"{number}-{next(iter(row.values()))}") for number, row in enumerate(rows, start=1)]


def tree_of(text: str) -> Tree:
    return read(text).tree


def leaves(tree: Tree) -> list[Tree]:
    """The entries of anything that has entries, in order."""
    if tree.kind in {"vector", "matrix", "row", "set"}:
        return [leaf for arg in tree.args for leaf in leaves(arg)]
    return [tree]


@pytest.mark.parametrize("row", rows_of("tasks"))
def test_a_task_has_its_key_and_passes_its_check(row: Row) -> None:
    solved = solve(row["task"], tree_of)
    assert solved.type == row["type"]
    assert solved.is_exact
    if isinstance(solved.key, str):
        assert solved.key == row["key"]
    else:
        wanted = tree_of(row["key"])
        found, expected = leaves(solved.key), leaves(wanted)
        assert len(found) == len(expected), to_text(solved.key)
        assert wanted.kind == solved.key.kind or len(found) == 1
        for one, other in zip(found, expected, strict=True):
            assert decide(one, other).outcome is Outcome.EQUAL, to_text(solved.key)
    verify_task(row["task"], solved, tree_of)


@pytest.mark.parametrize("row", rows_of("tasks"))
def test_a_printed_key_reads_back_as_itself(row: Row) -> None:
    key = solve(row["task"], tree_of).key
    if isinstance(key, Tree):
        again = read(to_text(key)).tree
        assert [to_text(leaf) for leaf in leaves(again)] == [to_text(leaf) for leaf in leaves(key)]


@pytest.mark.parametrize("row", rows_of("faults"))
def test_a_planted_fault_is_caught_by_its_route(row: Row) -> None:
    words = TASKS.keys() & row["task"].keys() <= {"convexity", "definiteness"}
    wrong = Solved(row["key"] if words else tree_of(row["key"]), "")
    with pytest.raises(KeyCheckFailed) as caught:
        verify_task(row["task"], wrong, tree_of)
    assert caught.value.route == row["route"], str(caught.value)


def test_every_kind_of_task_has_rows_and_every_check_a_fault() -> None:
    kinds = {key for row in rows_of("tasks") for key in row.values[0]["task"]} & TASKS.keys()
    assert kinds == TASKS.keys() - {"convexity"}
    assert {key for row in rows_of("faults") for key in row.values[0]["task"]} & TASKS.keys() == CHECKS.keys()


@pytest.mark.parametrize("row", rows_of("task_errors"))
def test_a_task_that_cannot_be_solved_names_the_key_at_fault(row: Row) -> None:
    with pytest.raises(TaskError) as caught:
        solve(row["task"], tree_of)
    assert caught.value.key == row["key"], str(caught.value)
    assert row["says"] in str(caught.value)


@pytest.mark.parametrize("row", rows_of("convexity"))
def test_a_convexity_verdict_is_proved_or_left_to_the_author(row: Row) -> None:
    function, variables = tree_of(row["function"]), row.get("by", ["x"])
    domain = Domain.of(row.get("variables"))
    if row["verdict"] == "unknown":
        with pytest.raises(ConvexityUnknown):
            convexity(function, variables, domain)
    else:
        assert convexity(function, variables, domain) == row["verdict"]
        check_convexity(function, variables, row["verdict"], domain)


def test_trees_stand_for_texts_in_a_task() -> None:
    task = {"gradient": tree_of("x^2*y"), "by": [tree_of("x"), "y"], "at": {"x": tree_of("1"), "y": 2}}
    key = solve(task, tree_of).key
    assert isinstance(key, Tree)
    assert to_text(key) == "[4, 1]"


def test_a_descent_with_irrational_numbers_is_rounded_and_says_so() -> None:
    task = {"descent": "e^x + x^2", "by": "x", "start": "1", "rate": "1/4", "steps": 4}
    solved = solve(task, tree_of)
    assert not solved.is_exact
    verify_task(task, solved, tree_of)


def test_a_descent_with_numbers_that_grow_is_rounded_and_says_so() -> None:
    task = {"descent": "x^4", "by": "x", "start": "3", "rate": "0.01", "steps": 8, "last": True}
    solved = solve(task, tree_of)
    assert isinstance(solved.key, Tree)
    assert not solved.is_exact
    assert len(to_text(solved.key)) < 40
    verify_task(task, solved, tree_of)


def test_decimals_stay_decimals() -> None:
    key = solve({"descent": "x^2", "by": "x", "start": 3, "rate": "0.1", "steps": 2}, tree_of).key
    assert isinstance(key, Tree)
    assert to_text(key) == "[[2.4], [1.92]]"


def test_steps_are_told_in_words() -> None:
    lines = describe(solve({"derivative": "e^(2x)*sin(x)", "by": "x", "at": {"x": 0}}, tree_of).steps)
    assert [line.split(":")[0].split(",")[0] for line in lines] == [
        "Product rule",
        "Chain rule",
        "Exponential rule",
        "Constant multiple rule",
        "Derivative of the sine",
        "At the point",
    ]
    assert all(line.count("$") % 2 == 0 for line in lines)
    assert not any(0xE000 <= ord(letter) < 0xF900 for line in lines for letter in line)


@pytest.mark.parametrize("row", rows_of("tasks"))
def test_the_steps_of_every_task_can_be_told(row: Row) -> None:
    for line in describe(solve(row["task"], tree_of).steps):
        assert line.endswith(".")
        assert line.count("$") % 2 == 0
