"""Numbered nodes: every distinct sum, product, power or function of others has one number.

Sums and products are flattened and sorted and numbers are exact, so that what differs only in that
way has one number. Nothing is cancelled: `x/x` keeps its hole at 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

Exact = int | Fraction

# Powers of numbers are multiplied out up to this many bits; longer ones stay powers.
FOLDED_BITS = 256

# What a whole power may be taken into.
FOLDED = frozenset({"number", "power", "product"})
HALF = Fraction(1, 2)
_new = tuple.__new__


class Node(NamedTuple):
    """One numbered node: `sum` and `product` carry their number in `value`, arguments are numbers of nodes."""

    kind: str
    args: tuple[int, ...]
    value: Exact | str


def literal_exponent(nodes: Sequence[Node], power: Node) -> Exact | None:
    """The exponent of a power where it is a plain number.

    A sum or product carries a number too: 2 is the coefficient of 2n, and no exponent of x^(2n).
    """
    kind, _, value = nodes[power[1][1]]
    return value if kind == "number" and not isinstance(value, str) else None


class Nodes:
    """The nodes met so far; `nodes[n]` is the node with number n, its arguments have smaller numbers."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._numbers: dict[tuple[str, tuple[int, ...], Exact | str], int] = {}

    def copy(self) -> Nodes:
        """The same nodes, for work that adds others: what is added here is not seen there."""
        other = Nodes()
        other.nodes, other._numbers = list(self.nodes), dict(self._numbers)
        return other

    def node(self, kind: str, args: tuple[int, ...] = (), value: Exact | str = "") -> int:
        """The number of this node, a new one if it was not met before."""
        key, nodes = (kind, args, value), self.nodes
        following = len(nodes)
        found = self._numbers.setdefault(key, following)  # most nodes are new, and a key is hashed once
        if found == following:
            nodes.append(_new(Node, key))
        return found

    def exact(self, value: Exact) -> int:
        """The node of an exact number."""
        return self.node("number", (), _plain(value))

    def add(self, terms: Iterable[int], constant: Exact = 0) -> int:
        """The sum, flattened and sorted, its numbers added up."""
        nodes = self.nodes
        flat: list[int] = []
        for term in terms:
            kind, args, value = nodes[term]
            if kind == "sum":
                flat += args
                constant += value  # type: ignore[operator] # a sum and a number have a number here
            elif kind == "number":
                constant += value  # type: ignore[operator] # a sum and a number have a number here
            else:
                flat.append(term)
        if not flat:
            return self.exact(constant)
        if len(flat) == 1 and constant == 0:
            return flat[0]
        flat.sort()
        return self.node("sum", tuple(flat), constant if type(constant) is int else _plain(constant))

    def multiply(self, factors: Iterable[int], coefficient: Exact = 1) -> int:
        """The product, flattened and sorted, its numbers multiplied; a zero keeps the other factors."""
        nodes = self.nodes
        flat: list[int] = []
        for factor in factors:
            kind, args, value = nodes[factor]
            if kind == "product":
                flat += args
                coefficient *= value  # type: ignore[assignment,operator] # so have a product and a number
            elif kind == "number":
                coefficient *= value  # type: ignore[assignment,operator] # so have a product and a number
            else:
                flat.append(factor)
        if not flat:
            return self.exact(coefficient)
        if len(flat) == 1:
            if coefficient == 1:
                return flat[0]
            if coefficient == -1 and nodes[flat[0]][0] == "sum":
                return self._negate_terms(nodes[flat[0]])
        flat.sort()
        return self.node("product", tuple(flat), coefficient if type(coefficient) is int else _plain(coefficient))

    def _negate_terms(self, node: Node) -> int:
        """The sum with every term negated."""
        return self.add([self.multiply((arg,), -1) for arg in node.args], -node.value)  # type: ignore[operator] # a sum has a number

    def power(self, base: int, exponent: int) -> int:
        """The power, multiplied out where base and exponent are plain numbers."""
        node = self.nodes[base]
        kind, _, by = self.nodes[exponent]
        if kind == "number":
            if by == 1:
                return base
            if node[0] in FOLDED and isinstance(by, int) and by != 0:
                folded = self._integer_power(node, by)
                if folded is not None:
                    return folded
        if node[0] == "constant" and node[2] == "e":
            return self.node("exp", (exponent,))
        return self.node("power", (base, exponent))

    def _integer_power(self, node: Node, by: int) -> int | None:
        """A number, power or product to a whole power other than 0; None where it stays as it is."""
        if node.kind == "number":
            folded = _folded(node.value, by)
            return None if folded is None else self.exact(folded)
        if node.kind == "power":
            return self._power_of_power(node, by)
        coefficient = _folded(node.value, by)
        if coefficient is None:
            return None
        exponent = self.exact(by)
        return self.multiply([self.power(arg, exponent) for arg in node.args], coefficient)

    def _power_of_power(self, node: Node, by: int) -> int | None:
        """The power b^(m*n) for (b^m)^n, where that keeps every hole; 1/(1/b) stays."""
        inner = self.nodes[node.args[1]]
        if inner.kind != "number" or isinstance(inner.value, str) or inner.value == 0:
            return None
        if inner.value < 0 and by < 0:
            return None
        if isinstance(inner.value, int) or by == -1:
            return self.power(node.args[0], self.exact(inner.value * by))
        return None

    def inverse(self, of: int) -> int:
        """One over it."""
        return self.power(of, self.exact(-1))

    def difference(self, first: int, second: int) -> int:
        """The first minus the second."""
        return self.add((first, self.multiply((second,), -1)))


def _plain(value: Exact) -> Exact:
    """A whole number as an int, so that equal numbers print and count alike."""
    return value if type(value) is int or value.denominator != 1 else value.numerator


def _folded(base: Exact | str, by: int) -> Exact | None:
    """The power of a number, unless it is too long or divides by zero."""
    if isinstance(base, str) or (base == 0 and by < 0):
        return None
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) if base not in {0, 1, -1} else 0
    if bits * abs(by) > FOLDED_BITS:
        return None
    return _plain(Fraction(base) ** by)
