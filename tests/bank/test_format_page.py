"""What docs/problem-format.md says about problem files is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.bank.linting import lint
from grader.bank.loading import load_problem
from grader.bank.schema import ParameterFile, PartFile, ProblemFile
from grader.bank.variants import make_variant
from grader.calculus.tasks import TASKS
from grader.grading import grade
from tests.bank.samples import spoiled

PAGE = (Path(__file__).parents[2] / "docs" / "problem-format.md").read_text(encoding="utf-8")
SAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
PARAMETERS = [row for row in re.findall(r"^\| `(\{.*?\})` \|", PAGE, re.MULTILINE) if re.match(r"\{(\w+):", row)]


def test_the_file_on_the_page_has_nothing_to_mend(tmp_path: Path) -> None:
    problem = load_problem(SAMPLE, "page.yaml")
    folder = tmp_path / problem.topic
    folder.mkdir()
    (folder / f"{problem.id}.yaml").write_text(SAMPLE, encoding="utf-8")
    assert [str(finding) for finding in lint([tmp_path], grade).findings] == []


def test_every_key_is_in_the_tables() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert {*ProblemFile.model_fields, *PartFile.model_fields} <= listed


def test_every_task_is_on_the_page() -> None:
    assert [kind for kind in TASKS if f"{{{kind}:" not in PAGE] == []


@pytest.mark.parametrize("row", [row for row in PARAMETERS if row[1:].split(":")[0] in ParameterFile.model_fields])
def test_every_parameter_on_the_page_can_be_drawn(row: str) -> None:
    text = spoiled("  side: {words: [left, right]}", f"  side: {{words: [left, right]}}\n  z: {row}")
    text = text.split("examples:")[0]
    assert "z" in make_variant(load_problem(text, "x"), 1, verify=False).parameters


def test_the_rows_of_parameters_are_found() -> None:
    kinds = {row[1:].split(":")[0] for row in PARAMETERS} & set(ParameterFile.model_fields)
    assert kinds == set(ParameterFile.model_fields) - {"exclude", "step"}
