"""A fault in each kind of key is caught: a good part, the change to it, and the code of the finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.bank.linting import lint_problem
from grader.bank.loading import load_problem
from grader.calculus.second_routes import KeyCheckFailed
from grader.calculus.tasks import Solved, solve
from grader.calculus.verifying import verify_task
from grader.errors import BankErrors
from grader.grading import grade
from grader.reading.text import read
from grader.reading.tree import Tree
from grader.sweep import sweep

HEAD = """\
id: sample
title: Sample
topic: samples
family: "8.4"
level: drill
variables: {x: {}, y: {}, eta: {}, A: {shape: [m, n]}, B: {shape: [m, p]}, X: {shape: [n, p]}}
parameters:
  k: {integer: [2, 12]}
  c: {integer: [1, 9]}
derived:
  f: "k*x^2 + c*y"
  shift: "c + 1"
  place: "k - 1"
prompt: "Here $k = {{ k }}$, $c = {{ c }}$, $a = {{ shift }}$, $p = {{ place }}$ and $f = {{ f }}$."
hints: ["Think."]
solution: "Done."
parts:
  - id: asked
    ask: "The answer"
    points: 2
"""
TAIL = """
examples:
  - parameters: {k: 2, c: 3}
    responses: {asked: "0.123"}
    marks: {asked: 0}
