"""Derivatives by SymPy, worked out once for all functions that differ in their numbers alone."""

from __future__ import annotations

from functools import lru_cache

from grader.checking import symbolic
from grader.reading.tree import Tree, names_in, substitute, walk

_BY_CASES = frozenset({"piecewise", "relation", "and", "or"})


def derivative_by_sympy(function: Tree, variable: str) -> Tree | None:
    """SymPy's derivative; None where SymPy has no such function.

    The variants of a problem are one function with other coefficients, so SymPy is given names in
    their place, and the numbers are put back into what it finds.
    """
    if not any(node.kind in _BY_CASES for node in walk(function)):
        numbers: dict[str, Tree] = {}
        found = _by_sympy(_with_names(function, numbers), variable)
        if found is not None:
            return substitute(found, numbers)
    return _by_sympy(function, variable)


def _with_names(tree: Tree, numbers: dict[str, Tree]) -> Tree:
    """The tree with a name of its own in the place of each number, other than exponents, indices and bases."""
    if tree.kind == "number":
        # No name that anybody can type has a space in it.
        name = f"number {len(numbers)}"
        numbers[name] = tree
        return Tree("name", (), name)
    first, *rest = tree.args or (None,)
    if first is None:
        return tree
    if tree.kind in {"power", "call"}:
        kept = [_with_names(arg, numbers) if names_in(arg) else arg for arg in rest]
        return tree._replace(args=(_with_names(first, numbers), *kept))
    return tree._replace(args=tuple(_with_names(arg, numbers) for arg in tree.args))


@lru_cache(maxsize=256)
def _by_sympy(function: Tree, variable: str) -> Tree | None:
    try:
        return symbolic.differentiate(function, variable)
    except symbolic.NotConverted:
        return None
