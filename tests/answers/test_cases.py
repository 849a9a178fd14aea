"""Every row of tests/cases/answers is judged as it says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.answers import BY_NAME
from grader.answers.base import Checked, Context, judge_response, key_fault, read_response
from grader.answers.choice import options_tree
from grader.answers.settings import validate_settings
from grader.checking.domain import Domain
from grader.checking.verdict import Unreadable
from grader.errors import AnswerError

CASES = Path(__file__).parents[1] / "cases" / "answers"
LEAST_ROWS = 25
# A written answer is right or wrong only to a person: tests/answers/test_written.py.
JUDGED = [name for name in BY_NAME if name != "written"]


def rows_of(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = YAML(typ="safe").load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return rows


def all_rows() -> list[Any]:
    return [
        pytest.param(name, row, id=f"{name}-{number}-{row['response']}")
        for name in JUDGED
        for number, row in enumerate(rows_of(name), start=1)
    ]


def judged(name: str, row: dict[str, Any]) -> tuple[str, str, Checked | None, str]:
    """Outcome, kind of evidence, what was checked, and all that a student is told."""
    kind = BY_NAME[name]
    settings = validate_settings(kind, row.get("settings", {}))
    context = Context.of(Domain.of(row.get("variables")))
    if name == "choice":
        key = options_tree(tuple(each.strip() for each in row["answer"].split(",")))
    else:
        key = read_response(kind, row["answer"], settings, context).tree
    assert key_fault(kind, key, settings) == ""
    try:
        response = read_response(kind, row["response"], settings, context)
    except AnswerError as error:
        return "invalid", Unreadable.kind, None, str(error)
    checked = judge_response(kind, response, key, settings, context)
    words = " ".join([*checked.feedback, *(notice.text for notice in response.notices)])
    return checked.verdict.outcome, checked.verdict.evidence.kind, checked, words


@pytest.mark.parametrize(("name", "row"), all_rows())
def test_row(name: str, row: dict[str, Any]) -> None:
    outcome, evidence, checked, words = judged(name, row)
    assert outcome == row["outcome"], (checked, words)
    if "evidence" in row:
        assert evidence == row["evidence"]
    if "feedback" in row:
        assert row["feedback"] in words
    if "no_feedback" in row:
        assert row["no_feedback"] not in words
    if "share" in row:
        assert checked is not None
        assert checked.share == Fraction(row["share"])
    if checked is not None and outcome == "equal":
        assert checked.share == 1


@pytest.mark.parametrize("name", JUDGED)
def test_every_type_has_a_table_of_cases_with_every_kind_of_outcome(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) >= LEAST_ROWS
    assert {"equal", "different", "invalid"} <= {row["outcome"] for row in rows}
    assert all(row["why"] for row in rows)
