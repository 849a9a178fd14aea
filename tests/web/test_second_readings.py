"""Text that can be read in two ways: what the buttons fill in can be read in only one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.web.previews import unambiguous

CASES = Path(__file__).parents[1] / "cases"
LONGEST = 120


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str) and len(value) <= LONGEST:
        yield value


@pytest.mark.parametrize("folder", ["answers", "reading"])
def test_both_readings_are_written_so_that_no_question_is_left(folder: str) -> None:
    asked = 0
    for path in sorted((CASES / folder).rglob("*.yaml")):
        for text in texts(YAML(typ="safe").load(path)):
            try:
                reading = read(text)
            except AnswerError:
                continue
            for tree in (reading.tree, reading.second) if reading.second else ():
                written = to_text(unambiguous(tree))
                again = read(written)
                assert again.second is None, (text, written)
                assert to_text(again.tree) == written, text
                asked += 1
    assert asked
