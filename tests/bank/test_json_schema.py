"""The JSON Schema of problem files: complete, committed, and right about every file of the bank."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.answers import BY_NAME
from grader.bank import glossary
from grader.bank.json_schema import problem_schema
from grader.bank.source import read_source
from grader.calculus.tasks import TASKS
from tests.bank.json_schema import faults
from tests.bank.samples import SOUND, spoiled

ROOT = Path(__file__).parents[2]
SCHEMA = problem_schema()
FILES = sorted((ROOT / "problems").rglob("*.yaml"))


def data(text: str) -> Any:
    return plain(read_source(text, "x").data)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def test_the_committed_schema_is_the_present_one() -> None:
    committed = json.loads((ROOT / "docs" / "problem.schema.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(SCHEMA)), "run: grader bank schema > docs/problem.schema.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_of_the_bank_fits(path: Path) -> None:
    assert faults(data(path.read_text(encoding="utf-8")), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("level: drill", "level: hard", ".level"),
        ("level: drill", "levl: drill", "levl is unknown"),
        ('family: "2.1"', "family: 2.1", ".family"),
        ("type: number", "type: numbr", ".type"),
        ("{derivative: f, by: x}", "{derivative: f}", ".derived.df"),
        ("{derivative: f, by: x}", "{derivative: f, by: x, degree: 2}", ".derived.df"),
        ("a: {integer: [2, 6]}", "a: {integer: [2]}", ".parameters.a.integer"),
        ("a: {integer: [2, 6]}", "a: {whole: [2, 6]}", "whole is unknown"),
        ("    answer: slope\n", "    answer: slope\n    layout: row\n", "layout"),
        ("    answer: slope\n", "", "answer is missing"),
        ("    answer: slope\n", "    answer: slope\n    tolerance: {absolut: 1}\n", "absolut is unknown"),
    ],
)
def test_a_slip_does_not_fit(old: str, new: str, says: str) -> None:
    found = faults(data(spoiled(old, new)), SCHEMA, SCHEMA)
    assert any(says in fault for fault in found), found


def test_what_is_sound_fits() -> None:
    more = SOUND.replace("    answer: slope\n", '    answer: slope\n    tolerance: {absolute: "0.01"}\n')
    assert faults(data(more), SCHEMA, SCHEMA) == []


def described(schema: Any, place: str = "") -> list[str]:
    """The keys that no editor could explain."""
    missing = []
    for key, value in schema.get("properties", {}).items():
        if "description" not in value and "const" not in value:
            missing.append(f"{place}.{key}")
    for inner in schema.get("allOf", []):
        missing += described(inner.get("then", {}), place)
    return missing


def test_every_key_is_explained() -> None:
    definitions = {name: schema for name, schema in SCHEMA["definitions"].items() if name != "Tolerance"}
    missing = described(SCHEMA) + [place for name, schema in definitions.items() for place in described(schema, name)]
    assert missing == []


def test_the_glossary_explains_nothing_that_is_not_there() -> None:
    for model, keys in glossary.KEYS.items():
        schema = SCHEMA if model == "ProblemFile" else SCHEMA["definitions"][model]
        assert keys.keys() - schema["properties"].keys() == set(), model
    settings = {name for kind in BY_NAME.values() for name in kind.settings.__dataclass_fields__}
    assert glossary.SETTINGS.keys() - settings == set()
    assert glossary.TASKS.keys() == TASKS.keys()
