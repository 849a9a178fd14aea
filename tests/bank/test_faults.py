"""Each row of tests/cases/bank/faults.yaml is reported at the marked place, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.bank.loading import load_problem
from grader.errors import BankError, BankErrors
from tests.bank.samples import SOUND, spoiled

CASES = Path(__file__).parents[1] / "cases" / "bank" / "faults.yaml"
MARK = "¡"


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))
    return found


def faults_of(source: str) -> tuple[BankError, ...]:
    with pytest.raises(BankErrors) as caught:
        load_problem(source, "sample.yaml")
    return caught.value.errors


def marked_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and the line and column of each."""
    places: list[tuple[int, int]] = []
    while MARK in text:
        before, _, after = text.partition(MARK)
        places.append((before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1))
        text = before + after
    return text, places


@pytest.mark.parametrize("row", [pytest.param(row, id=row["new"] or row["old"]) for row in rows()])
def test_a_fault_is_named_where_it_stands(row: dict[str, Any]) -> None:
    source, places = marked_places(spoiled(row["old"], row["new"]))
    if "at" in row:
        places = [tuple(row["at"])]
    wanted = [(line, column + row.get("nudge", 0)) for line, column in places]
    faults = faults_of(source)
    if not row.get("more"):
        assert [(fault.line, fault.column) for fault in faults] == wanted, [str(fault) for fault in faults]
    for fault, says in zip(faults, row["says"], strict=False):
        assert fault.message.startswith(says)
        assert fault.file == "sample.yaml"
    assert row.get("repair", "") in faults[0].repair


def test_all_faults_of_a_file_come_at_once_and_in_order() -> None:
    source = SOUND
    for old, new in (
        ("level: drill", "level: harder"),
        ("variables:", "varibles:"),
        ('f: "a*x^2 + b*x"', 'f: "a*x^2 + q*x"'),
        ("type: number", "type: numbr"),
        ("a: {integer: [2, 6]}", "a: {integer: [6, 2]}"),
    ):
        source = source.replace(old, new)
    lines = [fault.line for fault in faults_of(source)]
    assert lines == sorted(lines)
    assert len(lines) == 5


@pytest.mark.parametrize("source", ["", "# nothing\n", "- a\n- b\n", "just words\n", "\ufeff"])
def test_a_file_that_holds_no_problem_says_so(source: str) -> None:
    assert "Begin with `id: …`." in faults_of(source)[0].repair


@pytest.mark.parametrize(
    "source",
    [
        "a: " + "[" * 5000,
        "a: " + "{a: " * 200,
        "x" * 200_001,
        "a: \x00b\n",
        'a: "\\ud800"\n',
        "a: 'open\n" * 50,
        "? [a, b]\n: c\n",
        "{{{{\n",
        "%YAML 9.9\n---\nid: a\n",
        "id: a\n---\nid: b\n",
        "a: &a [*a, *a]\n",
    ],
)
def test_hostile_yaml_is_a_fault_and_not_a_defect(source: str) -> None:
    assert faults_of(source)


def test_the_sound_file_is_sound() -> None:
    assert load_problem(SOUND, "sample.yaml").id == "slope-of-a-parabola"
