"""Points that are put in by mistake, and angles in degrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations, product

from grader.reading.tree import ZERO, Tree, constant, divide, multiply, neg, number, rebuild

MOST_COORDINATES = 4
_ANGLES = frozenset({"sin", "cos", "tan", "sec", "csc", "cot"})
_INVERSES = frozenset({"asin", "acos", "atan", "asec", "acsc", "acot", "atan2"})
_DEGREE = divide(constant("pi"), number(180))


def wrong_points(values: Sequence[Tree]) -> Iterator[tuple[Tree, ...]]:
    """Coordinates permuted, with other signs, or all zero."""
    right = tuple(values)
    yield tuple(map(_negative, right))
    if len(right) <= MOST_COORDINATES:
        for signs in product((False, True), repeat=len(right)):
            yield tuple(_negative(value) if sign else value for sign, value in zip(signs, right, strict=True))
        yield from permutations(right)
    yield (ZERO,) * len(right)


def points_of_one_coordinate(values: Sequence[Tree]) -> Iterator[tuple[Tree, ...]]:
    """One of the coordinates used for all of them."""
    for value in values:
        yield (value,) * len(values)


def other_points(at: Mapping[str, Tree], *, with_one_for_all: bool = False) -> Iterator[Mapping[str, Tree]]:
    """Each wrong point once, by the names of the coordinates."""
    right = tuple(at.values())
    more = points_of_one_coordinate(right) if with_one_for_all else ()
    for values in dict.fromkeys((*wrong_points(right), *more)):
        if values != right:
            yield dict(zip(at, values, strict=True))


def _negative(value: Tree) -> Tree:
    return value.args[0] if value.kind == "neg" else neg(value)


def in_degrees(tree: Tree) -> Tree:
    """The tree with every angle taken in degrees."""
    return rebuild(tree, _in_degrees)


def _in_degrees(node: Tree) -> Tree:
    if node.kind == "call" and node.value in _ANGLES:
        return node._replace(args=tuple(multiply(arg, _DEGREE) for arg in node.args))
    if node.kind == "call" and node.value in _INVERSES:
        return divide(node, _DEGREE)
    return node


def has_angles(tree: Tree) -> bool:
    """Whether a function of an angle occurs."""
    return (tree.kind == "call" and tree.value in _ANGLES | _INVERSES) or any(map(has_angles, tree.args))
