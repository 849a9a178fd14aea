"""The labelled pairs of `bench/pairs`: one JSON object a line, as `check --batch` takes them, with its label."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.answers import BY_NAME
from grader.answers.base import Context
from grader.checking.domain import Domain
from grader.reading.tree import Tree

PAIRS = Path(__file__).parent / "pairs"
ALLOWED = frozenset({"equal", "different", "invalid", "ambiguous"})


@dataclass(frozen=True)
class Line:
    """One pair with the outcome that it must have.

    `python` says what the response means, `at` are points in regions that random points hardly meet, `undecided` is
    a reason why the judge may leave the pair open.
    """

    id: str
    response: str
    answer: str
    expected: str
    topic: str
    why: str = ""
    type: str = "expression"
    notation: str = "text"
    answer_notation: str = "text"
    variables: Mapping[str, Any] | None = None
    tolerance: Mapping[str, Any] | None = None
    python: str = ""
    at: tuple[Mapping[str, str], ...] = ()
    undecided: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


def lines(topics: list[str] | None = None) -> Iterator[Line]:
    """Every labelled pair, or those of some topics."""
    known = {each for each in Line.__dataclass_fields__ if each != "given"}
    for path in sorted(PAIRS.glob("*.jsonl")):
        if topics and path.stem not in topics:
            continue
        for text in path.read_text(encoding="utf-8").splitlines():
            given = json.loads(text)
            line = Line(**{name: value for name, value in given.items() if name in known}, given=given)
            if line.expected not in ALLOWED:
                raise ValueError(f"{path.name}: {line.id} expects {line.expected!r}")
            yield line


def reading_of(line: Line, text: str, notation: str) -> tuple[Tree, tuple[Tree, ...]]:
    """The tree of a text as the line's type reads it, and its other readings, where it has any."""
    kind = BY_NAME[line.type]
    read = kind.read(text, kind.settings(), Context.of(Domain.of(line.variables), notation))
    return read.tree, (*(() if read.second is None else (read.second,)), *read.others)
