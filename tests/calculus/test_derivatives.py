"""Every row of the table of derivatives, by the table of rules and by both second routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from grader.calculus.derivatives import DerivativeTooLong, NotDifferentiable, Replacement, differentiate, places
from grader.calculus.elementary import ELEMENTARY
from grader.calculus.rules import RULES, Rule
from grader.calculus.second_routes import verify_derivative
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.reading.names import Vocabulary, canonical
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, call, divide, multiply, name, names_in, number, power

CASES = Path(__file__).parents[1] / "cases" / "calculus" / "derivatives.yaml"
ROWS: list[dict[str, Any]] = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))
INDEXED = Tree("sigma", (power(name("x"), name("k")), number(1), number(3)), "k")


def tree_of(text: str) -> Tree:
    return read(text).tree


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['function']}" for row in ROWS])
def test_row(row: dict[str, Any]) -> None:
    function, expected = tree_of(row["function"]), tree_of(row["derivative"])
    domain, variable = Domain.of(row.get("variables")), canonical(row.get("by", "x"))
    found = differentiate(function, variable).tree
    verdict = decide(found, expected, domain)
    assert verdict.outcome is Outcome.EQUAL, f"{to_text(found)}: {verdict}"
    verify_derivative(function, variable, found, domain)


def test_there_are_enough_rows() -> None:
    assert len(ROWS) >= 60


def test_every_rule_is_applied_by_some_row() -> None:
    used = {
        step.rule
        for row in ROWS
        for step in differentiate(tree_of(row["function"]), canonical(row.get("by", "x"))).steps
    }
    texts = ("root(2,x)", "f(x)", "step(x)", "ceil(x)", "sign(x)", "Phi(x)", "asec(x)", "acsc(x)")
    trees = [read(text, Vocabulary(functions=frozenset({"f"}))).tree for text in texts]
    more = {step.rule for tree in [*trees, INDEXED] for step in differentiate(tree, "x").steps}
    rare = {"asech", "acsch", "acoth", "exp", "log"}
    assert set(RULES) - used - more <= rare


@pytest.mark.parametrize("function", sorted(ELEMENTARY))
def test_every_elementary_function_agrees_with_finite_differences(function: str) -> None:
    region = {"acosh": "(1, oo)", "asec": "(1, oo)", "acsc": "(1, oo)", "acoth": "(1, oo)"}.get(function, "(0, 1)")
    domain = Domain.of({"x": {"in": region}})
    for tree in (call(function, tree_of("x")), call(function, tree_of("x^2"))):
        verify_derivative(tree, "x", differentiate(tree, "x").tree, domain)


@pytest.mark.parametrize(
    ("rule", "broken", "function", "place", "mistaken"),
    [
        ("product", lambda tree, d: multiply(*map(d, tree.args)), "x^2*sin(x)", None, "2x*cos(x)"),
        ("chain", lambda tree, d: d.outer(tree), "sin(3x)", None, "cos(3x)"),
        ("chain", lambda tree, d: d.outer(tree), "sin(3x) + e^(2x)", 1, "3cos(3x) + e^(2x)"),
        ("constant", lambda tree, _: tree, "x^2 + 7", None, "2x + 7"),
        ("cos", lambda tree, _: call("sin", tree.args[0]), "cos(x)", None, "sin(x)"),
        ("quotient", lambda tree, d: divide(*map(d, tree.args)), "sin(x)/x", None, "cos(x)"),
        ("power", lambda tree, _: multiply(tree.args[1], tree), "x^3", None, "3x^3"),
    ],
)
def test_one_broken_rule_gives_the_common_mistake(
    rule: str, broken: Any, function: str, place: int | None, mistaken: str
) -> None:
    tree = tree_of(function)
    found = differentiate(tree, "x", replacement=Replacement(rule, Rule("broken", broken), place)).tree
    assert decide(found, tree_of(mistaken)).outcome is Outcome.EQUAL, to_text(found)
    assert decide(differentiate(tree, "x").tree, tree_of(mistaken)).outcome is Outcome.DIFFERENT


def test_places_counts_the_applications_of_a_rule() -> None:
    assert places(tree_of("sin(3x) + e^(2x) + x"), "x", "chain") == 2


def test_steps_go_from_the_outside_in_with_their_places() -> None:
    steps = differentiate(tree_of("x + sin(x^2)"), "x").steps
    assert [step.rule for step in steps] == ["sum", "variable", "chain", "sin", "power"]
    assert [step.path for step in steps] == [(), (0,), (1,), (1,), (1, 0)]


@pytest.mark.parametrize(("text", "part"), [("x!", "factorial"), ("delta(x, 1)", "delta"), ("tr(x)", "tr")])
def test_what_has_no_rule_is_named(text: str, part: str) -> None:
    with pytest.raises(NotDifferentiable, match=part):
        differentiate(tree_of(text), "x")


def test_an_indexed_sum_is_differentiated_term_by_term() -> None:
    found = differentiate(INDEXED, "x").tree
    assert decide(found, tree_of("1 + 2x + 3x^2")).outcome is Outcome.EQUAL, to_text(found)


def test_the_given_order_of_names_is_kept() -> None:
    found = differentiate(tree_of("z^2*b*a"), "z", order=("z", "b", "a")).tree
    assert to_text(found) == "2*z*b*a"
    assert names_in(found) == {"a", "b", "z"}


@pytest.mark.parametrize("text", ["sin(" * 95 + "x" + ")" * 95, "*".join(f"sin({count}x)" for count in range(1, 101))])
def test_what_grows_out_of_proportion_is_refused(text: str) -> None:
    with pytest.raises(DerivativeTooLong):
        differentiate(tree_of(text), "x")
