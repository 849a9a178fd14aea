"""The setting `up_to`: what it takes, and that a part of a problem keeps it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.answers.up_to import MULTIPLES, UpTo
from grader.checking.domain import Domain
from grader.checking.spans import is_connected
from grader.errors import InvalidRequest
from grader.pairs import judge, pair_from_json
from grader.reading.text import read


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (7, "is one of constant, factor"),
        ("luck", "not 'luck'"),
        ([], "is one of"),
        ({}, "is one of"),
        ("renaming", "{renaming: [c]}"),
        ({"renaming": []}, "1 to 4 names"),
        ({"renaming": ["a", "b", "c", "d", "f"]}, "1 to 4 names"),
        ({"constant": "x"}, "a list of names"),
        ({"constant": [1]}, "a list of names"),
        ({"sign": ["x"]}, "takes no names"),
        ({"constant": ["x"], "factor": ["x"]}, "is one of"),
    ],
)
def test_a_setting_that_says_nothing_is_refused_in_words(given: object, words: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        UpTo.of(given)
    assert words in str(caught.value)
    with pytest.raises(InvalidRequest) as refused:
        judge(pair_from_json({"response": "x", "answer": "x", "up_to": given}))
    assert refused.value.field == "up_to"


def test_names_are_canonical_and_ways_can_be_restricted() -> None:
    assert UpTo.of({"renaming": ["c1", "η"]}) == UpTo("renaming", ("c_1", "eta"))
    with pytest.raises(ValueError, match="factor, positive-factor, sign"):
        UpTo.of("constant", MULTIPLES)


@pytest.mark.parametrize(
    ("key", "start", "end", "region", "connected"),
    [
        ("x^2", "-1", "2", {}, True),
        ("ln(abs(x))", "-1", "2", {}, False),
        ("ln(abs(x))", "1/2", "2", {}, True),
        ("1/(x^2 - 2)", "1", "2", {}, False),
        ("1/(x^2 + 2)", "-100", "200", {}, True),
        ("tan(x)", "1", "2", {}, False),
        ("tan(x)", "-1", "1", {}, True),
        ("sqrt(x^2 - 1)", "-2", "2", {}, False),
        ("abs(x)", "-2", "2", {}, True),
        ("x^2", "-1", "2", {"nonzero": True}, False),
        ("x^2", "-1", "2", {"integer": True}, False),
    ],
)
def test_two_points_lie_in_one_connected_part(
    key: str, start: str, end: str, region: dict[str, object], *, connected: bool
) -> None:
    domain = Domain.of({"x": region})
    found = is_connected(read(key).tree, {"x": Fraction(start)}, {"x": Fraction(end)}, domain)
    assert found is connected
