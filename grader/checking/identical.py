"""The same tree after cheap reordering: trees become numbered nodes, equal trees equal numbers.

A `Numbering` gives every distinct subtree one number. On the way it rewrites only what changes neither
a value nor where there is one: sums and products are flattened and sorted, `a/b` becomes `a*b^-1`,
`sqrt(x)` becomes `x^(1/2)`, numbers are exact, and a function that is a shorthand is written out.
Nothing is cancelled: `x/x` keeps its hole at 0. The numbered nodes are also what the later rungs compute
with, so that a subtree which occurs ten times, in either tree, is computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

from grader.checking.nodes import HALF, Exact, Node, Nodes
from grader.checking.shorthands import SHORTHANDS, root_of
from grader.reading.tree import Tree, number, substitute, walk

__all__ = ["HALF", "Exact", "Node", "Numbering", "identical", "numbered"]

FOLDED_FACTORIAL = 40
# A literal with more digits than this is kept as text and has no value.
LITERAL_DIGITS = 6000
END_DIGITS, MOST_WRITTEN_OUT = 3, 400
# Answers numbered before, by identity: to hash a tree costs as much as to number it.
_MET: dict[int, tuple[Tree, Numbering, int]] = {}
MOST_MET = 128
LARGEST_MET = 100


class Numbering(Nodes):
    """Numbers for trees; `nodes[n]` is the node with number n, its arguments have smaller numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._leaves: dict[tuple[str, str], int] = {}
        self.unruled: set[str] = set()  # the kinds met that stand for themselves, such as `sigma` and `apply`

    def of(self, tree: Tree) -> int:
        """The number of the tree; the same for two trees that differ only in the cheap ways."""
        kind, args, value, _, _ = tree
        if not args:
            found = self._leaves.get((kind, value))
            if found is None:
                rule = RULES.get(kind)
                found = rule(self, tree) if rule is not None else self.node(kind, (), value)
                self._leaves[kind, value] = found
            return found
        build = BUILT.get(kind)
        if build is not None:
            return build(self, [self.of(arg) for arg in args])
        rule = RULES.get(kind)
        if rule is not None:
            return rule(self, tree)
        self.unruled.add(kind)
        return self.node(kind, tuple([self.of(arg) for arg in args]), value)

    def copy(self) -> Numbering:
        """The same numbers, for work that adds others: what is added here is not seen there."""
        other = Numbering()
        other.nodes, other._numbers = self.nodes.copy(), self._numbers.copy()
        other._leaves, other.unruled = self._leaves.copy(), self.unruled.copy()
        return other

    def names(self) -> set[str]:
        """The names in the trees, those of indices too."""
        return {value for kind, value in self._leaves if kind == "name"}


def numbered(answer: Tree) -> tuple[Numbering, int]:
    """The answer's number in a numbering to which a response may be added.

    Responses to one answer come by the hundred, so a short one is numbered once for all of them.
    """
    met = _MET.get(id(answer))
    if met is None:
        numbering = Numbering()
        number = numbering.of(answer)
        if len(numbering.nodes) > LARGEST_MET:
            return numbering, number
        if len(_MET) >= MOST_MET:
            _MET.clear()
        met = _MET[id(answer)] = answer, numbering, number  # the tree is held, so its identity stays its own
    return met[1].copy(), met[2]


def identical(first: Tree, second: Tree) -> bool:
    """Whether two trees are the same after cheap reordering, and so equal wherever they have values.

    >>> from grader.reading.tree import add, divide, name, number
    >>> identical(add(name("x"), number("0.5")), add(divide(number(1), number(2)), name("x")))
    True
    """
    numbering = Numbering()
    return numbering.of(first) == numbering.of(second)


def _number(numbering: Numbering, tree: Tree) -> int:
    text = tree[2]
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
    return numbering.node("name", (), tree[2])


def _constant(numbering: Numbering, tree: Tree) -> int:
    if tree.value == "tau":
        return numbering.multiply((numbering.node("constant", (), "pi"),), 2)
    return numbering.node("constant", (), tree.value)


