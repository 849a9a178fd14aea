"""Pieces of text that were met before become the same tokens as a text that is met for the first time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.tokens import _known_tokens, _scanned

VOCABULARY = Vocabulary(names=frozenset({"x", "y", "x_1", "eta", "T2"}))
WORDS = "x y x1 x_1 eta sin sin2x 2 2.5 .5 3. 2e3 2e 1e-3 10 e T T2 pi √ log_2"
SIGNS = "^ ** ( ) + - * / <= = => .* . , | !"
PIECES = st.sampled_from([*WORDS.split(), *SIGNS.split(), " ", "  "])


@given(st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=400)
def test_remembered_pieces_give_the_same_tokens(text: str) -> None:
    try:
        scanned = _scanned(text, VOCABULARY, scientific=True)
    except AnswerError:
        assert _known_tokens(text, VOCABULARY) is None
        return
    remembered = _known_tokens(text, VOCABULARY)
    assert remembered is None or remembered == scanned


@pytest.mark.parametrize("text", ["3x^2*sin(x)", "[2xy + 3y^2, x^2 + 6xy]", "0.5x_1 - eta"])
def test_an_ordinary_text_is_remembered(text: str) -> None:
    scanned = _scanned(text, VOCABULARY, scientific=True)
    assert _known_tokens(text, VOCABULARY) == scanned
