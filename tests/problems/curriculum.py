"""docs/curriculum.md from the bank: `python -m tests.problems.curriculum > docs/curriculum.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from grader.bank.drawing import Choices, Integers, Matrices, Parameter, Rationals
from grader.bank.loading import load_bank
from grader.bank.problem import Problem
from grader.bank.templates import Template, Verbatim

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "curriculum.md"
DATA: Mapping[str, Any] = YAML(typ="safe").load(ROOT / "tests" / "cases" / "problems" / "curriculum.yaml")
FEW = 100
MANY = 10_000
LEVELS = ("drill", "standard", "stretch")
LONGEST_CASE = 70
HEAD = """\
# The curriculum, row by row

Every skill that the bank practises, with its problems.
*Draws* says how many draws the parameters of a problem allow, before its conditions take some away.
How many variants come out, `grader bank sweep` counts.
*Known case* is an answer that was worked out by hand or is found in a book.
It must come out for the parameters that belong to it; where a family has none, an answer of an example is given.
"""


@cache
def families() -> Mapping[str, tuple[Problem, ...]]:
    """The problems of each row, by level and id."""
    problems = sorted(
        load_bank([ROOT / "problems"]).problems.values(), key=lambda one: (LEVELS.index(one.level), one.id)
    )
    return {row: tuple(one for one in problems if one.family == row) for row in DATA["rows"]}


def draws(problem: Problem) -> int:
    """How many draws the parameters allow, conditions aside."""
    return prod(map(_size, problem.parameters.values()))


def _size(parameter: Parameter) -> int:
    if isinstance(parameter, Integers | Choices):
        return len(parameter.values)
    if isinstance(parameter, Rationals):
        return len(parameter.pairs)
    if isinstance(parameter, Matrices):
        rows, columns = parameter.rows, parameter.columns
        return len(parameter.entries.values) ** (rows * (rows + 1) // 2 if parameter.symmetric else rows * columns)
    return len(parameter.entries.values) ** parameter.length


def case_of(row: str) -> str:
    """An answer that must come out, empty where there is none."""
    found = [answer for one in families()[row] for case in one.known_cases for answer in case.answers.values()]
    for one in families()[row] if not found else ():
        points = {part.id: part.points for part in one.parts}
        for example in one.examples:
            right = [
                part for part, marks in example.marks.items() if marks == points[part] and part in example.responses
            ]
            found += [_text(example.responses[part]) for part in right if not {*example.responses[part].names()}]
    return next((text for text in found if len(text) <= LONGEST_CASE), found[0][:LONGEST_CASE] + "…" if found else "")


def _text(response: Template) -> str:
    return "".join(piece.text for piece in response.pieces if isinstance(piece, Verbatim))


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_tables(), *_fixed()]) + "\n"


def _tables() -> Iterator[str]:
    for number, topic in DATA["topics"].items():
        yield f"## {number} {topic}\n"
        yield "| row | what is practised | problems | draws | known case |"
        yield "|---|---|---|---|---|"
        for row, title in DATA["rows"].items():
            if row.split(".")[0] == number:
                yield f"| {row} | {title} | {_problems(row)} | {_draws(row)} | {_code(case_of(row))} |"
        yield ""


def _problems(row: str) -> str:
    return "<br>".join(f"`{one.id}` ({one.level})" for one in families()[row])


def _draws(row: str) -> str:
    counts = map(draws, families()[row])
    return "<br>".join(f"more than {MANY}" if count > MANY else str(count) for count in counts)


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def few() -> dict[str, int]:
    """The problems with few draws, and how many they have."""
    return {one.id: draws(one) for problems in families().values() for one in problems if draws(one) < FEW}


def _fixed() -> Iterator[str]:
    yield "## Problems with few variants\n"
    if not few():
        yield f"There are none: the parameters of every problem allow at least {FEW} draws."
    for problem_id, count in few().items():
        yield f"- `{problem_id}`, {count} draws: {DATA['fixed'].get(problem_id, '')}"


if __name__ == "__main__":
    sys.stdout.write(page())
