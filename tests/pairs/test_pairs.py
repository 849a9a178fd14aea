"""The table of pairs: every response gets the outcome that its row states, with evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.checking.verdict import Undefined, Unreadable
from grader.pairs import judge, pair_from_json

CASES = Path(__file__).parents[1] / "cases" / "pairs"


def rows() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for group in YAML(typ="safe").load(path):
            given = {key: value for key, value in group.items() if key not in {"group", "rows"}}
            for response, answer, outcome, why, *words in group["rows"]:
                pair = given | {"response": response, "answer": answer}
                yield pytest.param(pair, outcome, why, words, id=f"{group['group']}: {response[:40]} for {answer[:40]}")


ROWS = list(rows())


@pytest.mark.parametrize(("pair", "outcome", "why", "words"), ROWS)
def test_a_pair_gets_its_outcome_with_evidence(pair: dict[str, Any], outcome: str, why: str, words: list[str]) -> None:
    judgement = judge(pair_from_json(pair), prove=True)
    assert judgement.outcome == outcome, f"{why}: {judgement.message}"
    assert judgement.evidence is not None
    assert judgement.message
    for each in words:
        is_absent = each.startswith("not: ")
        assert (each.removeprefix("not: ") in judgement.message) is not is_absent, judgement.message


def test_the_table_is_large_enough_and_a_third_of_it_differs() -> None:
    outcomes = [row.values[1] for row in ROWS]
    assert len(outcomes) >= 300
    assert outcomes.count("different") + outcomes.count("wrong-form") >= len(outcomes) / 3.1


DIFFERENT = [pytest.param(row.values[0], row.values[2], id=row.id) for row in ROWS if row.values[1] == "different"]


@pytest.mark.parametrize(("pair", "why"), DIFFERENT)
def test_a_difference_has_evidence_that_can_be_shown(pair: dict[str, Any], why: str) -> None:
    evidence = judge(pair_from_json(pair)).evidence
    assert evidence is not None
    assert str(evidence)
    assert not isinstance(evidence, Unreadable)
    assert not (isinstance(evidence, Undefined) and not evidence.point), why
