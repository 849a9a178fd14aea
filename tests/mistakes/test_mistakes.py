"""Every wrong answer of the tables gets the mistake that explains it, or none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.mistakes import BY_ID, MISTAKES
from grader.pairs import judge, pair_from_json

CASES = Path(__file__).parents[1] / "cases" / "mistakes"
OF_TASKS = frozenset({"order", "at"})


def rows() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.yaml")):
        for row in YAML(typ="safe").load(file.read_text()):
            given, *rest = row
            if file.stem == "derivatives":
                by, *rest = rest
                given = {"derivative": given, "by": by}
            response, mistake, *more = rest
            extra = dict(more[0]) if more else {}
            if isinstance(given, dict):
                of_task = {key: extra.pop(key) for key in OF_TASKS & set(extra)}
                line = {"task": {**given, **of_task}, "response": response, **extra}
            else:
                line = {"answer": given, "type": "choice", "response": response, **extra}
            found.append(pytest.param(line, mistake, id=f"{file.stem}: {given} -> {response}"))
    return found


ROWS = rows()


@pytest.mark.parametrize(("line", "mistake"), ROWS)
def test_a_response_gets_the_mistake_that_explains_it(line: dict[str, Any], mistake: str | None) -> None:
    judged = judge(pair_from_json(line)).to_json()
    assert judged.get("mistake") == mistake, judged
    if mistake is not None:
        assert judged["outcome"] in {"different", "invalid"}


def test_every_mistake_has_cases() -> None:
    counts = Counter(row.values[1] for row in ROWS)
    assert {mistake.id for mistake in MISTAKES if counts[mistake.id] < 4} == set()
    assert counts[None] >= 40
    assert len(ROWS) >= 250
    assert set(counts) - {None} <= set(BY_ID)
