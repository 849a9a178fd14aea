"""What is drawn lies where the author said, and nowhere else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bank.drawing import Choices, Matrices, Vectors, Word, draw_once, integers, rationals
from grader.bank.stream import Stream
from grader.reading.text import read
from grader.reading.tree import Tree, literal_value, number

small = st.integers(-20, 20)


def drawn(parameter: object, seed: int) -> Tree:
    value = parameter.draw(Stream(str(seed)), {})  # type: ignore[attr-defined]
    assert isinstance(value, Tree)
    return value


@given(small, st.integers(0, 12), st.integers(1, 4), st.frozensets(small, max_size=4), st.integers(0, 50))
def test_integers_keep_to_range_step_and_exclusions(
    low: int, width: int, step: int, exclude: frozenset[int], seed: int
) -> None:
    parameter = integers(low, low + width, step, frozenset(map(Fraction, exclude)))
    allowed = [value for value in range(low, low + width + 1, step) if value not in exclude]
    assert list(parameter.values) == allowed
    if allowed:
        assert literal_value(drawn(parameter, seed)) in allowed


@given(small, st.integers(0, 8), st.integers(1, 6), st.integers(0, 6), st.integers(0, 50))
def test_rationals_are_in_lowest_terms_with_denominators_in_range(
    low: int, width: int, bottom: int, more: int, seed: int
) -> None:
    parameter = rationals(range(low, low + width + 1), range(bottom, bottom + more + 1), frozenset({Fraction(1, 2)}))
    if not parameter.pairs:
        return
    value = literal_value(drawn(parameter, seed))
    assert value is not None
    assert bottom <= value.denominator <= bottom + more
    assert low <= value.numerator <= low + width
    assert value != Fraction(1, 2)


def test_a_fraction_is_as_likely_as_any_other_one() -> None:
    assert len(set(rationals(range(1, 7), range(2, 7)).pairs)) == len(rationals(range(1, 7), range(2, 7)).pairs)


@given(st.integers(1, 4), st.integers(0, 50))
def test_a_symmetric_matrix_equals_its_transpose(size: int, seed: int) -> None:
    tree = drawn(Matrices(size, size, integers(-3, 3), symmetric=True), seed)
    rows = [row.args for row in tree.args]
    assert all(rows[i][j] == rows[j][i] for i in range(size) for j in range(size))


def test_matrices_and_vectors_have_their_shape() -> None:
    matrix = drawn(Matrices(2, 3, integers(1, 9)), 1)
    assert [len(row.args) for row in matrix.args] == [3, 3]
    assert len(drawn(Vectors(4, integers(1, 9)), 1).args) == 4


def test_a_choice_may_use_what_was_drawn_before() -> None:
    parameters = {"a": integers(5, 5), "g": Choices((read("sin(a*x)").tree,))}
    assert draw_once(parameters, "p", 0, 0, {})["g"] == read("sin(5*x)").tree


def test_words_stay_words() -> None:
    assert draw_once({"k": Choices((Word("left"),))}, "p", 0, 0, {}) == {"k": Word("left")}


def test_a_new_parameter_leaves_the_others_as_they_were() -> None:
    one = {"a": integers(0, 10**6)}
    both = {"z": integers(0, 10**6), **one}
    for seed in range(20):
        assert draw_once(one, "p", seed, 0, {})["a"] == draw_once(both, "p", seed, 0, {})["a"]


def test_fixed_values_are_taken_as_they_are() -> None:
    assert draw_once({"a": integers(1, 3)}, "p", 0, 0, {"a": number(99)}) == {"a": number(99)}


@pytest.mark.parametrize("count", [60])
def test_seeds_reach_every_value(count: int) -> None:
    parameters = {"a": integers(-3, 3, exclude=frozenset({Fraction(0)}))}
    found = {draw_once(parameters, "p", seed, 0, {})["a"] for seed in range(count)}
    assert found == {number(value) for value in (-3, -2, -1, 1, 2, 3)}