def _neg(numbering: Nodes, numbers: list[int]) -> int:
    return numbering.multiply(numbers, -1)


def _power(numbering: Nodes, numbers: list[int]) -> int:
    base, exponent = numbers
    return numbering.power(base, exponent)


def _quotient(numbering: Numbering, tree: Tree) -> int:
    above, below = tree[1]
    over = numbering.inverse(numbering.of(below))
    return numbering.multiply((numbering.of(above), over))


def _percent(numbering: Numbering, tree: Tree) -> int:
    return numbering.multiply((numbering.of(tree.args[0]),), Fraction(1, 100))


def _factorial(numbering: Numbering, tree: Tree) -> int:
    of = numbering.of(tree.args[0])
    kind, _, value = numbering.nodes[of]
    if kind == "number" and isinstance(value, int) and 0 <= value <= FOLDED_FACTORIAL:
        return numbering.exact(factorial(value))
    return numbering.node("factorial", (of,))


def _sigma(numbering: Numbering, tree: Tree) -> int:
    """A short sum between literal ends is written out; any other stands for itself."""
    body, index = tree.args[0], tree.value
    if _size_written_out(tree) <= MOST_WRITTEN_OUT and not any(
        node.kind == "sigma" and node.value == index for node in walk(body)
    ):
        return numbering.add([numbering.of(substitute(body, {index: number(term)})) for term in _range(tree)])
    numbering.unruled.add("sigma")
    return numbering.node("sigma", tuple([numbering.of(arg) for arg in tree.args]), index)


def _size_written_out(tree: Tree) -> int:
    """How many nodes a tree has once its sums are written out; too many where they cannot be."""
    if tree.kind != "sigma":
        return 1 + sum(_size_written_out(arg) for arg in tree.args)
    terms = len(_range(tree))
    return terms * _size_written_out(tree.args[0]) if terms else MOST_WRITTEN_OUT + 1


def _range(tree: Tree) -> range:
    """The whole numbers that a sum runs over; none where its ends are no short literals, or in the wrong order."""
    ends = [_short_end(end) for end in tree.args[1:]]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return range(0)
    return range(ends[0], ends[1] + 1)


def _short_end(end: Tree) -> int | None:
    if end.kind == "neg":
        below = _short_end(end.args[0])
        return None if below is None else -below
    return int(end.value) if end.kind == "number" and end.value.isdecimal() and len(end.value) <= END_DIGITS else None


def _call(numbering: Numbering, tree: Tree) -> int:
    _, args, function, _, _ = tree
    if function in PLAIN_FUNCTIONS and len(args) == 1:
        return numbering.node(function, (numbering.of(args[0]),))
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
            return root_of(numbering, numbering.add([numbering.power(entry, two) for entry in left]), 2)
        return numbering.add([numbering.multiply(pair) for pair in zip(left, right, strict=True)])
    scalar = all(arg.kind in SCALAR_KINDS for arg in tree.args)
    if scalar:
        return numbering.node("abs", numbers) if tree.value == "norm" else numbering.multiply(numbers)
    return numbering.node(tree.value, numbers)


# Functions of one argument that stand for themselves.
PLAIN_FUNCTIONS = frozenset({"sin", "cos", "tan", "ln", "sinh", "cosh", "tanh", "abs", "asin", "acos", "atan", "erf"})
OVER_ENTRIES = frozenset({"min", "max", "logsumexp"})
SYMMETRIC = frozenset({"min", "max", "delta"})
SCALAR_KINDS = frozenset({"number", "name", "constant", "neg", "quotient"})

# What is made of the numbers of its arguments alone.
BUILT: dict[str, Callable[[Nodes, list[int]], int]] = {
    "sum": Nodes.add,
    "neg": _neg,
    "product": Nodes.multiply,
    "power": _power,
}
RULES: dict[str, Callable[[Numbering, Tree], int]] = {
    "factorial": _factorial,
    "sigma": _sigma,
    "number": _number,
    "name": _name,
    "constant": _constant,
    "quotient": _quotient,
    "percent": _percent,
    "call": _call,
}