"""
ENDS = 'checks: {solutions_of: "abs(1 - 2*k*eta) < 1", by: eta}'
M = 'type: matrix-expression; checks: {derivative_of: "k*norm(A*X - B)^2", by: X}; answer: '
I = "type: indexed-expression; indices: {i: m, j: p, r: n, l: p}; "  # noqa: E741 - as the index that it declares
W = 'type: witness; names: [d1, d2]; conditions: ["{{ k }}*d1 + d2 = 0", "d1 != 0"]; answer: '
OPTIONS = "type: choice; options: {low: 'below {{ c }}', high: 'above {{ c + 1 }}'}; answer: "
MISTAKE = 'type: number; answer: "k*c"; mistakes: [{id: sum, answer: "%s", feedback: "No."}]'

FAULTS: Mapping[str, tuple[str, str, str, str]] = {
    "expression": (
        'type: expression; checks: {derivative_of: f, by: x}; answer: "2*k*x"',
        "2*k*x",
        "k*x",
        "key",
    ),
    "antiderivative": (
        'type: expression; up_to: constant; checks: {antiderivative_of: "2*k*x", by: x}; answer: "k*x^2"',
        "k*x^2",
        "2*k*x^2",
        "key",
    ),
    "gradient": (
        'type: vector; checks: {derivative_of: f, by: "[x, y]"}; answer: "[2*k*x, c]"',
        "[2*k*x, c]",
        "[c, 2*k*x]",
        "key",
    ),
    "jacobian": (
        'type: matrix; checks: {derivative_of: "[f, x*y]", by: "[x, y]"}; answer: "[[2*k*x, c], [y, x]]"',
        "[y, x]",
        "[x, y]",
        "key",
    ),
    "matrix expression": (f'{M}"2*k*A^T*(A*X - B)"', "2*k*A^T*(A*X - B)", "2*k*A^T*(A*X + B)", "key"),
    "matrix expression, shape": (f'{M}"2*k*A^T*(A*X - B)"', "2*k*A^T*", "2*k*", "key"),
    "indexed expression": (
        f'{I}checks: {{derivative_of: "k*sum_s A_is X_sj", by: X_rl}}; answer: "k*A_ir*delta_jl"',
        "k*A_ir*delta_jl",
        "k*A_ir",
        "key",
    ),
    "interval": (f'type: interval; {ENDS}; answer: "(0, 1/k)"', "1/k)", "1/k]", "key"),
    "inequality": (f'type: inequality; {ENDS}; answer: "0 < eta < 1/k"', "1/k", "2/k", "key"),
    "set": ('type: set; checks: {solutions_of: "x^2 = k^2", by: x}; answer: "{k, -k}"', "{k, -k}", "{k}", "key"),
    "number": ('type: number; checks: {equals: "(k + c)^2 - k^2 - c^2"}; answer: "2*k*c"', "2*k*c", "k*c", "key"),
    "equation": ('type: equation; checks: {equals: "y = 2*k*x"}; answer: "y - 2*k*x = 0"', "y - 2", "y + 2", "key"),
    "list": ('type: list; checks: {equals: "[k, c + k]"}; answer: "[k, k + c]"', "k + c", "c", "key"),
    "table": (
        'type: table; checks: {equals: "[[k, c], [c, k]]"}; answer: "[[k, c], [c, k + 0]]"',
        "[c, k + 0]",
        "[k, c]",
        "key",
    ),
    "witness": (f'{W}"d1 = 1, d2 = -k"', "-k", "k", "variant"),
    "choice of a word that is no option": (f"{OPTIONS}high", "answer: high", "answer: middle", "file"),
    "choice with equal options": (f"{OPTIONS}high", "above {{ c + 1 }}", "below {{ c }}", "same-options"),
    "tolerance": (
        'type: number; tolerance: {decimal_places: 3}; answer: "shift + 1/(7*k)"',
        "1/(7*k)",
        "1/(77777*k)",
        "near-miss",
    ),
    "zero": ('type: expression; answer: "k*x"', "k*x", "(c - 3)*x", "trivial"),
    "undefined": ('type: expression; answer: "ln(x) + k"', "ln(x) + k", "ln(-x^2 - k)", "undefined"),
    "division by zero": ('type: expression; answer: "x/k + c"', "x/k", "x/(c - c)", "variant"),
    "given away": ('type: expression; answer: "2*k*x + c*y"', "2*k*x + c*y", "f", "given-away"),
    "too many digits": ('type: number; answer: "k^2"', "k^2", "(k + 9)^14", "unwieldy"),
    "an odd fraction": ('type: number; answer: "1/k"', "1/k", "1/(10007*k)", "unwieldy"),
    "a mistake that is right": (MISTAKE % "k + c", "k + c", "c*k", "mistake"),
    "print": (
        'type: number; solution: "${{ k + 1 }}x$"; answer: k',
        "{{ k + 1 }}x",
        "{{ k }}x - {{ k - k + 1 }}x",
        "awkward",
    ),
}


def problem_with(part: str) -> str:
    lines = "".join(f"    {line.strip()}\n" for line in part.split("; "))
    return HEAD + lines + TAIL


def kinds_in(text: str) -> set[str]:
    """The codes of what lint finds, beside what a sample file has no place for."""
    try:
        problem = load_problem(text, "")
    except BankErrors:
        return {"file"}
    return {finding.kind for finding in lint_problem(problem, grade)} - {
        "folder",
        "file-name",
        "hints",
        "no-wrong-text",
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_a_part_is_caught(name: str) -> None:
    part, old, new, code = FAULTS[name]
    assert part.count(old) == 1, name
    assert kinds_in(problem_with(part)) == set()
    assert code in kinds_in(problem_with(part.replace(old, new)))


PART = 'type: number; answer: "k*c"'
FILE_FAULTS = [
    ("examples", 'asked: "0.123"', 'asked: "6"', "example"),
    ("examples that hold on every seed", "- parameters: {k: 2, c: 3}\n    responses", "- responses", "example"),
    (
        "known case",
        "examples:",
        'known_case: {parameters: {k: 2, c: 3}, answers: {asked: "5"}}\nexamples:',
        "known-case",
    ),
    (
        "a parameter that nothing uses",
        "  c: {integer: [1, 9]}",
        "  c: {integer: [1, 9]}\n  idle: {integer: [1, 9]}",
        "unused",
    ),
    ("conditions that never hold", "prompt:", 'where: ["k > 12"]\nprompt:', "variant"),
]


@pytest.mark.parametrize(("name", "old", "new", "code"), FILE_FAULTS, ids=[row[0] for row in FILE_FAULTS])
def test_a_fault_beside_the_parts_is_caught(name: str, old: str, new: str, code: str) -> None:
    sound = problem_with(PART)
    assert sound.count(old) == 1, name
    if name == "examples that hold on every seed":
        sound = sound.replace('"0.123"', '"{{ k*c + 1 }}"')
        assert kinds_in(sound.replace(old, new)) == set()
        assert code in kinds_in(sound.replace(old, new).replace("k*c + 1", "k*c"))
        return
    text = sound.replace(old, new)
    text = text.replace("parameters: {k: 2, c: 3}", "parameters: {k: 2, c: 3, idle: 1}") if "idle" in new else text
    assert kinds_in(sound) == set()
    assert code in kinds_in(text)


def test_variants_that_hardly_differ_are_counted() -> None:
    text = problem_with(PART).replace("[2, 12]", "[2, 3]").replace("[1, 9]", "[1, 3]")
    (found,) = sweep([load_problem(text, "")], 40)
    assert (found.distinct, {finding.kind for finding in found.findings}) == (6, {"few-variants"})


DERIVED: list[tuple[Mapping[str, Any], str]] = [
    ({"derivative": "x^3 + x", "by": "x"}, "3*x^2"),
    ({"derivative": "x^3", "by": "x", "order": 2}, "3*x^2"),
    ({"gradient": "x^2*y", "by": ["x", "y"]}, "[x^2, 2*x*y]"),
    ({"jacobian": ["x*y", "x"], "by": ["x", "y"]}, "[[y, 1], [x, 0]]"),
    ({"hessian": "x^2*y", "by": ["x", "y"]}, "[[2*y, 2*x], [2*x, 1]]"),
    ({"directional": "x^2 + y", "by": ["x", "y"], "along": ["3", "4"]}, "6*x + 4"),
    ({"taylor": "e^x", "by": "x", "around": "0", "degree": 3}, "1 + x + x^2/2 + x^3/3"),
    ({"taylor": "sin(x)", "by": "x", "around": "0", "degree": 3}, "x"),
    ({"tangent": "x^2", "by": "x", "at": {"x": "3"}}, "6*x - 8"),
    ({"descent": "x^2", "by": "x", "start": ["3"], "rate": "0.1", "steps": 3}, "[2.4; 1.92; 1.537]"),
    ({"descent": "x^2", "by": "x", "start": ["3"], "rate": "0.1", "steps": 3}, "[2.4; 1.92]"),
    ({"eigenvalues": [["1", "2"], ["2", "1"]]}, "{3, 1}"),
    ({"eigenvalues": [["1", "2"], ["2", "1"]]}, "{3}"),
    ({"determinant": [["1", "2"], ["3", "x"]]}, "x + 6"),
    ({"inverse": [["1", "2"], ["3", "4"]]}, "[[-2, 1], [3/2, 1/2]]"),
    ({"solve_linear": [["1", "2"], ["3", "4"]], "right": ["5", "6"]}, "[-4, 4]"),
    ({"norm": ["3", "4"]}, "7"),
    ({"unit": ["3", "4"]}, "[4/5, 3/5]"),
    ({"value": "x^2 + 1", "at": {"x": "3"}}, "9"),
]
WORDS: list[tuple[Mapping[str, Any], str]] = [
    ({"definiteness": [["1", "2"], ["2", "1"]]}, "PD"),
    ({"definiteness": [["2", "1"], ["1", "2"]]}, "indefinite"),
    ({"convexity": "x^3", "by": "x"}, "convex"),
    ({"convexity": "x^2", "by": "x"}, "concave"),
    ({"convexity": "x^2", "by": "x"}, "neither"),
]


def tree(text: str) -> Tree:
    return read(text).tree


@pytest.mark.parametrize(("task", "wrong"), [*DERIVED, *WORDS], ids=str)
def test_a_wrong_key_of_a_task_is_caught(task: Mapping[str, Any], wrong: str) -> None:
    right = solve(task, tree)
    verify_task(task, right, tree)
    key: Tree | str = wrong if isinstance(right.key, str) else tree(wrong)
    with pytest.raises(KeyCheckFailed):
        verify_task(task, Solved(key, right.type), tree)
