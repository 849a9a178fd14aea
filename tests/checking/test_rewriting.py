"""A right answer rewritten step by step stays right; a short run of what `bench/rewriting.py` does at length."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rewrites import rewritten, slipped
from bench.rewriting import case
from grader.reading.tree import add, call, name, power

SEEDS = st.integers(0, 2**32)


@given(SEEDS)
@settings(max_examples=120, derandomize=True)
def test_no_verdict_on_a_rewritten_answer_is_wrong(seed: int) -> None:
    found = case(seed)
    assert found is None or not found.is_wrong, str(found)


@given(SEEDS)
@settings(max_examples=30)
def test_a_slip_changes_the_tree_and_steps_take_any_tree(seed: int) -> None:
    tree = add(call("sin", power(name("x"), 2)), name("x"))
    assert slipped(tree, Random(seed), ("x",)) != tree
    assert rewritten(tree, Random(seed), ("x",), 6).args
