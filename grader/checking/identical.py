"""The same tree after cheap reordering: trees become numbered nodes, equal trees equal numbers.

A `Numbering` gives every distinct subtree one number. On the way it rewrites only what changes neither
a value nor where there is one: sums and products are flattened and sorted, `a/b` becomes `a*b^-1`,
`sqrt(x)` becomes `x^(1/2)`, numbers are exact, and a function that is a shorthand is written out.
Nothing is cancelled: `x/x` keeps its hole at 0. The numbered nodes are also what the later rungs compute
with, so that a subtree which occurs ten times, in either tree, is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from grader.reading.tree import Tree

Exact = int | Fraction

# Powers of numbers are multiplied out up to this many bits; longer ones stay powers.
FOLDED_BITS = 256
# A literal with more digits than this is kept as text and has no value.
LITERAL_DIGITS = 6000

HALF = Fraction(1, 2)


class Node(NamedTuple):
    """One numbered node: `sum` and `product` carry their number in `value`, arguments are numbers of nodes."""

    kind: str
    args: tuple[int, ...]
    value: Exact | str


class Numbering:
    """Numbers for trees; `nodes[n]` is the node with number n, its arguments have smaller numbers."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}

    def of(self, tree: Tree) -> int:
        """The number of the tree; the same for two trees that differ only in the cheap ways."""
        rule = RULES.get(tree.kind)
        if rule is not None:
            return rule(self, tree)
        return self.node(tree.kind, tuple([self.of(arg) for arg in tree.args]), tree.value)

    def node(self, kind: str, args: tuple[int, ...] = (), value: Exact | str = "") -> int:
        """The number of this node, a new one if it was not met before."""
        node = Node(kind, args, value)
        found = self._numbers.get(node)
        if found is None:
            found = self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    def exact(self, value: Exact) -> int:
        """The node of an exact number."""
        if isinstance(value, Fraction) and value.denominator == 1:
            value = value.numerator
        return self.node("number", (), value)

    def add(self, terms: Iterable[int], constant: Exact = 0) -> int:
        """The sum, flattened and sorted, its numbers added up."""
        flat: list[int] = []
        for term in terms:
            node = self.nodes[term]
            if node.kind == "sum":
                flat.extend(node.args)
                constant += node.value  # type: ignore[operator] # a sum and a number have a number here
            elif node.kind == "number":
                constant += node.value  # type: ignore[operator] # a sum and a number have a number here
            else:
                flat.append(term)
        if not flat:
            return self.exact(constant)
        if len(flat) == 1 and constant == 0:
            return flat[0]
        flat.sort()
        return self.node("sum", tuple(flat), _plain(constant))

    def multiply(self, factors: Iterable[int], coefficient: Exact = 1) -> int:
        """The product, flattened and sorted, its numbers multiplied; a zero keeps the other factors."""
        flat: list[int] = []
        for factor in factors:
            node = self.nodes[factor]
            if node.kind == "product":
                flat.extend(node.args)
                coefficient *= node.value  # type: ignore[assignment,operator] # so have a product and a number
            elif node.kind == "number":
                coefficient *= node.value  # type: ignore[assignment,operator] # so have a product and a number
            else:
                flat.append(factor)
        if not flat:
            return self.exact(coefficient)
        if len(flat) == 1:
            if coefficient == 1:
                return flat[0]
            if coefficient == -1 and self.nodes[flat[0]].kind == "sum":
                return self._negate_terms(self.nodes[flat[0]])
        flat.sort()
        return self.node("product", tuple(flat), _plain(coefficient))

    def _negate_terms(self, node: Node) -> int:
        """The sum with every term negated."""
        return self.add([self.multiply((arg,), -1) for arg in node.args], -node.value)  # type: ignore[operator] # a sum has a number

    def power(self, base: int, exponent: int) -> int:
        """The power, multiplied out where base and exponent are plain numbers."""
        node, by = self.nodes[base], self.nodes[exponent].value
        if self.nodes[exponent].kind != "number" or isinstance(by, str):
            if node.kind == "constant" and node.value == "e":
                return self.node("exp", (exponent,))
            return self.node("power", (base, exponent))
        if by == 1:
            return base
        if isinstance(by, int) and by != 0:
            folded = self._integer_power(node, by)
            if folded is not None:
                return folded
        if node.kind == "constant" and node.value == "e":
            return self.node("exp", (exponent,))
        return self.node("power", (base, exponent))

    def _integer_power(self, node: Node, by: int) -> int | None:
        """A number, power or product to a whole power other than 0, or None where it stays as it is."""
        if node.kind == "number":
            folded = _folded(node.value, by)
            return None if folded is None else self.exact(folded)
        if node.kind == "power":
            return self._power_of_power(node, by)
        if node.kind == "product":
            coefficient = _folded(node.value, by)
            if coefficient is not None:
                exponent = self.exact(by)
                return self.multiply([self.power(arg, exponent) for arg in node.args], coefficient)
        return None

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


