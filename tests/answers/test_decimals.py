"""Keys printed as decimals: as many digits as the tolerance asks for, and still right when typed again."""

from __future__ import annotations

import pytest

from grader.answers.decimals import decimal_text
from grader.answers.tolerance import Tolerance
from grader.pairs import judge, pair_from_json
from grader.reading.text import read

ROWS = [
    ("pi", {"absolute": 0.01}, "3.142"),
    ("1000pi", {"relative": 0.001}, "3141.6"),
    ("2*sigmoid(1.2)*(1-sigmoid(1.2))", {"significant_figures": 3}, "0.356"),
    ("-pi*10^6", {"significant_figures": 2}, "-3100000"),
    ("pi/10^6", {"significant_figures": 2}, "0.0000031"),
    ("2/3", {"decimal_places": 2}, "2/3"),
    ("sqrt(2)", {"decimal_places": 0}, "1"),
    ("2000000000001/1000000000000", {"decimal_places": 3}, "2.000"),
]


@pytest.mark.parametrize(("key", "tolerance", "printed"), ROWS)
def test_a_key_is_printed_to_the_digits_asked_for(key: str, tolerance: dict[str, float], printed: str) -> None:
    assert decimal_text(read(key).tree, Tolerance(**tolerance)) == printed


@pytest.mark.parametrize(("key", "tolerance", "printed"), ROWS)
def test_the_printed_key_is_right(key: str, tolerance: dict[str, float], printed: str) -> None:
    pair = {"type": "number", "response": printed, "answer": key, "tolerance": tolerance}
    assert judge(pair_from_json(pair)).outcome == "equal"


def test_without_tolerance_a_key_stays_exact() -> None:
    assert decimal_text(read("2*sigmoid(1.2)").tree, None) == "2*sigmoid(1.2)"
