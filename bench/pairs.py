"""The pairs that the benchmarks run on: the scalar rows of the tables of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TABLES = Path(__file__).parents[1] / "tests" / "cases" / "pairs"


@dataclass(frozen=True)
class LabelledPair:
    """A response, an answer, the declarations of both and whether they are equal."""

    response: str
    answer: str
    variables: dict[str, Any]
    equal: bool


def scalar_pairs() -> list[LabelledPair]:
    """Every row of the expression table that is equal or different."""
    groups = YAML(typ="safe").load(TABLES / "expressions.yaml")
    return [
        LabelledPair(response, answer, group["variables"], outcome == "equal")
        for group in groups
        for response, answer, outcome, _ in group["rows"]
        if outcome in {"equal", "different"}
    ]
