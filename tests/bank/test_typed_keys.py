"""Keys of every answer type in problem files: read as the type reads a response, with the variant's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.bank.linting import lint_problem
from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant
from grader.errors import BankErrors
from grader.grading import grade

CASES = Path(__file__).parents[1] / "cases" / "bank" / "keys.yaml"
HEAD = """id: keys
title: Keys
topic: keys
family: "1.1"
level: drill
prompt: "Take {{ c }}."
hints: ["None.", "At all."]
solution: "So."
examples: [{seed: 0, responses: {a: ""}, marks: {a: 0}}]
"""
ROWS: list[dict[str, Any]] = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))


def problem_of(file: str) -> Problem:
    """The problem with these lines below the head; c is 3."""
    if "parameters: {" in file:
        file = file.replace("parameters: {", "parameters: {c: {integer: [3, 3]}, ")
    else:
        file = f"parameters: {{c: {{integer: [3, 3]}}}}\n{file}"
    return load_problem(HEAD + file, "keys/keys.yaml")


def variant_of(row: dict[str, Any]) -> Variant:
    return make_variant(problem_of(row["file"]), 1)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["file"][-60:]) for row in ROWS])
def test_a_key_is_read_like_a_response(row: dict[str, Any]) -> None:
    assert f"type: {row['type']}" in row["file"]
    variant = variant_of(row)
    if "key" in row:
        assert variant.parts[0].answer_text == row["key"]
    for share, texts in ((1, row["right"]), (0, row["wrong"])):
        for text in texts:
            (found,) = grade(variant, {"a": text}).parts
            assert found.score == share, (text, found)
            assert found.outcome in {"equal", "different", "wrong-form"}, (text, found)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["file"][-60:]) for row in ROWS])
def test_lint_finds_nothing_to_mend(row: dict[str, Any]) -> None:
    found = lint_problem(problem_of(row["file"]), grade)
    assert [str(each) for each in found if each.kind != "no-wrong-text"] == []


MATRICES = "variables: {A: {shape: [m, n]}, B: {shape: [n, p]}}\nparts:\n  - {id: a, ask: x, "


@pytest.mark.parametrize(
    ("line", "says", "repair"),
    [
        ('type: indexed-expression, indices: {i: m, j: p}, answer: "sum_k A_ik ¡B_kq"}', "The index q", "sum_q"),
        ('type: indexed-expression, indices: {c: m, j: p}, answer: ¡"A_cj"}', "'c' is a parameter", "another letter"),
        ('type: matrix-expression, answer: "A B ¡Q"}', "The name Q", ""),
        ('type: matrix-expression, answer: "A B¡) A"}', "There is no opening bracket", ""),
        ('type: shape, answer: "¡m x q"}', "The name q", ""),
        ('type: shape, answer: "¡m x"}', "This is no shape.", "3 x 2"),
        ('type: interval, answer: "¡(0, 1"}', "The bracket ( is not closed.", ""),
        ('type: tensor, answer: "[[[1, 2], [3, 4]], [[5, 6], [7, ¡Q]]]"}', "The name Q", ""),
    ],
)
def test_a_key_that_cannot_be_read_is_named_at_its_place(line: str, says: str, repair: str) -> None:
    with pytest.raises(BankErrors) as caught:
        problem_of(MATRICES + line.replace("¡", "") + "\n")
    (error,) = caught.value.errors
    assert (error.line, error.column) == (13, line.index("¡") + len("  - {id: a, ask: x, ") + 1), str(error)
    assert error.message.startswith(says)
    assert repair in error.repair


def test_a_key_whose_shapes_do_not_fit_is_found_by_lint() -> None:
    problem = problem_of(MATRICES + 'type: matrix-expression, answer: "B A"}\n')
    found = [str(each) for each in lint_problem(problem, grade)]
    assert any("the answer itself cannot be used" in each for each in found), found


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("{shape: [2, 3], symmetric: true}", "symmetric needs a square shape such as [n, n]."),
        ("{symmetric: true}", "symmetric needs a square shape such as [n, n]."),
        ("{shape: [n, n], symetric: true}", "Unknown key 'symetric'."),
        ("{shape: [n, n, n, n, n]}", "A shape is a list of sizes such as [2, 3] or [m, n]."),
    ],
)
def test_what_is_declared_of_a_matrix_is_checked(declared: str, says: str) -> None:
    with pytest.raises(BankErrors) as caught:
        problem_of(f"variables: {{A: {declared}}}\nparts:\n  - {{id: a, ask: x, type: shape, answer: 2}}\n")
    assert [error.message for error in caught.value.errors] == [says]
