"""Matrix expressions: equal forms under random rewriting, values against plain arithmetic, bounds, draws."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import chain
from time import process_time

import pytest
from flint import fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.domain import Domain
from grader.checking.elaborating import Scope, elaborate
from grader.checking.matrix_draws import EXACT_STYLES, WIDE_STYLES, Drawer, sizes_of
from grader.checking.matrix_equality import Comparer
from grader.checking.matrix_values import EXACT, Draw, value_of
from grader.checking.shapes import Misfit
from grader.checking.verdict import Outcome
from grader.pairs import judge, pair_from_json
from grader.reading.text import read
from grader.reading.tree import Tree, add, multiply, name, neg, number

SQUARES = ("A", "B", "C", "S")
DOMAIN = Domain.of({each: {"shape": ["n", "n"], "symmetric": each == "S"} for each in SQUARES})
SCOPE = Scope.of(DOMAIN.shapes)
SIZE = 2
Rows = list[list[Fraction]]


def turned(tree: Tree) -> Tree:
    return Tree("transpose", (tree,))


leaves = st.sampled_from(SQUARES).map(name)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(add, inner, inner),
        st.builds(multiply, inner, inner),
        inner.map(turned),
        inner.map(neg),
        st.builds(lambda tree, times: multiply(number(times), tree), inner, st.integers(1, 3)),
    ),
    max_leaves=7,
)


def rewritten(tree: Tree, source: random.Random) -> Tree:
    """An expression with the same value, by one rule or none at each node."""
    args = tuple(rewritten(arg, source) for arg in tree.args)
    tree = tree._replace(args=args)
    choice = source.randrange(4)
    if tree.kind == "sum" and choice:
        return add(*reversed(args))
    if tree.kind == "transpose" and args[0].kind == "product" and choice:
        return multiply(*(turned(arg) for arg in reversed(args[0].args) if arg.kind != "number"), *numbers(args[0]))
    if tree.kind == "transpose" and args[0].kind == "sum" and choice:
        return add(*(turned(arg) for arg in args[0].args))
    if tree.kind == "product" and args[-1].kind == "sum" and choice:
        return add(*(multiply(*args[:-1], term) for term in args[-1].args))
    if tree.kind == "name" and tree.value == "S" and choice:
        return turned(tree)
    return tree if choice or tree.kind == "number" else turned(turned(tree))


def numbers(tree: Tree) -> tuple[Tree, ...]:
    return tuple(arg for arg in tree.args if arg.kind == "number")


def plain_value(tree: Tree, values: dict[str, Rows]) -> Rows | Fraction:
    """The value by plain loops over fractions."""
    if tree.kind == "name":
        return values[tree.value]
    if tree.kind == "number":
        return Fraction(tree.value)
    args = [plain_value(arg, values) for arg in tree.args]
    if tree.kind == "transpose":
        return [list(row) for row in zip(*args[0], strict=True)]
    if tree.kind == "neg":
        return [[-entry for entry in row] for row in args[0]]
    result = args[0]
    for arg in args[1:]:
        result = combined(tree.kind, result, arg)
    return result


def combined(kind: str, left: Rows | Fraction, right: Rows | Fraction) -> Rows | Fraction:
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        times, matrix = (left, right) if isinstance(left, Fraction) else (right, left)
        return times * matrix if isinstance(matrix, Fraction) else [[times * entry for entry in row] for row in matrix]
    if kind == "sum":
        return [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)]
    return [[sum(a * right[k][j] for k, a in enumerate(row)) for j in range(SIZE)] for row in left]


def drawn(seed: int) -> dict[str, Rows]:
    source = random.Random(seed)
    values = {each: [[Fraction(source.randint(-9, 9)) for _ in range(SIZE)] for _ in range(SIZE)] for each in SQUARES}
    values["S"][1][0] = values["S"][0][1]
    return values


@settings(max_examples=150)
@given(trees, st.integers(0, 1000))
def test_a_value_is_that_of_plain_arithmetic(tree: Tree, seed: int) -> None:
    values = drawn(seed)
    exact = {key: fmpq_mat(SIZE, SIZE, [int(entry) for row in rows for entry in row]) for key, rows in values.items()}
    value = value_of(elaborate(tree, SCOPE), Draw({"n": SIZE}, exact), EXACT)
    expected = [entry for row in plain_value(tree, values) for entry in row]  # type: ignore[union-attr]
    assert [Fraction(int(entry.p), int(entry.q)) for entry in value.entries()] == expected


@settings(max_examples=150)
@given(trees, st.integers(0, 1000))
def test_a_rewritten_expression_is_equal(tree: Tree, seed: int) -> None:
    other = rewritten(tree, random.Random(seed))
    verdict = Comparer(DOMAIN, SCOPE).decide(elaborate(other, SCOPE), elaborate(tree, SCOPE))
    assert verdict.outcome is Outcome.EQUAL


@settings(max_examples=150)
@given(trees, trees)
def test_two_expressions_are_judged_as_their_values_are(first: Tree, second: Tree) -> None:
    verdict = Comparer(DOMAIN, SCOPE).decide(elaborate(first, SCOPE), elaborate(second, SCOPE))
    same = all(plain_value(first, drawn(seed)) == plain_value(second, drawn(seed)) for seed in range(6))
    assert verdict.outcome is (Outcome.EQUAL if same else Outcome.DIFFERENT)
    proved = Comparer(DOMAIN, SCOPE).is_proved(elaborate(first, SCOPE), elaborate(second, SCOPE))
    assert same or not proved


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A*x", "A is m×n and x is m×1: their product needs n = m."),
        ("A + x", "A is m×n and x is m×1: they cannot be added."),
        ("A .* x", "A is m×n and x is m×1: they cannot be multiplied entry by entry."),
        ("A^-1", "A is m×n: only a square matrix has an inverse."),
        ("A^2", "A is m×n: only a square matrix has a power."),
        ("tr(A)", "tr needs a square matrix, and this is m×n."),
        ("softmax(A)", "softmax needs a vector, and this is m×n."),
    ],
)
def test_shapes_that_do_not_fit_are_named_with_their_place(text: str, message: str) -> None:
    domain = Domain.of({"A": {"shape": ["m", "n"]}, "x": {"shape": ["m"]}})
    with pytest.raises(Misfit) as caught:
        elaborate(read(text, domain.vocabulary()).tree, Scope.of(domain.shapes))
    assert caught.value.message == message
    assert 0 <= caught.value.start < caught.value.end <= len(text)


@pytest.mark.parametrize(
    "assumed",
    [
        ("symmetric",),
        ("invertible",),
        ("positive_definite",),
        ("orthogonal",),
        ("diagonal",),
        ("orthogonal", "symmetric"),
        ("orthogonal", "diagonal"),
        ("positive_definite", "diagonal"),
        ("symmetric", "invertible"),
    ],
)
def test_draws_are_true_to_what_is_declared(assumed: tuple[str, ...]) -> None:
    domain = Domain.of({"M": {"shape": ["n", "n"], **dict.fromkeys(assumed, True)}})
    drawer = Drawer(domain.variables, Scope.of(domain.shapes).shapes, ["M"])
    for seed, sizes in enumerate(sizes_of(["n"], frozenset())):
        for style in (*EXACT_STYLES, *chain(*WIDE_STYLES)):
            value = drawer.draw(sizes, style, seed).values["M"]
            size = value.nrows()
            off = [value[i, j] for i in range(size) for j in range(size) if i != j]
            if {"symmetric", "positive_definite", "diagonal"} & set(assumed):
                assert value == value.transpose()
            if "diagonal" in assumed:
                assert not any(off)
            if "orthogonal" in assumed:
                assert value * value.transpose() == fmpq_mat(
                    size, size, [int(i == j) for i in range(size) for j in range(size)]
                )
            if "positive_definite" in assumed:
                leading = (
                    fmpq_mat(k, k, [value[i, j] for i in range(k) for j in range(k)]) for k in range(1, size + 1)
                )
                assert all(minor.det() > 0 for minor in leading)
            if "invertible" in assumed:
                assert value.det() != 0


@pytest.mark.parametrize("assumed", [("orthogonal",), ("orthogonal", "symmetric")])
def test_orthogonal_matrices_are_rotations_and_reflections(assumed: tuple[str, ...]) -> None:
    domain = Domain.of({"M": {"shape": ["n", "n"], **dict.fromkeys(assumed, True)}})
    drawer = Drawer(domain.variables, Scope.of(domain.shapes).shapes, ["M"])
    drawn = [drawer.draw({"n": size}, style, 0).values["M"].det() for size in (3, 4, 5) for style in EXACT_STYLES]
    assert set(drawn) == {1, -1}


def test_determinants_of_positive_definite_matrices_lie_on_both_sides_of_one() -> None:
    domain = Domain.of({"M": {"shape": ["n", "n"], "positive_definite": True}})
    drawer = Drawer(domain.variables, Scope.of(domain.shapes).shapes, ["M"])
    drawn = [drawer.draw({"n": 2}, style, 2).values["M"].det() for style in (*EXACT_STYLES, *WIDE_STYLES[2])]
    assert min(drawn) < 1 < max(drawn)


def test_distinct_letters_get_distinct_sizes() -> None:
    found = list(sizes_of(["m", "n", "p"], frozenset({3})))
    assert all(len(set(sizes.values())) == 3 and 3 not in sizes.values() for sizes in found)
    assert any(sizes["m"] > sizes["n"] for sizes in found)
    assert any(sizes["m"] < sizes["n"] for sizes in found)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1000,
        "A B " * 400 + "A",
        "(A+B)^50",
        "((A^50)^50)^50",
        "((((A+B)^12+B)^12+A)^12)^12",
        "A'" * 600,
        "+".join(["A"] * 600),
        "kron(" * 40 + "A" + ",A)" * 40,
        "inv(" * 90 + "A" + ")" * 90,
        "cof(" * 90 + "A" + ")" * 90,
        "softmax(" * 80 + "x" + ")" * 80,
        "c^9999 A",
        "(c+1)^9999 A",
        "((((c^9999)^9999)^9999)^9999) A",
        "(" * 45 + "A .* B" + " A) .* B" * 45,
        "A .* B A " * 200,
        "exp(" * 60 + "x" + ")" * 60,
        "tr(" + "A B" * 400 + ")",
        "(x + y)(x + y)^T" * 90,
        "A^(c^c^c)",
    ],
)
def test_every_text_gets_a_verdict_in_time(text: str) -> None:
    square = {"shape": ["n", "n"]}
    variables = {"A": square, "B": square, "x": {"shape": ["n"]}, "y": {"shape": ["n"]}, "c": {}}
    given_pair = {"response": text, "answer": "A B", "type": "matrix-expression", "variables": variables}
    started = process_time()
    judgement = judge(pair_from_json(given_pair))
    assert process_time() - started < 10  # not a measure: what has no bound takes minutes
    assert judgement.outcome != Outcome.EQUAL