def identical(first: Tree, second: Tree) -> bool:
    """Whether two trees are the same after cheap reordering, and so equal wherever they have values.

    >>> from grader.reading.tree import add, divide, name, number
    >>> identical(add(name("x"), number("0.5")), add(divide(number(1), number(2)), name("x")))
    True
    """
    numbering = Numbering()
    return numbering.of(first) == numbering.of(second)


def _plain(value: Exact) -> Exact:
    """A whole number as an int, so that equal numbers print and count alike."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _folded(base: Exact | str, by: int) -> Exact | None:
    """The power of a number, unless it is too long or divides by zero."""
    if isinstance(base, str) or (base == 0 and by < 0):
        return None
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) if base not in {0, 1, -1} else 0
    if bits * abs(by) > FOLDED_BITS:
        return None
    return _plain(Fraction(base) ** by)


def _number(numbering: Numbering, tree: Tree) -> int:
    text = tree.value
    if text.isdecimal() and len(text) <= LITERAL_DIGITS // 2:
        return numbering.node("number", (), int(text))
    digits, _, exponent = text.lower().partition("e")
    if (
        len(digits) + (abs(int(exponent)) if len(exponent) <= len(str(LITERAL_DIGITS)) + 1 and exponent else 0)
        > (LITERAL_DIGITS)
        or len(exponent) > len(str(LITERAL_DIGITS)) + 1
    ):
        return numbering.node("huge", (), text)
    return numbering.exact(Fraction(text))


def _name(numbering: Numbering, tree: Tree) -> int:
    return numbering.node("name", (), tree.value)


def _constant(numbering: Numbering, tree: Tree) -> int:
    if tree.value == "tau":
        return numbering.multiply((numbering.node("constant", (), "pi"),), 2)
    return numbering.node("constant", (), tree.value)


def _sum(numbering: Numbering, tree: Tree) -> int:
    return numbering.add([numbering.of(arg) for arg in tree.args])


def _neg(numbering: Numbering, tree: Tree) -> int:
    return numbering.multiply((numbering.of(tree.args[0]),), -1)


def _product(numbering: Numbering, tree: Tree) -> int:
    return numbering.multiply([numbering.of(arg) for arg in tree.args])


def _quotient(numbering: Numbering, tree: Tree) -> int:
    over = numbering.inverse(numbering.of(tree.args[1]))
    return numbering.multiply((numbering.of(tree.args[0]), over))


def _power(numbering: Numbering, tree: Tree) -> int:
    return numbering.power(numbering.of(tree.args[0]), numbering.of(tree.args[1]))


def _percent(numbering: Numbering, tree: Tree) -> int:
    return numbering.multiply((numbering.of(tree.args[0]),), Fraction(1, 100))


def _call(numbering: Numbering, tree: Tree) -> int:
    args = tree.args
    if len(args) == 1 and args[0].kind == "vector" and tree.value in OVER_ENTRIES:
        args = args[0].args
    numbers = tuple([numbering.of(arg) for arg in args])
    if tree.value in {"norm", "dot"}:
        return _norm_or_dot(numbering, tree, numbers)
    shorthand = SHORTHANDS.get((tree.value, len(numbers))) or SHORTHANDS.get((tree.value, None))
    if shorthand is not None:
        return shorthand(numbering, *numbers)
    if tree.value in SYMMETRIC:
        numbers = tuple(sorted(set(numbers))) if tree.value != "delta" else tuple(sorted(numbers))
        if len(numbers) == 1 and tree.value != "delta":
            return numbers[0]
    return numbering.node(tree.value, numbers)


def _norm_or_dot(numbering: Numbering, tree: Tree, numbers: tuple[int, ...]) -> int:
    """The length of a literal vector, or the dot product of two of one size, entry by entry."""
    first, second = tree.args[0], tree.args[-1]
    if first.kind == "vector" == second.kind and len(first.args) == len(second.args):
        left, right = [[numbering.of(arg) for arg in side.args] for side in (first, second)]
        if tree.value == "norm":
            two = numbering.exact(2)
            return _root(numbering, numbering.add([numbering.power(entry, two) for entry in left]), 2)
        return numbering.add([numbering.multiply(pair) for pair in zip(left, right, strict=True)])
    scalar = all(arg.kind in SCALAR_KINDS for arg in tree.args)
    if scalar:
        return numbering.node("abs", numbers) if tree.value == "norm" else numbering.multiply(numbers)
    return numbering.node(tree.value, numbers)


def _root(numbering: Numbering, of: int, degree: int) -> int:
    return numbering.power(of, numbering.exact(Fraction(1, degree)))


def _ln(numbering: Numbering, of: int) -> int:
    return numbering.node("ln", (of,))


def _log_to_base(numbering: Numbering, of: int, base: int) -> int:
    return numbering.multiply((_ln(numbering, of), numbering.inverse(_ln(numbering, base))))


def _exp(numbering: Numbering, of: int) -> int:
    return numbering.power(numbering.node("constant", (), "e"), of)


def _over(function: str) -> Callable[[Numbering, int], int]:
    """One over the function: `sec`, `csch` and their like."""
    return lambda numbering, of: numbering.inverse(numbering.node(function, (of,)))


def _of_inverse(function: str) -> Callable[[Numbering, int], int]:
    """The function of one over the argument: `asec`, `acoth` and their like."""
    return lambda numbering, of: numbering.node(function, (numbering.inverse(of),))


def _quotient_of(top: str, bottom: str) -> Callable[[Numbering, int], int]:
    """The quotient of two functions: `cot` and `coth`."""
    return lambda numbering, of: numbering.multiply(
        (numbering.node(top, (of,)), numbering.inverse(numbering.node(bottom, (of,))))
    )


def _acot(numbering: Numbering, of: int) -> int:
    # The branch with values between 0 and pi, continuous everywhere, as calculus books have it.
    half_pi = numbering.multiply((numbering.node("constant", (), "pi"),), HALF)
    return numbering.difference(half_pi, numbering.node("atan", (of,)))


def _sigmoid(numbering: Numbering, of: int) -> int:
    return numbering.inverse(numbering.add((_exp(numbering, numbering.multiply((of,), -1)),), 1))


def _softplus(numbering: Numbering, of: int) -> int:
    return _ln(numbering, numbering.add((_exp(numbering, of),), 1))


def _phi(numbering: Numbering, of: int) -> int:
    square = numbering.power(of, numbering.exact(2))
    bell = _exp(numbering, numbering.multiply((square,), -HALF))
    width = _root(numbering, numbering.multiply((numbering.node("constant", (), "pi"),), 2), 2)
    return numbering.multiply((bell, numbering.inverse(width)))


def _logsumexp(numbering: Numbering, *of: int) -> int:
    return _ln(numbering, numbering.add([_exp(numbering, entry) for entry in of]))


def _relu(numbering: Numbering, of: int) -> int:
    return numbering.node("max", tuple(sorted((of, numbering.exact(0)))))


OVER_ENTRIES = frozenset({"min", "max", "logsumexp"})
SYMMETRIC = frozenset({"min", "max", "delta"})
SCALAR_KINDS = frozenset({"number", "name", "constant", "neg", "quotient"})

# Functions that are a shorthand for others, by name and number of arguments.
SHORTHANDS: dict[tuple[str, int | None], Callable[..., int]] = {
    ("sqrt", 1): lambda numbering, of: _root(numbering, of, 2),
    ("cbrt", 1): lambda numbering, of: _root(numbering, of, 3),
    ("root", 2): lambda numbering, of, degree: numbering.power(of, numbering.inverse(degree)),
    ("exp", 1): _exp,
    ("ln", 1): _ln,
    ("log", 1): _ln,
    ("log", 2): _log_to_base,
    ("log2", 1): lambda numbering, of: _log_to_base(numbering, of, numbering.exact(2)),
    ("log10", 1): lambda numbering, of: _log_to_base(numbering, of, numbering.exact(10)),
    ("sec", 1): _over("cos"),
    ("csc", 1): _over("sin"),
    ("sech", 1): _over("cosh"),
    ("csch", 1): _over("sinh"),
    ("cot", 1): _quotient_of("cos", "sin"),
    ("coth", 1): _quotient_of("cosh", "sinh"),
    ("asec", 1): _of_inverse("acos"),
    ("acsc", 1): _of_inverse("asin"),
    ("acot", 1): _acot,
    ("asech", 1): _of_inverse("acosh"),
    ("acsch", 1): _of_inverse("asinh"),
    ("acoth", 1): _of_inverse("atanh"),
    ("sigmoid", 1): _sigmoid,
    ("softplus", 1): _softplus,
    ("relu", 1): _relu,
    ("gelu", 1): lambda numbering, of: numbering.multiply((of, numbering.node("Phi", (of,)))),
    ("phi", 1): _phi,
    ("logsumexp", None): _logsumexp,
}

RULES: dict[str, Callable[[Numbering, Tree], int]] = {
    "number": _number,
    "name": _name,
    "constant": _constant,
    "sum": _sum,
    "neg": _neg,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "percent": _percent,
    "call": _call,
}
