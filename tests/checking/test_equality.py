"""The table of pairs, and laws that hold for all trees."""

from __future__ import annotations

import pathlib
import threading
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from grader.checking.bounding import NoValue, Unclear, enclose
from grader.checking.domain import Domain
from grader.checking.equality import Budget, decide
from grader.checking.exact import exact_value
from grader.checking.verdict import Counterexample, Outcome, Undefined
from grader.reading.text import read
from grader.reading.tree import Tree, add, call, divide, multiply, name, neg, number, power

TABLE = pathlib.Path(__file__).parents[1] / "cases" / "checking" / "equality.yaml"


def rows() -> list[Any]:
    table = YAML(typ="safe", pure=True).load(TABLE.read_text(encoding="utf-8"))
    return [
        pytest.param(row, id=f"{section}: {row['response'][:40]} | {row['answer'][:40]} ({row['why']})")
        for section, found in table.items()
        for row in found
    ]


QUICK = Budget()


def judge(row: dict[str, Any], budget: Budget = QUICK) -> Any:
    domain = Domain.of(row.get("variables"))
    vocabulary = domain.vocabulary(keep_label=row.get("keep_label", False))
    response, answer = (read(row[side], vocabulary).tree for side in ("response", "answer"))
    return decide(response, answer, domain, budget)


@pytest.mark.parametrize("row", rows())
def test_table(row: dict[str, Any]) -> None:
    verdict = judge(row)
    assert verdict.outcome == row["outcome"], str(verdict)
    if "evidence" in row:
        assert verdict.evidence.kind == row["evidence"], str(verdict)


def test_a_third_of_the_table_is_different() -> None:
    outcomes = [parameter.values[0]["outcome"] for parameter in rows()]
    assert len(outcomes) >= 150
    assert outcomes.count("different") * 3 >= len(outcomes)


def decided(response: str, answer: str, **variables: Any) -> Any:
    return judge({"response": response, "answer": answer, "variables": variables or None})


def test_a_counterexample_is_simple_and_shows_that_the_values_differ() -> None:
    evidence = decided("x + 1e-12", "x").evidence
    assert evidence == Counterexample((("x", "2"),), "2.000000000001", "2")


@pytest.mark.parametrize(
    ("response", "answer", "shown"),
    [
        ("x + 1e-300", "x", ("2 + 1e-300", "2")),
        ("x - 10^-3000", "x", ("2 - 1e-3000", "2")),
        ("sin(x) - sin(x) + x + 1e-70", "x", ("2 + 1e-70", "2")),
    ],
)
def test_a_counterexample_shows_a_difference_beyond_its_digits(
    response: str, answer: str, shown: tuple[str, str]
) -> None:
    evidence = decided(response, answer).evidence
    assert evidence == Counterexample((("x", "2"),), *shown)


def test_undefined_names_a_point_in_the_region() -> None:
    evidence = decided("ln x", "ln|x|").evidence
    assert isinstance(evidence, Undefined)
    assert evidence.point == (("x", "-1"),)
    assert "logarithm" in evidence.reason


def test_a_counterexample_names_the_function_it_is_about() -> None:
    evidence = decided("f'(x)", "f(x)", x={}, f={"function": True}).evidence
    assert [label for label, _ in evidence.point] == ["x", "f(t)"]


def test_proof_is_asked_of_computer_algebra_only_when_wanted() -> None:
    row = {"response": "x cos(pi/5)", "answer": "x(1+sqrt(5))/4"}
    assert judge(row).evidence.kind == "agreement"
    assert str(judge(row, Budget(prove=True)).evidence) == "Proved equal (computer algebra)."


def test_matrices_are_never_reordered() -> None:
    domain = Domain.of({"A": {"shape": [2, 2]}, "B": {"shape": [2, 2]}})
    first, second = multiply(name("A"), name("B")), multiply(name("B"), name("A"))
    assert decide(first, second, domain).outcome == Outcome.UNDECIDED
    assert decide(first, first, domain).outcome == Outcome.EQUAL


def test_verdicts_are_the_same_from_many_threads() -> None:
    table = [parameter.values[0] for parameter in rows()][:60]
    alone = [judge(row) for row in table]
    found: list[list[Any]] = []
    threads = [threading.Thread(target=lambda: found.append([judge(row) for row in table])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4


LEAVES = st.one_of(
    st.sampled_from([name("x"), name("y")]),
    st.integers(-5, 5).map(number),
    st.fractions(-3, 3, max_denominator=9).map(number),
)


def extend(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda two: add(*two)),
        pair.map(lambda two: multiply(*two)),
        pair.map(lambda two: divide(*two)),
        inner.map(neg),
        st.tuples(inner, st.integers(-2, 3)).map(lambda two: power(two[0], two[1])),
    )


RATIONAL = st.recursive(LEAVES, extend, max_leaves=8)
SMOOTH = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        extend(inner),
        st.tuples(st.sampled_from(["sin", "cos", "exp", "abs", "atan"]), inner).map(lambda two: call(*two)),
    ),
    max_leaves=6,
)


def mirrored(tree: Tree) -> Tree:
    """The tree with the terms and factors of every sum and product in the opposite order."""
    args = tuple(mirrored(arg) for arg in tree.args)
    return tree._replace(args=args[::-1] if tree.kind in {"sum", "product"} else args)


@given(SMOOTH)
@settings(max_examples=200)
def test_order_does_not_matter(tree: Tree) -> None:
    assert decide(mirrored(tree), tree).outcome == Outcome.EQUAL


@given(SMOOTH)
@settings(max_examples=200)
def test_a_rewritten_tree_is_never_different(tree: Tree) -> None:
    rewritten = add(multiply(number(2), tree), neg(tree))
    assert decide(rewritten, tree).outcome in {Outcome.EQUAL, Outcome.UNDECIDED}


@given(SMOOTH)
@settings(max_examples=200)
def test_a_tiny_change_is_never_equal(tree: Tree) -> None:
    changed = add(tree, number(Fraction(1, 10**30)))
    assert decide(changed, tree).outcome in {Outcome.DIFFERENT, Outcome.UNDECIDED}


@given(RATIONAL, st.fractions(-4, 4, max_denominator=8), st.fractions(-4, 4, max_denominator=8))
@settings(max_examples=300)
def test_balls_contain_the_exact_value(tree: Tree, x: Fraction, y: Fraction) -> None:
    point = {"x": x, "y": y}
    exact = exact_value(tree, point)
    try:
        found = enclose(tree, point, 53)
    except (NoValue, Unclear):
        assert exact is None
        return
    assert exact is not None
    assert found.lower <= exact <= found.upper


@given(RATIONAL, RATIONAL)
@settings(max_examples=300)
def test_equal_means_equal_at_every_point(first: Tree, second: Tree) -> None:
    outcome = decide(first, second).outcome
    points = [{"x": Fraction(a, 7), "y": Fraction(b, 11)} for a, b in ((3, 5), (-13, 8), (29, -31), (1, 100))]
    pairs = [(exact_value(first, point), exact_value(second, point)) for point in points]
    both = [pair for pair in pairs if None not in pair]
    if outcome == Outcome.EQUAL:
        assert all(a == b for a, b in both)
    elif outcome == Outcome.DIFFERENT and len(both) == len(points):
        assert any(a != b for a, b in both)
