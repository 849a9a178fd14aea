"""The LaTeX reader: tables of what is typed and how it is read, what cannot be read, and its laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from grader.errors import AnswerError
from grader.reading.latex import read
from grader.reading.names import Vocabulary
from grader.reading.printing import to_latex, to_text
from grader.reading.text import Limits
from grader.reading.tree import Tree, rebuild, walk
from tests.reading.trees import NAMES, responses

CASES = YAML(typ="safe").load(Path(__file__).parents[1] / "cases" / "reading" / "latex.yaml")
DECLARED = Vocabulary(
    names=frozenset({"x", "y", "a", "b", "n", "r", "t", "eta", "theta_1", "x_1", "x_2", "w_12", "loss", "y_hat"}),
    functions=frozenset({"f"}),
)
MATRICES = Vocabulary(
    names=frozenset({"A", "B", "X", "w", "y"}),
    shapes={"A": ("m", "n"), "B": ("n", "p"), "X": ("m", "n"), "w": ("n", 1), "y": ("m", 1)},
)
VOCABULARIES = {"declared": DECLARED, "matrices": MATRICES, "any": Vocabulary()}
KEPT = Vocabulary(names=frozenset(NAMES), keep_label=True)
PIECES = [
    *"xy12^_{}()[]|&,+-*/'!. =<$",
    *(r"\frac", r"\sqrt", r"\left", r"\right", r"\left(", r"\right)", r"\left|", r"\right|", r"\sin", r"\log_", r"\\"),
    *(r"\begin{matrix}", r"\end{matrix}", r"\begin{cases}", r"\end{cases}", r"\text{if}", r"\text{ or }", r"\alpha"),
    *(r"\lvert", r"\rvert", r"\sum_", r"\hat", r"\mathbf", r"\mathrm", r"\cdot", "^{", r"\x"),
]


def _rows(section: str) -> list[object]:
    return [
        pytest.param(VOCABULARIES[group], *map(str, row), id=f"{group}: {row[0]}")
        for group, rows in CASES[section].items()
        for row in rows
    ]


@pytest.mark.parametrize(("vocabulary", "typed", "printed"), _rows("trees"))
def test_latex_is_read_as_it_prints(vocabulary: Vocabulary, typed: str, printed: str) -> None:
    reading = read(typed, vocabulary)
    assert to_text(reading.tree) == printed
    assert reading.second is None


@pytest.mark.parametrize(("vocabulary", "typed", "first", "second"), _rows("second_readings"))
def test_ambiguous_latex_has_a_second_reading(vocabulary: Vocabulary, typed: str, first: str, second: str) -> None:
    reading = read(typed, vocabulary)
    assert reading.second is not None
    assert (to_text(reading.tree), to_text(reading.second)) == (first, second)
    assert any(notice.code == "ambiguous" for notice in reading.notices)


@pytest.mark.parametrize(("vocabulary", "marked", "words"), _rows("errors"))
def test_an_error_says_what_and_where(vocabulary: Vocabulary, marked: str, words: str) -> None:
    typed = marked.replace("¡", "")
    with pytest.raises(AnswerError) as caught:
        read(typed, vocabulary)
    error = caught.value
    assert words in str(error)
    assert f"{typed[: error.start]}¡{typed[error.start : error.end]}¡{typed[error.end :]}" == marked


def _as_printed(tree: Tree) -> Tree:
    """The tree up to what LaTeX does not say: how a row was typed, and what a number with an exponent is."""

    def plain(node: Tree) -> Tree:
        if node.kind == "matrix" and len(node.args) == 1:
            return Tree("vector", node.args[0].args, "row")
        if node.kind == "vector" and node.value != "column":
            return node._replace(value="row")
        return node

    return rebuild(tree, plain)


@settings(max_examples=400)
@given(responses.filter(lambda tree: not any(node.kind == "number" and "e" in node.value for node in walk(tree))))
def test_a_tree_printed_as_latex_reads_back_as_itself(tree: Tree) -> None:
    assert _as_printed(read(to_latex(tree), KEPT, Limits(20_000)).tree) == _as_printed(tree)


@pytest.mark.parametrize(("vocabulary", "typed", "printed"), _rows("trees"))
def test_what_was_read_prints_as_latex_that_reads_the_same(vocabulary: Vocabulary, typed: str, printed: str) -> None:
    tree = read(typed, vocabulary).tree
    if any(node.kind == "interval" for node in walk(tree)):  # else (0, 1) is a vector
        vocabulary = replace(vocabulary, intervals=True)
    assert to_text(read(to_latex(tree), vocabulary).tree) == printed


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)), st.booleans())
def test_any_latex_gives_a_tree_or_an_error_within_it(typed: str, comma: bool) -> None:
    try:
        outcome = read(typed, Vocabulary(decimal_comma=comma)).tree
    except AnswerError as error:
        spans = [(error.start, error.end)]
    else:
        spans = [node[3:] for node in walk(outcome)]
    assert all(0 <= start <= end <= len(typed) for start, end in spans)


@pytest.mark.parametrize(
    "typed",
    [
        r"\frac{" * 300,
        r"\frac12" * 250,
        "{" * 1999,
        r"\left(" * 300,
        "x^" * 999 + "x",
        "x^{" * 90 + "2" + "}" * 90,
        "{x}^2_1" * 250,
        r"\begin{matrix}" * 100,
        r"\sqrt" * 300 + "2",
        "{" * 90 + "x" + "}" * 90,
        r"\hat" * 400,
        r"x_\mathbf" * 200 + "x",
        "|" * 1999,
        "$" * 1999,
    ],
)
def test_deep_latex_gets_an_error_or_a_tree(typed: str) -> None:
    try:
        printed = to_text(read(typed).tree)
    except AnswerError as error:
        printed = str(error)
    assert printed


def test_positions_count_typed_characters() -> None:
    tree = read(r"2 × \frac{x²}{y}", DECLARED).tree
    quotient = tree.args[1]
    assert (quotient.start, quotient.end) == (4, 16)


@pytest.mark.parametrize("typed", ["1,5x", "1{,}5x", "1.5x"])
def test_a_decimal_comma_is_an_option(typed: str) -> None:
    assert to_text(read(typed, Vocabulary(decimal_comma=True)).tree) == "1.5*x"


def test_long_latex_is_refused() -> None:
    with pytest.raises(AnswerError, match="at most 2000"):
        read("x+" * 1500 + "x")
