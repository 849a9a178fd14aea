"""The bank that comes with the product: sound files, and the worked instances of the course come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.bank.keeping import VARIANT, pack, unpack
from grader.bank.linting import lint_problem
from grader.bank.loading import Bank, load_bank, problem_files
from grader.bank.variants import make_variant, make_variant_with
from grader.bank.wording import ENGLISH
from grader.grading import grade

ROOT = Path(__file__).parents[2]
PROBLEMS = ROOT / "problems"
CASES: list[Mapping[str, Any]] = YAML(typ="safe").load(ROOT / "tests" / "cases" / "problems" / "known_cases.yaml")
IDS = [path.stem for path in problem_files([PROBLEMS], [])]
TOPICS = ("derivatives", "gradients", "jacobians", "convexity", "descent")
LEVELS = {"drill", "standard", "stretch"}
TYPES = {"expression", "number", "vector", "matrix", "choice", "table", "list", "set"}


@cache
def bank() -> Bank:
    return load_bank([PROBLEMS])


def case_id(case: Mapping[str, Any]) -> str:
    values = ",".join(f"{name}={value}" for name, value in case["parameters"].items())
    return f"{case['family']}-{case['problem']}-{values}"


def test_every_file_loads_under_its_own_name() -> None:
    assert [str(error) for error in bank().errors] == []
    assert sorted(bank().problems) == sorted(IDS)


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_has_enough_problems_of_every_level(topic: str) -> None:
    problems = [problem for problem in bank().problems.values() if problem.topic == topic]
    assert len(problems) >= 7
    assert {problem.level for problem in problems} == LEVELS


def test_the_bank_is_large_and_uses_every_kind_of_answer() -> None:
    kinds = Counter(part.type for problem in bank().problems.values() for part in problem.parts)
    assert len(bank().problems) >= 36
    assert set(kinds) >= TYPES


@pytest.mark.parametrize("id", IDS)
def test_every_problem_is_clean(id: str) -> None:
    assert [str(finding) for finding in lint_problem(bank().problem(id), grade)] == []


@pytest.mark.parametrize("id", IDS)
def test_every_problem_helps_and_is_tried_out(id: str) -> None:
    problem = bank().problem(id)
    assert 2 <= len(problem.hints) <= 3
    assert make_variant(problem, 0).solution
    judged = [part for part in problem.parts if part.type != "written"]  # the others are read by a person
    assert all("wrong" in part.feedback for part in judged)
    right, wrong = set(), set()
    for example in problem.examples:
        for part in judged:
            if part.id in example.marks:
                (right if example.marks[part.id] == part.points else wrong).add(part.id)
    assert right == {part.id for part in judged}
    assert wrong


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_worked_instance_comes_out(case: Mapping[str, Any]) -> None:
    problem = bank().problem(case["problem"])
    assert problem.family == case["family"]
    parameters = {name: str(value) for name, value in case["parameters"].items()}
    result = grade(make_variant_with(problem, parameters), case["answers"])
    answered = [part for part in result.parts if part.id in case["answers"]]
    assert [(part.id, part.outcome, part.score) for part in answered] == [
        (part.id, "equal", part.max_score) for part in answered
    ]


def test_every_variant_is_read_as_it_was_written() -> None:
    """In all languages; with the places in the author's text, which equality does not look at."""
    for problem in bank().problems.values():
        for seed, languages in ((2**52 + 5, problem.languages), (1, (ENGLISH,))):
            for language in languages:
                made = make_variant(problem, seed, verify=False, language=language)
                read = unpack(pack(made))
                assert read == made, problem.id
                assert VARIANT.write(read) == VARIANT.write(made), problem.id
