"""Values of every function, and what has none."""

from __future__ import annotations

import pathlib
from fractions import Fraction
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.checking import balls, identical
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, enclose, exact_value, value_at
from grader.reading.names import FUNCTIONS
from grader.reading.text import read
from grader.reading.tree import Tree, call, divide, name, number, power, vector, walk

TABLE = pathlib.Path(__file__).parents[1] / "cases" / "checking" / "values.yaml"
ROWS = YAML(typ="safe", pure=True).load(TABLE.read_text(encoding="utf-8"))
# Functions of vectors and matrices have no scalar value of their own.
SHAPED = {"softmax", "tr", "det", "inv", "diag", "transpose", "kron", "dot", "norm", "piecewise"}


@pytest.mark.parametrize("row", [row for row in ROWS if "value" in row], ids=lambda row: row["expression"])
def test_value(row: dict[str, Any]) -> None:
    found = value_at(read(row["expression"]).tree, {}, 25)
    assert abs(found.middle - Fraction(row["value"])) < Fraction(1, 10**19)
    assert found.upper - found.lower < Fraction(1, 10**23)


@pytest.mark.parametrize("row", [row for row in ROWS if "none" in row], ids=lambda row: row["expression"])
def test_no_value(row: dict[str, Any]) -> None:
    with pytest.raises(NoValue, match=row["none"]):
        value_at(read(row["expression"]).tree, {})


def test_every_function_has_a_value_in_the_table() -> None:
    trees = [read(row["expression"]).tree for row in ROWS]
    used = {node.value for tree in trees for node in walk(tree) if node.kind == "call"}
    assert {function.name for function in FUNCTIONS} - used <= {*SHAPED, "ln", "log2", "exp"} | {"sqrt"}


def test_every_scalar_function_can_be_computed() -> None:
    shorthands = {function for function, _ in identical.SHORTHANDS}
    known = shorthands | set(balls.FUNCTIONS) | SHAPED
    assert {function.name for function in FUNCTIONS} <= known


@pytest.mark.parametrize("text", ["exp(exp(exp(100)))", "sin(10^9999)/0.5^9999", "exp(10^9999)"])
def test_what_is_too_large_is_unclear_and_quick(text: str) -> None:
    with pytest.raises(Unclear):
        value_at(read(text).tree, {})


def test_towers_and_large_factorials_end() -> None:
    tower = number(9)
    for _ in range(4):
        tower = power(number(9), tower)
    for tree in (tower, Tree("factorial", (tower,)), Tree("factorial", (number(100_000),)), number("1e999999999")):
        with pytest.raises(Unclear):
            value_at(tree, {})


def test_an_unknown_name_and_a_vector_are_told_apart() -> None:
    with pytest.raises(MissingName) as missing:
        enclose(name("x"), {})
    assert missing.value.field == "x"
    with pytest.raises(NotScalar):
        enclose(vector(number(1), number(2)), {})


def test_a_point_may_hold_trees() -> None:
    root = value_at(power(name("x"), 2), {"x": call("sqrt", number(2))}, 30)
    assert root.lower <= 2 <= root.upper


def test_exact_values_are_exact() -> None:
    assert exact_value(divide(number(1), number(3))) == Fraction(1, 3)
    assert exact_value(read("(4/9)^(1/2) + 2^(-2) + |-1| + 3!").tree) == Fraction(2, 3) + Fraction(1, 4) + 7
    assert exact_value(read("sqrt(2)").tree) is None
    assert exact_value(read("1/(1 - 1)").tree) is None
    assert value_at(read("0.1 + 0.2").tree, {}).exact == Fraction(3, 10)


def test_a_sum_over_an_index() -> None:
    body = power(name("k"), 2)
    tree = Tree("sigma", (body, number(1), name("n")), "k")
    assert value_at(tree, {"n": Fraction(10)}).exact == 385


def test_what_cannot_be_told_from_zero_is_a_tiny_ball_around_it() -> None:
    found = value_at(read("sin(pi)").tree, {})
    assert found.lower <= 0 <= found.upper
    assert found.upper < Fraction(1, 10**100)
