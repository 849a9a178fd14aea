"""The page on mistakes lists exactly those of the registry, each with an example that shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader.mistakes import MISTAKES, Mistake
from grader.pairs import judge, pair_from_json

PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"


def line_of(mistake: Mistake) -> dict[str, Any]:
    task, response = mistake.example
    if isinstance(task, str):
        return {"answer": task, "type": "choice", "response": response}
    return {"task": dict(task), "response": response}


def row_of(mistake: Mistake) -> str:
    task, response = mistake.example
    given = task if isinstance(task, str) else json.dumps(task)
    return f"| `{mistake.id}` | {mistake.meaning} | `{given}` | `{response}` |"


def test_the_table_of_the_page_is_that_of_the_registry() -> None:
    rows = [
        line for line in PAGE.read_text().partition("## Tasks")[0].splitlines() if re.match(r"\| `[a-z-]+` \|", line)
    ]
    assert rows == [row_of(mistake) for mistake in MISTAKES]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_the_example_shows_the_mistake(mistake: Mistake) -> None:
    judged = judge(pair_from_json(line_of(mistake)))
    assert judged.mistake == mistake.id
    assert mistake.sentence in judged.message or "transpose" in judged.message
