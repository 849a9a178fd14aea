"""Each row of tests/cases/bank/prints.yaml prints what it says, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.bank.conditions import Condition, read_condition
from grader.bank.drawing import Value, Word
from grader.bank.printing import Printed, render
from grader.bank.templates import Template, parse
from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree, names_in, substitute

CASES = Path(__file__).parents[1] / "cases" / "bank" / "prints.yaml"


class Table:
    """Values of quantities from a row; also reads the mathematics of the template."""

    def __init__(self, values: dict[str, str], words: dict[str, str]) -> None:
        self.vocabulary = Vocabulary(frozenset({*values, *words, "x"}), keep_label=True)
        self.values: dict[str, Value] = {name: read(text, self.vocabulary).tree for name, text in values.items()}
        self.values |= {name: Word(text) for name, text in words.items()}
        self.words = set(words)

    def expression(self, text: str) -> Tree:
        if not text.strip():
            raise AnswerError("Nothing is printed here.")
        return read(text, self.vocabulary).tree

    def condition(self, text: str) -> Condition:
        return read_condition(text, self.expression, self.words)

    def value(self, name: str) -> Value:
        return self.values.get(name, Tree("name", (), name))

    def is_tidy(self, name: str) -> bool:
        return name not in self.values

    def put_in(self, tree: Tree) -> Tree:
        found = {name: self.value(name) for name in names_in(tree)}
        return substitute(tree, {name: value for name, value in found.items() if isinstance(value, Tree)})


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))
    return found


def parsed(source: str, table: Table) -> tuple[Template, list[AnswerError]]:
    faults: list[AnswerError] = []
    return parse(source, table, faults.append), faults


def printed(source: str, values: dict[str, str]) -> Printed:
    table = Table(values, {})
    template, faults = parsed(source, table)
    assert not faults
    return render(template, table)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["template"]) for row in rows()])
def test_a_template_prints(row: dict[str, Any]) -> None:
    table = Table(row.get("values", {}), row.get("words", {}))
    template, faults = parsed(row["template"], table)
    if "fault" in row:
        assert faults
        assert faults[0].message.startswith(row["fault"])
        return
    assert not faults
    assert render(template, table).text == row["printed"]


@pytest.mark.parametrize(
    ("source", "values", "start"),
    [("$f = {{ a }}x$", {"a": "1"}, 5), (r"${{ a }}\sin x$", {"a": "-1"}, 1), ("$2 + {{ a }}x$", {"a": "0"}, 5)],
)
def test_an_awkward_print_is_noticed_where_it_stands(source: str, values: dict[str, str], start: int) -> None:
    assert [found.start for found in printed(source, values).awkward] == [start]


@pytest.mark.parametrize("source", ["$f = {{ a }}x$", r"$3 \cdot {{ b }}$", "{{ b }}x", "$({{ b }})$", "$t = {{ b }}$"])
def test_what_reads_well_is_not_complained_of(source: str) -> None:
    assert not printed(source, {"a": "2", "b": "1"}).awkward


def test_a_fault_counts_characters_of_the_template() -> None:
    _, faults = parsed("Let {{ a + }} and {{ q }}.", Table({"a": "1"}, {}))
    assert [fault.start for fault in faults] == [9, 21]


def test_a_template_of_very_many_pieces_is_refused() -> None:
    _, faults = parsed("{{ a }}" * 3000, Table({"a": "1"}, {}))
    assert "pieces" in faults[0].message


def test_conditions_nest_only_so_deep() -> None:
    _, faults = parsed("{% if a > 1 %}" * 50 + "{% endif %}" * 50, Table({"a": "1"}, {}))
    assert any("nested too deep" in fault.message for fault in faults)
