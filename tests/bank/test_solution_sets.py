"""Parts whose answers are sets of numbers or equations, from the file to the grade."""

from __future__ import annotations

import pytest

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import grade

FILE = """
id: steps-that-converge
title: Steps that converge
topic: descent
family: "1.1"
level: standard
variables:
  eta: {}
  L: {positive: true}
  x: {}
  y: {}
parameters:
  a: {integer: [3, 5]}
prompt: "Gradient descent on $L x^2/2$ with step $\\\\eta$; a line through the origin."
parts:
  - id: steps
    ask: "For which steps does it converge?"
    type: interval
    answer: "(0, 2/L)"
    solution: "The factor is $1 - \\\\eta L$."
  - id: sizes
    ask: "Where is the value at least $a^2$?"
    type: inequality
    answer: "x^2 >= a^2"
    solution: "Take roots."
  - id: line
    ask: "The line with slope $a$."
    type: equation
    answer: "y = a*x"
    solution: "It goes through the origin."
"""


@pytest.mark.parametrize(
    ("part", "response", "share"),
    [
        ("steps", "(0, 2/L)", 1),
        ("steps", "0 < eta < 2/L", 1),
        ("steps", "0 < eta <= 2/L", 0),
        ("sizes", "|x| >= {a}", 1),
        ("sizes", "x <= -{a} or x >= {a}", 1),
        ("sizes", "x >= {a}", 0),
        ("line", "y - {a}x = 0", 1),
        ("line", "{a}x", 1),
        ("line", "x = {a}y", 0),
    ],
)
def test_a_part_is_graded_by_its_solutions(part: str, response: str, share: int) -> None:
    variant = make_variant(load_problem(FILE, "page.yaml"), 1)
    text = response.replace("{a}", str(variant.parameters["a"]))
    result = grade(variant, {part: text})
    found = next(each for each in result.parts if each.id == part)
    assert found.score == share, found
