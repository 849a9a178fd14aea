from __future__ import annotations

from fractions import Fraction
from itertools import product
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.answers.entry_arithmetic import ShapesDoNotFit
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, literal_value, number

entries = st.fractions(min_value=-9, max_value=9, max_denominator=5)
matrices = st.lists(st.lists(entries, min_size=2, max_size=2), min_size=2, max_size=2)


def text_of(rows: list[list[Fraction]]) -> str:
    return "[" + ", ".join("[" + ", ".join(f"({entry})" for entry in row) + "]" for row in rows) + "]"


def values(tree: Tree) -> list[list[Fraction | None]]:
    grid = grid_of(tree)
    assert grid is not None
    return [[literal_value(entry) for entry in row] for row in grid.rows]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("[1,2] - [1,0]", "[0, 2]"),
        ("2*[1,2]*3", "[6, 12]"),
        ("[1,2]/2", "[1/2, 2/2]"),
        ("-[1,x]", "[-1, -x]"),
        ("[3,4]·[1,0]", "3"),
        ("[1,2]·[3,4]*[1,1]", "[11, 11]"),
        ("[[1,2],[3,4]]*[1,1]", "[3, 7]"),
        ("[1,1]*[[1,2],[3,4]]", "[[4, 6]]"),
        ("[1;2]*[[3,4]]", "[[3, 4], [6, 8]]"),
        ("[1,2][3,4]^T", "[[3, 4], [6, 8]]"),
        ("[1,2]^T[3,4]", "11"),
        ("[[1,2],[3,4]]^T", "[[1, 3], [2, 4]]"),
        ("[[1,2],[3,4]]'", "[[1, 3], [2, 4]]"),
        ("[[1,1],[0,1]]^3", "[[1, 3], [0, 1]]"),
        ("det([[1,2],[3,4]])", "-2"),
        ("det([[2,0,0],[0,3,0],[0,0,4]])", "24"),
        ("tr([[1,2],[3,4]])", "5"),
        ("norm([3,4])", "sqrt(25)"),
        ("|[3,4]|", "sqrt(25)"),
        ("max([1,2])", "max(1, 2)"),
        ("dot([1,2],[3,4])", "11"),
        ("kron([1,2],[1,3])", "[1, 3, 2, 6]"),
        ("diag([1,2])", "[[1, 0], [0, 2]]"),
        ("[1,2] .* [3,4]", "[3, 8]"),
        ("[1,2] + [[3],[4]]", "[[4], [6]]"),
        ("[1,2] + [[3,4]]", "[[4, 6]]"),
        ("x + 2*3", "x + 2*3"),
        ("[x, 2*3]", "[x, 2*3]"),
        ("softmax([0,0])", "[exp(0)/(exp(0) + exp(0)), exp(0)/(exp(0) + exp(0))]"),
    ],
)
def test_arithmetic_is_carried_out_and_nothing_else_is_touched(text: str, result: str) -> None:
    assert to_text(evaluate(read(text).tree)) == result


@pytest.mark.parametrize(
    "text",
    [
        "[1,2] + [1,2,3]",
        "[1,2] + 1",
        "1 + [1,2]",
        "[1,2]·[1,2,3]",
        "[[1,2]]*[[3,4]]",
        "[[1,2],[3,4]]*[1,2,3]",
        "1/[1,2]",
        "2^[1,2]",
        "[1,2]^2",
        "[[1,2],[3,4]]^(1/2)",
        "det([[1,2,3],[4,5,6]])",
        "sin([1,2])",
        "max([1,2], 3)",
        "tr([[1,2]])",
        "[1,2] .* [1,2,3]",
        "dot([1,2],[1,2,3])",
    ],
)
def test_sizes_that_do_not_fit_are_named_with_their_place(text: str) -> None:
    with pytest.raises(ShapesDoNotFit) as caught:
        evaluate(read(text).tree)
    assert caught.value.expected
    assert caught.value.found
    assert 0 <= caught.value.start < caught.value.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "[[1,1],[1,1]]^-1",
        "[[1,1],[0,1]]^99",
        "|[[1,2],[3,4]]|",
        "det([[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]])",
        "[[x,y],[y,x]]^8" + "*[[x,y],[y,x]]^8" * 20,
        "kron([" + "1," * 90 + "1],[" + "1," * 90 + "1])",
    ],
)
def test_what_is_too_large_or_impossible_is_refused_quickly(text: str) -> None:
    started = process_time()
    with pytest.raises(AnswerError):
        evaluate(read(text).tree)
    assert process_time() - started < 5  # not a measure: what has no bound takes minutes


def test_long_numbers_are_not_written_out() -> None:
    tree = evaluate(read("[1e900, 1]*1e900*1e900*1e900").tree)
    assert tree.args[0].kind == "product"


@given(matrices, matrices)
def test_sums_and_products_are_those_of_the_numbers(first: list[list[Fraction]], second: list[list[Fraction]]) -> None:
    added = values(evaluate(read(f"{text_of(first)} + {text_of(second)}").tree))
    times = values(evaluate(read(f"{text_of(first)} * {text_of(second)}").tree))
    for i, j in product(range(2), repeat=2):
        assert added[i][j] == first[i][j] + second[i][j]
        assert times[i][j] == sum(first[i][k] * second[k][j] for k in range(2))


@given(matrices)
def test_an_inverse_times_the_matrix_is_the_identity(rows: list[list[Fraction]]) -> None:
    (a, b), (c, d) = rows
    if a * d == b * c:
        return
    result = values(evaluate(read(f"{text_of(rows)}^-1 * {text_of(rows)}").tree))
    assert result == [[1, 0], [0, 1]]


def test_grids_know_their_layout() -> None:
    texts = ("[1,2]", "[1;2]", "[[1,2]]", "[[1,2],[3,4]]", "[1,2]^T", "x")
    layouts = [grid.layout if grid else None for grid in (grid_of(read(text).tree) for text in texts)]
    assert layouts == ["flat", "column", "row", "matrix", "column", None]
    assert grid_of(Tree("vector", (number(1), number(2)), "row")) == Grid(((number(1), number(2)),))
