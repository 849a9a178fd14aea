"""Mistakes that a problem adds to the usual ones: recognised, told, and never the right answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.linting import lint
from grader.bank.loading import load_file
from grader.bank.variants import make_variant_with
from grader.grading import grade

TEXT = """\
id: slope-of-parabola
title: Slope of a parabola
topic: derivatives
family: "2.1"
level: drill
variables: {x: {}}
parameters:
  a: {integer: [LOW, 9]}
derived:
  f: "a*x^2"
  df: {derivative: f, by: x}
prompt: "Let $f(x) = {{ f }}$."
parts:
  - id: slope
    ask: "$f'(x)$"
    type: expression
    answer: df
    mistakes:
      - id: number-squared
        answer: "2*a^2*x"
        feedback: "Only $x$ is squared, not ${{ a }}$."
hints: ["Power rule."]
solution: "It is ${{ df }}$."
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "slope-of-parabola.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("response", "mistake"),
    [("18x", "number-squared"), ("6x", None), ("3x^2", "not-differentiated"), ("x + 1", None)],
)
def test_an_own_mistake_comes_before_the_usual_ones(tmp_path: Path, response: str, mistake: str | None) -> None:
    problem = load_file(write(tmp_path, TEXT.replace("LOW", "2")))
    (part,) = grade(make_variant_with(problem, {"a": "3"}), {"slope": response}).parts
    assert part.mistake == mistake
    assert ("Only $x$ is squared, not $3$." in part.feedback) is (mistake == "number-squared")


def test_a_mistake_that_is_right_for_some_numbers_is_reported(tmp_path: Path) -> None:
    report = lint([write(tmp_path, TEXT.replace("[LOW, 9]", "[1, 1]"))], grade)
    assert any("leads to the right answer" in str(finding) for finding in report.errors)
    assert not any("leads to" in str(each) for each in lint([write(tmp_path, TEXT.replace("LOW", "2"))], grade).errors)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('answer: "2*b^2*x"', "b"),
        ("id: Number", "not a name of this kind"),
        ("feedbak: x", "feedbak"),
    ],
)
def test_a_fault_in_a_mistake_is_reported_at_its_place(tmp_path: Path, text: str, said: str) -> None:
    key = text.partition(":")[0].strip()
    wrong = {"answer": 'answer: "2*a^2*x"', "id": "id: number-squared", "feedbak": 'feedback: "Only'}[key]
    changed = TEXT.replace("LOW", "2").replace(wrong, text if key != "feedbak" else 'feedbak: "Only')
    report = lint([write(tmp_path, changed)], grade)
    assert any(said in str(finding) for finding in report.errors)
