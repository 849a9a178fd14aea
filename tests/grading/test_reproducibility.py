"""The same problem version, seed and response give the same bytes of result, in any process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import grade
from grader.checking.equality import Budget
from grader.grading import grade_part
for path in sys.argv[1:]:
    problem = load_problem(open(path, encoding="utf-8").read(), path)
    for seed in (1, 2):
        variant = make_variant(problem, seed)
        texts = {part.id: part.answer_text for part in variant.parts}
        wrong = {part.id: "x + erf(y)" if part.type == "expression" else "[1/3, x; 2]" for part in variant.parts}
        for responses in (texts, wrong):
            print(json.dumps(grade(variant, responses).to_json()))
            for part in variant.parts:
                print(grade_part(part, responses[part.id], Budget(prove=True)))
"""
PAIRS = """
{"id": 1, "response": "sin(x)^4 - cos(x)^4 + erf(x*y)", "answer": "erf(x*y) - cos(2x)"}
{"id": 2, "response": "{x, y, 2}", "answer": "{2, y, x, x+0}", "type": "set"}
{"id": 3, "response": "max(x, y, z) + min(x, y)", "answer": "x + max(y, z)"}
{"id": 4, "response": "logsumexp(x, y, z)", "answer": "logsumexp(z, x, y) + 1/1000"}
{"id": 5, "response": "x^2 + q", "answer": "x", "variables": {"x": {}}}
"""


def output(hash_seed: str, *arguments: str, given: str = "") -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_gradings_are_the_same_in_two_interpreters() -> None:
    files = [str(path) for path in sorted((ROOT / "problems").rglob("*.yaml"))[::12]]
    first, second = (output(seed, "-c", PROGRAM, *files) for seed in ("1", "4242"))
    assert first == second
    assert len(first.splitlines()) > 2 * len(files)


@pytest.mark.parametrize("options", [(), ("--prove",)])
def test_lines_are_the_same_in_two_interpreters(options: tuple[str, ...]) -> None:
    command = ("-c", "from grader.cli import main; main()", "check", "--batch", "-", *options)
    runs = []
    for seed in ("1", "4242"):
        lines = [json.loads(line) for line in output(seed, *command, given=PAIRS.strip()).splitlines()]
        runs.append([{**line, "elapsed_ms": 0} for line in lines])
    assert runs[0] == runs[1]
    assert len(runs[0]) == len(PAIRS.strip().splitlines())
