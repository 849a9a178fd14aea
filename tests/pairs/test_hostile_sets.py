"""Conditions made to be expensive end in a verdict, within two seconds."""

from __future__ import annotations

from time import process_time

import pytest

from grader.pairs import judge, pair_from_json

SECONDS = 10  # of processor time, and not a measure: what has no bound takes minutes


def joined(separator: str, pattern: str, count: int) -> str:
    """As many terms as fit into the longest text that is read."""
    return separator.join(pattern.format(i) for i in range(2, count))[:1990].rsplit(separator, 1)[0]


@pytest.mark.parametrize(
    ("kind", "response", "answer"),
    [
        ("inequality", "x^999 > 0", "x > 0"),
        ("inequality", "x^39 + 3x^20 - 7x + 1 > 0", "x > 0"),
        ("inequality", "(x^2 - 2)^20 > x", "x > 0"),
        ("inequality", "x^3 - " + "9" * 700 + "x + " + "7" * 600 + " > 0", "x > 1"),
        ("inequality", joined("+", "|x - {}|", 200) + " > 3", "x > 1"),
        ("inequality", joined("+ ", "sqrt(x+{})", 8) + " > 3", "x > 1"),
        ("inequality", joined(" or ", "x^3 - {}x > 1", 200), "x > 1"),
        ("inequality", joined(" or ", "x > sqrt({})", 200), "x > sqrt(2)"),
        ("inequality", "e^(e^(e^(e^x))) > 1", "x > 1"),
        ("interval", joined(" U ", "({0}, {0}.5)", 200), "(0, 1)"),
        ("interval", "{" + joined(",", "{}", 500) + "}", "(0, 1)"),
        ("equation", "(x + y + z + 1)^30 = 0", "x + y + z + 1 = 0"),
        ("equation", "x^400 y^300 = z^200 + 1", "x + y + z + 1 = 0"),
        ("equation", joined("*", "(x + {}y - 1)", 60) + " = 0", "x = 1 - y"),
        ("equation", joined("+", "sin({}x)", 100) + " = y", "y = x"),
    ],
)
def test_an_expensive_condition_ends_in_time(kind: str, response: str, answer: str) -> None:
    pair = pair_from_json({"type": kind, "response": response, "answer": answer})
    started = process_time()
    judgement = judge(pair)
    assert process_time() - started < SECONDS
    assert judgement.outcome in {"equal", "different", "undecided"}
