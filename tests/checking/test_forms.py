"""Forms: what the page on problem files says of them is so, and settings that name none are refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.forms import FORMS, forms_of
from grader.checking.plain_forms import ordered
from grader.checking.polynomials import TooLarge
from grader.errors import InvalidRequest
from grader.pairs import judge, pair_from_json
from grader.reading.printing import to_text
from grader.reading.text import read

PAGE = (Path(__file__).parents[2] / "docs" / "problem-format.md").read_text(encoding="utf-8")
SECTION = PAGE.split("### Forms")[1].split("\n### ")[0]
ROWS = [
    (json.loads(row[0]), row[1].strip(" `"), row[2].strip(" `"))
    for row in re.findall(r"^\| `([^`]*)` \| .*? \| (`[^|]*`) \| ([^|]*)\|$", SECTION, re.MULTILINE)
]


def outcome(response: str, answer: str, form: Any) -> str:
    return judge(pair_from_json({"response": response, "answer": answer, "form": form})).outcome


@pytest.mark.parametrize(("form", "accepted", "refused"), ROWS)
def test_the_examples_on_the_page_are_so(form: Any, accepted: str, refused: str) -> None:
    assert outcome(accepted, accepted, form) == "equal"
    if refused and form != "simplified":
        assert outcome(refused, accepted, form) == "wrong-form"
    elif refused:
        assert outcome(refused, refused, form) == "wrong-form"


def test_every_form_is_on_the_page() -> None:
    assert {form.name for row in ROWS for form in forms_of(row[0])} == set(FORMS)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("expandd", "Did you mean expanded?"),
        ("no-derivativ", "Did you mean no-derivative?"),
        ("nonsense", "The forms are expanded"),
        ("", "There is no form"),
        ("free-of", "says of what"),
        ("significant-figures", "says of what"),
        ({"factored": "complex"}, "the integers or the reals"),
        ({"factored": ["integers"]}, "the integers or the reals"),
        ({"free_of": 3}, "names a variable"),
        ({"free_of": []}, "names a variable"),
        ({"free_of": ""}, "names a variable"),
        ({"significant-figures": 0}, "from 1 to 60"),
        ({"significant-figures": True}, "from 1 to 60"),
        ({"significant-figures": "3"}, "from 1 to 60"),
        ({"expanded": 1}, "has no option"),
        ({"expandd": True}, "Did you mean expanded?"),
        ({"expanded": True, "exact": True}, "one key"),
        ({}, "one key"),
        (3, "one key"),
        (True, "one key"),
        ([], "between 1 and 8"),
        (["exact"] * 9, "between 1 and 8"),
        ([["exact"]], "one key"),
        ([None], "one key"),
    ],
)
def test_a_form_that_is_none_is_refused_in_a_sentence(form: Any, says: str) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(says)) as caught:
        outcome("x", "x", form)
    assert caught.value.field == "form"


@pytest.mark.parametrize("form", ["single_fraction", "Single Fraction", {"single_fraction": True}, ["single-fraction"]])
def test_spellings_of_a_form(form: Any) -> None:
    assert [each.name for each in forms_of(form)] == ["single-fraction"]


LEAVES = st.sampled_from(["x", "y", "2", "3", "1", "0", "0.5", "sin(x)", "e^(2x)", "sqrt(x)", "pi"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda each: f"({each[0]}{each[1]}{each[2]})"
        ),
        st.tuples(inner, st.integers(-3, 4)).map(lambda each: f"({each[0]})^({each[1]})"),
        inner.map(lambda each: f"(-({each}))"),
    ),
    max_leaves=8,
)


@given(TEXTS, st.sampled_from([each[0] for each in ROWS]))
def test_every_form_says_something_about_every_expression(text: str, form: Any) -> None:
    tree = read(text).tree
    for each in forms_of(form):
        try:
            assert "\n" not in each.fault(tree, tree)
        except TooLarge:
            continue


@given(TEXTS, TEXTS)
def test_order_is_all_that_the_keys_own_way_leaves_open(first: str, second: str) -> None:
    for sign in "+*":
        one, other = (read(f"({a}){sign}({b})").tree for a, b in ((first, second), (second, first)))
        assert ordered(one) == ordered(other)
        assert not forms_of("same-up-to-order")[0].fault(one, other), to_text(one)


@pytest.mark.parametrize("form", [each[0] for each in ROWS], ids=str)
@pytest.mark.parametrize(
    "text",
    [
        "(x+1)" * 60,
        "+".join(f"x^{n}" for n in range(100)),
        "(x+y+z+u+v+w)^300",
        "*".join(f"(x-{n})" for n in range(90)),
        "1/(" * 60 + "x" + ")" * 60,
        "x^9999",
        "9^999*x",
        "((x^2-1)^40 + 1)^40",
        "(" * 90 + "x" + ")" * 90,
    ],
)
def test_long_answers_are_judged(form: Any, text: str) -> None:
    judgement = judge(pair_from_json({"response": text, "answer": text, "form": form}))
    assert judgement.outcome in {"equal", "wrong-form", "undecided"}
    assert judgement.elapsed_ms < 2000
