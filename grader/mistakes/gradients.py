"""Gradients with a single mistake in them, to be put to further use: along a direction, in a descent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from types import MappingProxyType

from grader.mistakes.breaking import Break, broken_derivatives, relevant
from grader.mistakes.results import mean_factors
from grader.mistakes.slopes import CANNOT, Slope
from grader.reading.tree import Tree, multiply, number

MOST_PERMUTED = 3
_NOWHERE: Mapping[str, Tree] = MappingProxyType({})
Gradient = tuple[Tree, ...]


def right_gradient(function: Tree, variables: Sequence[str]) -> Gradient:
    """The gradient without any mistake."""
    return tuple(Slope(function, (name,)).right for name in variables)


def mistaken_gradients(
    function: Tree, variables: Sequence[str], at: Mapping[str, Tree] = _NOWHERE, *, of_value: bool = False
) -> Iterator[tuple[str, Gradient]]:
    """Gradients with one mistake, in one entry or in all, each entry with the point put in or not."""
    slopes = [Slope(function, (name,), at, of_value) for name in variables]
    right = tuple(slope.right for slope in slopes)
    for place, slope in enumerate(slopes):
        for variant in slope.variants():
            yield variant.mistake, (*right[:place], variant.tree, *right[place + 1 :])
    for factor in mean_factors((function,)):
        yield "mean-factor-lost", tuple(multiply(number(factor), tree) for tree in right)
    if len(slopes) > 1:
        yield from _in_all(function, variables, right, slopes[0].breaks)


def _in_all(
    function: Tree, variables: Sequence[str], right: Gradient, breaks: Sequence[Break]
) -> Iterator[tuple[str, Gradient]]:
    for broken in relevant(function, variables, breaks):
        try:
            found = [next(broken_derivatives(function, name, (broken,)), None) for name in variables]
        except CANNOT:
            continue
        if sum(each is not None for each in found) > 1:
            pairs = zip(found, right, strict=True)
            yield broken.mistake, tuple(tree if each is None else each[1] for each, tree in pairs)
    yield "not-differentiated", (function,) * len(right)
    if len(right) <= MOST_PERMUTED:
        for order in permutations(right):
            if order != right:
                yield "wrong-variable", order
