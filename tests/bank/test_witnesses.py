"""A witness in a problem file: conditions with the variant's numbers in them, with and without a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.bank.linting import lint
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.errors import BankErrors
from grader.grading import grade

PROBLEM = """id: flat-direction
title: A direction of zero slope
topic: gradients
family: "6.1"
level: standard
variables:
  x: {}
  y: {}
parameters:
  a: {integer: [2, 5]}
  b: {integer: [-4, 4], exclude: [0]}
derived:
  f: "a*x + b*y"
prompt: |
  Let $f(x, y) = {{ f }}$.
parts:
  - id: direction
    ask: "A direction of length one in which $f$ does not change."
    type: witness
    names: [d1, d2]
    conditions: ["a*d1 + {{ b }}*d2 = 0", "d1^2 + d2^2 = 1"]
    answer: "[b, -a]/sqrt(a^2 + b^2)"
    feedback: {wrong: "At right angles to the gradient."}
hints: ["The slope along $d$ is the gradient times $d$.", "Let the two terms cancel."]
solution: |
  $${{ a }} d_1 + {{ b }} d_2 = 0.$$
examples:
  - responses: {direction: "[{{ b }}, {{ -a }}]/sqrt({{ a^2 + b^2 }})"}
    marks: {direction: 1}
  - responses: {direction: "[0, 0]"}
    marks: {direction: 0}
"""
SAMPLE = '    answer: "[b, -a]/sqrt(a^2 + b^2)"\n'


def written(tmp_path: Path, text: str) -> list[str]:
    """What lint has to say of the file."""
    folder = tmp_path / "gradients"
    folder.mkdir()
    (folder / "flat-direction.yaml").write_text(text, encoding="utf-8")
    return [str(finding) for finding in lint([tmp_path], grade).findings]


@pytest.mark.parametrize("old", ["", SAMPLE])
def test_with_and_without_a_sample_there_is_nothing_to_mend(tmp_path: Path, old: str) -> None:
    assert written(tmp_path, PROBLEM.replace(old, "")) == []


def test_conditions_hold_the_numbers_of_the_variant() -> None:
    variant = make_variant(load_problem(PROBLEM, "x"), 3)
    a, b = int(variant.parameters["a"]), int(variant.parameters["b"])
    (part,) = variant.parts
    assert "a" not in part.settings["conditions"][0]
    right = grade(variant, {"direction": f"d2 = {a}/sqrt({a**2 + b**2}), d1 = {-b}/sqrt({a**2 + b**2})"})
    assert (right.score, right.parts[0].outcome) == (1, "equal")
    wrong = grade(variant, {"direction": "[1, 0]"})
    assert (wrong.score, wrong.parts[0].outcome) == (0, "different")
    assert wrong.parts[0].feedback[0].endswith(f" is {a}, not 0.")


def test_without_a_sample_the_conditions_are_shown() -> None:
    (part,) = make_variant(load_problem(PROBLEM.replace(SAMPLE, ""), "x"), 3).parts
    assert part.answer_text.endswith("= 0 and d1^2 + d2^2 = 1")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[b, -a]/sqrt(a^2 + b^2)", "[b, a]/sqrt(a^2 + b^2)", "does not meet the conditions itself: "),
        ("[b, -a]/sqrt(a^2 + b^2)", "[b, -a, 0]", "You gave 3 values"),
        ("names: [d1, d2]", "names: [a, d2]", "'a' is a parameter of this problem"),
        ("names: [d1, d2]", "names: [d1]", "The name d"),
        ("    names: [d1, d2]\n", "", "`names`"),
        ("d1^2 + d2^2 = 1", "d1^2 + d2^2", "not a condition"),
        ("d1^2 + d2^2 = 1", "d1^2 + (d2^2 = 1", "bracket"),
        ("d1^2 + d2^2 = 1", "d1^2 + f = 1", "The name"),
        ("d1^2 + d2^2 = 1", "d1 = 1/(a - a)", "division by zero"),
        ('conditions: ["a*d1', 'conditions: [3, "a*d1', "text"),
        ("    conditions", "    condition", "Unknown key 'condition'"),
        ("    type: witness", "    type: vector", "Unknown key"),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in PROBLEM
    findings = written(tmp_path, PROBLEM.replace(old, new, 1))
    assert any(says in finding for finding in findings), findings


@pytest.mark.parametrize("kind", ["vector", "expression", "witnes"])
def test_other_types_need_an_answer(kind: str) -> None:
    text = PROBLEM.replace(SAMPLE, "").replace("type: witness", f"type: {kind}")
    with pytest.raises(BankErrors) as caught:
        load_problem(text, "x")
    messages: list[Any] = [error.message for error in caught.value.errors]
    assert "The key 'answer' is missing." in messages
