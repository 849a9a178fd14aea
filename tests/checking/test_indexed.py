"""Laws of indexed expressions: what the normal form says is equal has equal entries."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.answers import BY_NAME
from grader.answers.base import Context, judge_response, read_response
from grader.answers.indexed_expression import IndexedExpressionSettings
from grader.checking.contracting import same_form
from grader.checking.domain import Domain
from grader.checking.indexed import disproof, is_exchanged
from grader.checking.ranges import Misfit, Ranges, bounded
from grader.checking.verdict import Outcome, Proof, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree

DOMAIN = Domain.of({"A": {"shape": ["n", "n"]}, "S": {"shape": ["n", "n"], "symmetric": True}, "x": {"shape": ["n"]}})
KIND = BY_NAME["indexed-expression"]
SETTINGS = IndexedExpressionSettings(indices={"i": "n", "j": "n"})
RANGES = Ranges({"i": "n", "j": "n"}, DOMAIN.shapes)
CONTEXT = Context.of(DOMAIN)

index = st.sampled_from("ijkl")
factor = st.one_of(
    st.builds("x_{}".format, index),
    st.builds("A_{}{}".format, index, index),
    st.builds("S_{}{}".format, index, index),
    st.builds("delta_{}{}".format, index, index),
    st.sampled_from(["(2)", "n", "(x_i - x_j)", "(sum_m x_m)", "e^{x_k}", "sin(sum_m A_mk)"]),
)
term = st.builds(lambda factors: f"sum_k sum_l {' '.join(factors)}", st.lists(factor, min_size=1, max_size=4))
expression = st.builds(" + ".join, st.lists(term, min_size=1, max_size=2))


def tree(text: str) -> Tree:
    return read_response(KIND, text, SETTINGS, CONTEXT).tree


def verdict(response: str, key: str) -> Verdict:
    return judge_response(KIND, read_response(KIND, response, SETTINGS, CONTEXT), tree(key), SETTINGS, CONTEXT).verdict


@given(expression, expression)
@settings(max_examples=150)
def test_one_form_means_equal_entries(first: str, second: str) -> None:
    one, other = (bounded(tree(text), RANGES) for text in (first, second))
    found = disproof(one, other, RANGES, DOMAIN)
    if same_form(one, other, RANGES, DOMAIN):
        assert found.outcome is not Outcome.DIFFERENT


@given(expression)
@settings(max_examples=80)
def test_other_names_of_dummies_and_an_own_order_are_proved_equal(text: str) -> None:
    other = str.maketrans({"k": "b", "l": "c", "m": "d"})
    renamed = re.sub(r"_[a-z]+", lambda indices: indices[0].translate(other), text)
    turned = " + ".join(reversed(renamed.split(" + ")))
    found = verdict(turned, text)
    assert found.outcome is Outcome.EQUAL
    assert isinstance(found.evidence, Proof)


@given(expression)
@settings(max_examples=80)
def test_what_is_printed_is_read_as_the_same(text: str) -> None:
    assert tree(to_text(tree(text))) == tree(text)


def test_an_index_on_an_axis_of_another_size_is_named() -> None:
    ranges = Ranges({"i": "m"}, {"x": ("n",)})
    with pytest.raises(Misfit) as caught:
        bounded(Tree("entry", (Tree("name", (), "i"),), "x"), ranges)
    assert caught.value.expected == "an index over n (place 1 of x)"
    assert caught.value.found == "the index i, which runs over m"


def test_indices_exchanged_are_recognised() -> None:
    assert is_exchanged(tree("A_ji x_i"), tree("A_ij x_j"), RANGES, DOMAIN, ("i", "j"))
    assert not is_exchanged(tree("A_ij x_i"), tree("A_ij x_j"), RANGES, DOMAIN, ("i", "j"))


@pytest.mark.parametrize(
    "given_indices",
    [["i"], {"i": 0}, {"i": 101}, {"i": "m n"}, {"i1 ": "m"}, {"i": True}, dict.fromkeys("abcdfgh", "m")],
)
def test_indices_that_make_no_sense_are_refused(given_indices: object) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        IndexedExpressionSettings(indices=given_indices)  # type: ignore[arg-type]
