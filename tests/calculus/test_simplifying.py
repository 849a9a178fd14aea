"""The tidy form is the one of the table, keeps the value, and is its own tidy form."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from grader.calculus.finite_differences import is_near, value
from grader.calculus.simplifying import simplify
from grader.reading.names import Vocabulary
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, names_in, number, power
from tests.calculus.trees import expressions

CASES = Path(__file__).parents[1] / "cases" / "calculus" / "simplifying.yaml"
ROWS: list[dict[str, str]] = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))
POINTS = [{"x": Fraction(x), "y": Fraction(y)} for x, y in (("3/7", "5/3"), ("-2/9", "7/5"), ("11/4", "-1/3"))]
MATRICES = Vocabulary(shapes={"A": (2, 2)})


@pytest.mark.parametrize("row", ROWS, ids=[row["given"] for row in ROWS])
def test_row(row: dict[str, str]) -> None:
    vocabulary = MATRICES if "A" in row["given"] else Vocabulary()
    tidy = simplify(read(row["given"], vocabulary).tree)
    assert to_text(tidy) == row["tidy"]
    assert simplify(tidy) == tidy


@settings(max_examples=300)
@given(expressions())
def test_the_value_is_kept_wherever_there_was_one(tree: Tree) -> None:
    tidy = simplify(tree)
    assert names_in(tidy) <= names_in(tree)
    for point in POINTS:
        before = value(tree, point)
        if before is not None:
            after = value(tidy, point)
            assert after is not None
            assert is_near(after, before), to_text(tidy)


@settings(max_examples=300)
@given(expressions())
def test_a_tidy_tree_is_its_own_tidy_form(tree: Tree) -> None:
    tidy = simplify(tree)
    assert to_text(simplify(tidy)) == to_text(tidy)


@settings(max_examples=200)
@given(st.lists(expressions(), min_size=2, max_size=4))
def test_the_order_of_terms_makes_no_difference(terms: list[Tree]) -> None:
    assert simplify(Tree("sum", tuple(terms))) == simplify(Tree("sum", tuple(reversed(terms))))


def test_a_power_too_long_to_write_out_stays() -> None:
    tree = power(power(number(9), 900), 900)
    assert simplify(tree).kind == "power"
    assert simplify(power(number(2), 10)) == number(1024)


def test_names_come_in_the_order_given() -> None:
    tree = read("b*a + a^2").tree
    assert to_text(simplify(tree, ("b", "a"))) == "b*a + a^2"
    assert to_text(simplify(tree, ("a", "b"))) == "a^2 + a*b"
