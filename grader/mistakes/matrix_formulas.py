"""Other formulas that a formula over matrices is turned into by one mistake."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from grader.mistakes.results import coefficient
from grader.reading.tree import Tree, add, literal_value, multiply, neg, number, rebuild, walk

MOST = 60
MOST_TERMS = 8
_FACTORS = (Fraction(2), Fraction(1, 2))


def mistaken_formulas(key: Tree) -> Iterator[tuple[str, Tree]]:
    """Formulas with one mistake, those with a broken rule first; not all of them have shapes that fit.

    Where the transpose of a single matrix was lost, that is said; where all of the formula is turned, it is
    turned, and no two of its factors are exchanged.
    """
    if key.kind == "relation":
        return
    yield from (("matrix-transpose-lost", tree) for tree in islice(_without_transposes(key), MOST))
    yield "transposed", Tree("transpose", (key,))
    yield from islice(_everywhere(key), MOST)
    yield from (("mean-factor-lost", tree) for tree in _without_divisor(key))
    yield from (("not-normalised", tree) for tree in _without_norm(key))
    yield from (("inner-derivative-missing", tree) for tree in islice(_without_a_chain_factor(key), MOST))
    yield from (("exponent-factor-missing", tree) for tree in _with_a_half(key))
    yield from _of_results(key)


def mistaken_indices(key: Tree) -> Iterator[tuple[str, Tree]]:
    """What can be said of any formula in indices: its sign, its terms, its factor."""
    return _of_results(key)


def _of_results(key: Tree) -> Iterator[tuple[str, Tree]]:
    yield "sign-flipped", neg(key)
    yield from (("term-missing", tree) for tree in islice(_without_a_term(key), MOST))
    for factor in dict.fromkeys((*_FACTORS, *_own_factor(key))):
        yield "constant-factor", multiply(number(factor), key)


def _without_transposes(key: Tree) -> Iterator[Tree]:
    """The formula with the transpose of one of its matrices lost, wherever it stands."""
    turned = dict.fromkeys(node for node in walk(key) if node.kind == "transpose" and _is_single(node.args[0]))
    for node in turned:
        yield _with(key, node, node.args[0])


def _with(tree: Tree, old: Tree, new: Tree) -> Tree:
    return rebuild(tree, lambda node: new if node == old else node)


def _is_single(tree: Tree) -> bool:
    """Whether this is a matrix or its inverse, not made of others."""
    return tree.kind == "name" or (tree.kind == "power" and tree.args[0].kind == "name")


def _everywhere(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """One transpose more or less, or two neighbours exchanged, anywhere in the tree."""
    yield from _here(tree)
    for place, arg in enumerate(tree.args):
        for mistake, changed in _everywhere(arg):
            yield mistake, tree._replace(args=(*tree.args[:place], changed, *tree.args[place + 1 :]))


def _here(tree: Tree) -> Iterator[tuple[str, Tree]]:
    if tree.kind == "transpose":
        yield "matrix-transpose-lost", tree.args[0]
        if tree.args[0].kind == "product":
            yield "matrix-order-swapped", multiply(*(Tree("transpose", (arg,)) for arg in tree.args[0].args))
    if tree.kind == "product":
        for place in range(len(tree.args) - 1):
            if any(literal_value(arg) is not None for arg in tree.args[place : place + 2]):
                continue
            first, second = tree.args[place : place + 2]
            swapped = (*tree.args[:place], second, first, *tree.args[place + 2 :])
            yield "matrix-order-swapped", tree._replace(args=swapped)
            if first.kind == "name" and second.kind == "transpose":
                outer = (*tree.args[:place], second.args[0], Tree("transpose", (first,)), *tree.args[place + 2 :])
                yield "matrix-order-swapped", tree._replace(args=outer)
        for place, arg in enumerate(tree.args):
            if arg.kind == "name":
                turned = (*tree.args[:place], Tree("transpose", (arg,)), *tree.args[place + 1 :])
                yield "matrix-transpose-lost", tree._replace(args=turned)


def _without_divisor(key: Tree) -> Iterator[Tree]:
    """The formula without the division by a name, in its place and in all terms."""
    for node in walk(key):
        if node.kind == "quotient" and node.args[1].kind == "name":
            yield _with(key, node, node.args[0])
            yield multiply(node.args[1], key)
            return


def _without_norm(key: Tree) -> Iterator[Tree]:
    """The formula without the division by a length."""
    for node in dict.fromkeys(walk(key)):
        if node.kind == "quotient" and node.args[1].kind == "call" and node.args[1].value == "norm":
            yield _with(key, node, node.args[0])


def _without_a_chain_factor(key: Tree) -> Iterator[Tree]:
    """The formula without the matrix by which the chain rule multiplies a residual from the left, or a diagonal."""
    for node in dict.fromkeys(walk(key)):
        if node.kind != "product":
            continue
        sums = [place for place, arg in enumerate(node.args) if arg.kind == "sum"]
        has_diagonal = any(arg.kind == "call" and arg.value == "diag" for arg in node.args)
        for place, arg in enumerate(node.args):
            is_in_front = arg.kind == "transpose" and any(place < other for other in sums)
            is_inner = is_in_front or (has_diagonal and arg.kind == "name")
            if is_inner and _is_single(arg.args[0] if arg.args else arg):
                yield _with(key, node, multiply(*node.args[:place], *node.args[place + 1 :]))


def _with_a_half(key: Tree) -> Iterator[Tree]:
    """The sum with one term of which the two of a square is lost."""
    if key.kind != "sum" or len(key.args) > MOST_TERMS:
        return
    for place, term in enumerate(key.args):
        if coefficient(term).numerator % 2 == 0:
            yield add(*key.args[:place], multiply(number(Fraction(1, 2)), term), *key.args[place + 1 :])


def _own_factor(key: Tree) -> Iterator[Fraction]:
    """What takes away the number in front of the formula, or of each of its terms."""
    numbers = {abs(coefficient(term)) for term in (key.args if key.kind == "sum" else (key,))}
    if len(numbers) == 1 and not numbers & {0, 1}:
        yield 1 / numbers.pop()


def _without_a_term(key: Tree) -> Iterator[Tree]:
    """The formula with one of its sums, the outer one first, without one of the terms."""
    for node in dict.fromkeys(walk(key)):
        if node.kind == "sum" and len(node.args) <= MOST_TERMS:
            for place in range(len(node.args)):
                yield _with(key, node, add(*node.args[:place], *node.args[place + 1 :]))
