"""The order in which a textbook writes factors and terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from grader.reading.tree import Tree, literal_value

Exponent = Fraction | Tree
Factor = tuple[Tree, Exponent]
Monomial = tuple[Factor, ...]

_RUNS = re.compile(r"\d+|\D+")
_LATE = 10**6


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which `x_2` comes before `x_10`, letters in alphabetical order."""
    return tuple((0, int(run), "") if run.isdigit() else (1, 0, run) for run in _RUNS.findall(text))


def spelled(tree: Tree) -> str:
    """An unambiguous line of text for a tree, to compare trees by."""
    if not tree.args:
        return f"{tree.kind}:{tree.value}"
    return f"{tree.kind}:{tree.value}({','.join(map(spelled, tree.args))})"


class Ordering:
    """The order of names, factors and terms; names given come first, in the order given."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._rank = {name: rank for rank, name in enumerate(names)}

    def name_key(self, name: str) -> tuple[object, ...]:
        """Names in the given order, then all others in natural order, capitals beside their letters."""
        return (self._rank.get(name, _LATE), natural(name.lower()), name)

    def factor_key(self, factor: Factor) -> tuple[object, ...]:
        """Roots of numbers, constants, names, powers of numbers, powers of e, functions, brackets."""
        base, exponent = factor
        rank = _factor_rank(base, isinstance(exponent, Fraction))
        inner = self.name_key(base.value) if base.kind == "name" else ()
        return (rank, inner, spelled(base), spelled(exponent) if isinstance(exponent, Tree) else "")

    def term_key(self, monomial: Monomial) -> tuple[object, ...]:
        """Powers of names by falling degree first, then terms with functions, brackets last."""
        degree = Fraction(0)
        names: list[tuple[tuple[object, ...], Fraction]] = []
        others: list[tuple[object, ...]] = []
        for base, exponent in monomial:
            if base.kind == "name" and isinstance(exponent, Fraction):
                degree += exponent
                names.append((self.name_key(base.value), -exponent))
            elif base.kind not in {"number", "constant"} or not isinstance(exponent, Fraction):
                others.append(self.factor_key((base, exponent)))
        has_sum = any(base.kind == "sum" for base, _ in monomial)
        irrational = tuple((self.factor_key(factor), _literal(factor[1])) for factor in monomial)
        if others:
            return (2 if has_sum else 1, degree, tuple(others), tuple(names), irrational)
        return (0, -degree, tuple(names), (), irrational)


def _literal(exponent: Exponent) -> Fraction:
    """The larger number first, letters as zero."""
    return -exponent if isinstance(exponent, Fraction) else Fraction(0)


def _factor_rank(base: Tree, literal: bool) -> int:
    """The class of a factor, from the left of a product to its right."""
    if literal_value(base) is not None:
        return 0 if literal else 3
    if base.kind == "constant":
        return 1 if literal else 4
    return {"name": 2, "call": 5, "sum": 7}.get(base.kind, 6)
