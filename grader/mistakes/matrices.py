"""Products and transposes of matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from grader.answers.grids import grid_of
from grader.answers.literals import evaluate
from grader.calculus.literal_matrices import reduce_literals
from grader.errors import GraderError
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.mistakes.results import result_mistakes
from grader.reading.tree import Tree, add, multiply, power

MOST_FACTORS = 4


def find_in_product(question: Question, response: Tree, key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in a product of matrices, or in a transpose."""
    probes, right = [probe(entry) for entry in _entries(response)], _entries(key)
    for mistake, tree in other_products(question.factors):
        if _shape(tree) != _shape(response):
            continue
        if all(one.equals(other) for one, other in zip(probes, _entries(tree), strict=True)):
            return {mistake}
    return result_mistakes(probes, right) if len(probes) == len(right) else set()


def find_in_unit(question: Question, response: Tree, key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in a vector of length one."""
    probes = [probe(entry) for entry in _entries(response)]
    if len(probes) != len(question.functions):
        return set()
    if all(one.equals(other) for one, other in zip(probes, question.functions, strict=True)):
        return {"not-normalised"}
    squared = add(*(power(entry, 2) for entry in question.functions))
    by_square = [multiply(entry, power(squared, -1)) for entry in question.functions]
    if all(one.equals(other) for one, other in zip(probes, by_square, strict=True)):
        return {"not-normalised"}
    return {"sign-flipped"} & result_mistakes(probes, _entries(key))


def other_products(factors: tuple[Tree, ...]) -> Iterator[tuple[str, Tree]]:
    """What a product comes to with one mistake in it, wherever the sizes still fit."""
    for mistake, product in _products(factors):
        tree = _worked_out(product)
        if tree is not None:
            yield mistake, tree


def _products(factors: tuple[Tree, ...]) -> Iterator[tuple[str, Tree]]:
    """Other products of the same matrices: with a transpose lost, in another order, with one too many."""
    yield from (("matrix-transpose-lost", product) for product in _turned(factors, "transpose"))
    if 2 <= len(factors) <= MOST_FACTORS:
        for order in permutations(factors):
            if order != factors:
                yield "matrix-order-swapped", multiply(*order)
    yield from (("matrix-transpose-lost", product) for product in _turned(factors, ""))


def _turned(factors: tuple[Tree, ...], kind: str) -> Iterator[Tree]:
    """The product with one factor turned, of those that are transposes or of the others."""
    for place, factor in enumerate(factors):
        if (factor.kind == "transpose") == bool(kind):
            turned = factor.args[0] if kind else Tree("transpose", (factor,))
            yield multiply(*factors[:place], turned, *factors[place + 1 :])


def _worked_out(product: Tree) -> Tree | None:
    try:
        return reduce_literals(product)
    except GraderError:
        # Sizes that do not fit: nobody can have multiplied in this way.
        return None


def _entries(tree: Tree) -> tuple[Tree, ...]:
    grid = grid_of(evaluate(tree))
    return (tree,) if grid is None else grid.entries


def _shape(tree: Tree) -> tuple[int, int]:
    grid = grid_of(evaluate(tree))
    return (1, 1) if grid is None else grid.shape
