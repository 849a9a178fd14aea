"""What docs/problem-format.md says about problem files is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from grader.answers import BY_NAME
from grader.bank.linting import lint
from grader.bank.loading import load_problem
from grader.bank.schema import ParameterFile, PartFile, ProblemFile
from grader.bank.variants import make_variant
from grader.calculus.tasks import TASKS
from grader.grading import grade
from tests.bank.samples import spoiled

PAGE = (Path(__file__).parents[2] / "docs" / "problem-format.md").read_text(encoding="utf-8")
CHOICE = re.findall(r"```yaml\nparameters:\n(.*?)\n```", PAGE, re.DOTALL)[0]
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


def test_every_setting_of_an_answer_type_is_on_the_page_with_its_types() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
    for kind in BY_NAME.values():
        for setting in {field.name for field in fields(kind.settings)} - {"options"}:
            assert rows[setting] == "all" or f"`{kind.name}`" in rows[setting], (setting, kind.name)


def test_the_choice_on_the_page_follows_the_numbers() -> None:
    text = spoiled('  side: {words: [left, right]}\nwhere: ["a != b"]', CHOICE)
    text = text.replace("Look to the {{ side }}.", "{{ way }}").split("examples:")[0].replace("[2, 6]", "[-4, 4]")
    problem = load_problem(re.sub(r"^  a: .*\n(?=  b)", "", text, flags=re.MULTILINE), "x")
    ways = {
        (int(made["a"]) > 0, made["way"])
        for made in (make_variant(problem, seed, verify=False).parameters for seed in range(20))
    }
    assert ways == {(True, "rising"), (False, "falling")}
