"""The stream is fixed for ever: these numbers may never change."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bank.stream import Stream, label

GOLDEN_WORDS = [
    16160457723526169612,
    2957047478982066100,
    13590969985752230923,
    16209102669149688879,
    916083730757252286,
    6765747053486773481,
]
GOLDEN_DIGITS = [5, 8, 5, 5, 8, 5, 2, 1, 9, 8, 6, 6, 3, 2, 1, 3, 1, 6, 2, 7]


def test_the_words_of_a_label_never_change() -> None:
    stream = Stream("grader")
    assert [stream.word() for _ in range(6)] == GOLDEN_WORDS


def test_the_draws_of_a_label_never_change() -> None:
    stream = Stream(label("derivative-polynomial", 7, 0, "a"))
    assert [stream.below(10) for _ in range(20)] == GOLDEN_DIGITS


@given(st.text(max_size=20), st.integers(1, 2**64))
def test_a_draw_is_below_its_bound(text: str, bound: int) -> None:
    assert 0 <= Stream(text).below(bound) < bound


@pytest.mark.parametrize("bound", [0, -1, 2**64 + 1])
def test_a_bound_without_numbers_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        Stream("x").below(bound)


def test_all_values_are_about_equally_likely() -> None:
    stream = Stream("fair")
    counts = Counter(stream.below(6) for _ in range(12_000))
    assert set(counts) == set(range(6))
    assert max(counts.values()) - min(counts.values()) < 300


@given(st.integers(), st.integers(0, 999), st.sampled_from(["a", "b", "x_1"]))
def test_every_parameter_has_a_stream_of_its_own(seed: int, attempt: int, name: str) -> None:
    others = {label("p", seed, attempt, other) for other in ("a", "b", "x_1") if other != name}
    assert label("p", seed, attempt, name) not in others
    assert label("p", seed, attempt, name) != label("p", seed + 1, attempt, name)
