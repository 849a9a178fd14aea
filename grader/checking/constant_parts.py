"""Proof by comparing coefficients: what stands before each power of the variables is a number that is zero.

The normal form does not know that `sqrt(7 + 4sqrt(3))` is `2 + sqrt(3)`, nor that `atan(1)` is pi/4. Where
the difference of two sides is a polynomial in the variables whose coefficients are such numbers, each
coefficient is proved to be zero on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from grader.checking.closed_numbers import is_zero_number
from grader.checking.domain import Domain
from grader.checking.nodes import Node, Nodes
from grader.checking.normal import asked
from grader.checking.normal_forms import Normal
from grader.checking.polynomials import Monomial, Ratio, used_generators

MOST_COEFFICIENTS = 30
FUNCTIONS = frozenset({"asin", "atan", "asinh", "atanh"})
NUMBERS = FUNCTIONS | {"root", "abs", "ln"}


def is_proved_by_coefficients(nodes: Sequence[Node], first: int, second: int, domain: Domain) -> bool:
    """Whether two nodes are proved equal, wherever both have values, coefficient by coefficient."""

    def question(normal: Normal) -> bool:
        difference = normal.field.reduced(normal.minus(normal.of(first), normal.of(second)))
        return ConstantParts(normal).are_zero(difference)

    return bool(asked(nodes, domain, question))


class ConstantParts:
    """The numbers among the kernels of a normal form, as nodes of their own."""

    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self._numbering = Nodes()
        self._found: dict[int, int | None] = {}

    def are_zero(self, ratio: Ratio) -> bool:
        """Whether the coefficient of every power of the other kernels is zero."""
        used = sorted(used_generators(ratio.top))
        constants = {index for index in used if self._number(index) is not None}
        if not constants:
            return False
        parts: dict[Monomial, list[int]] = {}
        for monomial, times in self._normal.field.terms(ratio.top):
            others = tuple(0 if index in constants else power for index, power in enumerate(monomial))
            parts.setdefault(others, []).append(self._term(monomial, times, constants))
        if len(parts) > MOST_COEFFICIENTS:
            return False
        return all(is_zero_number(self._numbering, self._numbering.add(terms)) for terms in parts.values())

    def _term(self, monomial: Monomial, times: Fraction, wanted: set[int]) -> int:
        """The constant factors of a term, as a node."""
        numbering = self._numbering
        factors = [
            numbering.power(number, numbering.exact(power))
            for index, power in enumerate(monomial)
            if power and index in wanted and (number := self._number(index)) is not None
        ]
        return numbering.multiply(factors, times)

    def _number(self, index: int) -> int | None:
        """The node of a kernel that is a real number; None for any other."""
        if index not in self._found:
            self._found[index] = self._kernel(index)
        return self._found[index]

    def _kernel(self, index: int) -> int | None:
        kind, *rest = self._normal.kernels.key_of(index)
        if kind == "constant" and rest == ["pi"]:
            return self._numbering.node("constant", (), "pi")
        if kind not in NUMBERS:
            return None
        of = self._ratio(self._normal.kernels.argument(index))
        if of is None:
            return None
        if kind == "root":
            degree, _ = self._normal.field.relations[index]
            return self._numbering.power(of, self._numbering.exact(Fraction(1, degree)))
        if kind == "ln":
            return self._numbering.node("ln", (self._numbering.node("abs", (of,)),))
        return self._numbering.node(kind, (of,))

    def _ratio(self, ratio: Ratio) -> int | None:
        """The node of a ratio of numbers."""
        parts = []
        for polynomial in ratio:
            used = used_generators(polynomial)
            if any(self._number(index) is None for index in used):
                return None
            terms = [self._term(monomial, times, used) for monomial, times in self._normal.field.terms(polynomial)]
            parts.append(self._numbering.add(terms))
        above, below = parts
        return self._numbering.multiply((above, self._numbering.inverse(below)))
