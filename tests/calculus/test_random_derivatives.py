"""The derivative of random expressions agrees with SymPy and with finite differences."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings

from grader.calculus.derivatives import differentiate
from grader.calculus.second_routes import NoPoint, verify_by_differences, verify_by_sympy
from grader.calculus.simplifying import simplify
from grader.checking.domain import Domain
from grader.reading.tree import Tree
from tests.calculus.trees import SMOOTH, expressions

REGION = Domain.of({"x": {"in": "(0, 2)"}, "y": {"in": "(0, 2)"}})


@settings(max_examples=200)
@given(expressions(most=7))
def test_random_trees_agree_with_finite_differences(tree: Tree) -> None:
    # Many random trees have no value anywhere; they say nothing about the derivative.
    with suppress(NoPoint):
        verify_by_differences(tree, "x", differentiate(tree, "x").tree, REGION)


@settings(max_examples=100)
@given(expressions(SMOOTH, most=5))
def test_random_trees_agree_with_sympy(tree: Tree) -> None:
    verify_by_sympy(tree, "x", differentiate(tree, "x").tree, REGION)


@settings(max_examples=100)
@given(expressions(SMOOTH, most=5))
def test_tidying_first_gives_the_same_derivative(tree: Tree) -> None:
    with suppress(NoPoint):
        verify_by_differences(tree, "x", differentiate(simplify(tree), "x").tree, REGION)
