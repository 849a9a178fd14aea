"""What is nested to the bound is read from within a server's calls too, and what is nested deeper is refused."""

from __future__ import annotations

import pytest

from grader.pairs import Pair, judge

CALLS = 300  # about as many as a page of a server is deep


def from_below(calls: int, pair: Pair) -> str:
    return judge(pair).outcome if calls == 0 else from_below(calls - 1, pair)


@pytest.mark.parametrize(
    ("notation", "opening", "closing"),
    [
        ("text", "sqrt(", ")"),
        ("text", "-(", ")"),
        ("text", "(", ")"),
        ("latex", "sqrt(", ")"),
        ("latex", r"\sqrt{", "}"),
        ("latex", r"\frac{1}{", "}"),
    ],
)
def test_the_bound_holds_wherever_one_asks(notation: str, opening: str, closing: str) -> None:
    said = [
        from_below(CALLS, Pair(opening * levels + "x" + closing * levels, None, notation=notation))
        for levels in (98, 101)
    ]
    assert said == ["read", "invalid"]
