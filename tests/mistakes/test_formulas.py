"""What is said of a formula over matrices that is turned, as a whole or in one of its matrices."""

from __future__ import annotations

import pytest

from grader.pairs import judge, pair_from_json

SHAPES = {name: {"shape": shape} for name, shape in {"a": ["n"], "b": ["n"], "X": ["n", "n"], "A": ["n", "n"]}.items()}
ROWS = [
    ("b a^T", "a b^T", "transposed"),
    ("3 (a b^T + b b^T)", "3 b a^T + 3 b b^T", "transposed"),
    ("A^T X", "A X", "matrix-transpose-lost"),
    ("X^-T a b^T X^-T + a b^T", "X^-1 a b^T X^-1 + a b^T", "matrix-transpose-lost"),
    ("X^-T a b^T X^-T", "X^-1 b a^T X^-1", "transposed"),
    ("A X", "X A", "matrix-order-swapped"),
    ("3 A X + 2 X", "3 A X", "term-missing"),
    ("6/n A X + 2 X", "6 A X + 2 X", "mean-factor-lost"),
    ("3 A X + 2 X", "3 A X + X", "exponent-factor-missing"),
    ("3 A X + 2 X", "-3 A X", None),
    ("6 A X", "A X", "constant-factor"),
    ("6 A X", "4 A X", None),
    ("3 (A + A^T) a + 3 b", "(A + A^T) a + b", "constant-factor"),
    ("2 A^T (X a - b)", "2 (X a - b)", "inner-derivative-missing"),
    ("2 A^T (X a - b)", "2 A^T X a", "term-missing"),
    ("2 A^T (X a - b)", "2 A^T", None),
    ("diag(1 - a .* a) A", "diag(1 - a .* a)", "inner-derivative-missing"),
    ("A^T (X a + b)/norm(X a + b)", "A^T (X a + b)", "not-normalised"),
    ("3 A b a^T + X", "3 A a b^T + X", "matrix-order-swapped"),
    ("A^T X", "X A", None),
    ("A + A^T", "A^T + A", None),
]


@pytest.mark.parametrize(("answer", "response", "mistake"), ROWS)
def test_a_formula_is_turned_as_a_whole_or_in_one_matrix(answer: str, response: str, mistake: str | None) -> None:
    line = {"answer": answer, "response": response, "type": "matrix-expression", "variables": SHAPES}
    assert judge(pair_from_json(line)).mistake == mistake
