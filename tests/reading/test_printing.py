"""The law of printing: what is printed reads back as the same tree, and MathML is well formed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import AnswerError
from grader.reading.functions import check_exponent
from grader.reading.names import Vocabulary
from grader.reading.printing import to_latex, to_mathml, to_text
from grader.reading.text import read
from grader.reading.tree import Tree, walk
from tests.reading.trees import NAMES, outcome_of, responses

VOCABULARY = Vocabulary(names=frozenset(NAMES), keep_label=True)

PIECES = [*"xy12+-*/^()[]{}|,;!%'= <>.e", "sin", "ln ", "**", "pi", "²", "√", "if", "or"]


def _within_bounds(tree: Tree) -> bool:
    try:
        for node in walk(tree):
            if node.kind == "power":
                check_exponent(node.args[1])
    except AnswerError:
        return False
    return True


@settings(max_examples=400)
@given(responses.filter(_within_bounds))
def test_a_printed_tree_reads_back_as_itself(tree: Tree) -> None:
    assert read(to_text(tree), VOCABULARY).tree == tree


@settings(max_examples=200)
@given(responses)
def test_mathml_is_well_formed_and_latex_is_balanced(tree: Tree) -> None:
    assert ET.fromstring(to_mathml(tree)).tag == "math"
    latex = to_latex(tree)
    assert latex.count(r"\left") == latex.count(r"\right")
    assert latex.replace(r"\{", "").count("{") == latex.replace(r"\}", "").count("}")


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_an_error_within_it(typed: str) -> None:
    outcome = outcome_of(typed)
    spans = [(outcome.start, outcome.end)] if isinstance(outcome, AnswerError) else [node[3:] for node in walk(outcome)]
    assert all(0 <= start <= end <= len(typed) for start, end in spans)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_mixture_of_signs_gives_a_tree_or_an_error(pieces: list[str]) -> None:
    outcome = outcome_of("".join(pieces))
    assert isinstance(outcome, AnswerError) or (to_mathml(outcome) and to_latex(outcome) and to_text(outcome))


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("(x^2+1)/(2x)", r"\frac{x^{2} + 1}{2 x}"),
        ("sqrt(x)*sin^2 x", r"\sqrt{x} \, \sin^{2}\left(x\right)"),
        ("eta x_1", r"\eta x_{1}"),
        ("2*3", r"2 \cdot 3"),
        ("[[x,0],[1,y]]", r"\begin{bmatrix} x & 0 \\ 1 & y \end{bmatrix}"),
        ("|x|", r"\left|x\right|"),
        ("1.5e-3", r"1.5 \cdot 10^{-3}"),
    ],
)
def test_latex_is_set_as_a_textbook_would(typed: str, latex: str) -> None:
    assert to_latex(read(typed, VOCABULARY).tree) == latex
