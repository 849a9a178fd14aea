"""The tree of plain nodes that a response is read into; it keeps the form that was typed.

| kind | args | value |
|---|---|---|
| number | | the literal, as digits with an optional point and exponent: `12`, `0.5`, `1.5e-3` |
| name | | the canonical name: `x`, `x_1`, `alpha`, `A_ij` |
| constant | | `pi`, `e`, `tau`, `oo` (infinity), `i` |
| sum | two or more terms; a subtracted one is a `neg` | |
| neg | one | |
| product | two or more factors | |
| quotient | numerator, denominator | |
| power | base, exponent | |
| call | the arguments | canonical function name: `sin`, `sqrt`, `abs`, `norm`, `det`, … |
| apply | the arguments | a declared function with its primes: `f`, `f'` |
| factorial, percent, transpose | one | |
| elementwise | two: the entry-by-entry product | |
| vector | entries | `row`, `column` or `` (not said) |
| matrix | rows, each of kind `row` | |
| row | entries | |
| set, list | members | |
| interval | lower and upper end | the brackets: `[]`, `(]`, `[)`, `()` |
| relation | operands, one more than operators | operators joined by a space: `<`, `< <=`, `=`, `!=`, `in` |
| and, or, union | two or more | |
| empty | | (no solution, the empty set) |
| piecewise | `case` nodes, the last may be `otherwise` | |
| case | expression, condition | |
| otherwise | expression | |
| entry | the indices, each a `name` or a `number` | the array's name, `A` for `A_ip`; `delta` is Kronecker's |
| sigma | body, lower, upper end (the ends may be absent) | the summation index |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple


class Tree(NamedTuple):
    """One node; equality and hash ignore where in the text it stood."""

    kind: str
    args: tuple[Tree, ...] = ()
    value: str = ""
    start: int = 0
    end: int = 0

    def __eq__(self, other: object) -> bool:
        """Equal kind, value and arguments, wherever they were typed."""
        if self is other:
            return True
        if not isinstance(other, Tree):
            return NotImplemented
        return self.kind == other.kind and self.value == other.value and self.args == other.args

    def __ne__(self, other: object) -> bool:
        """The opposite of equality."""
        return not self == other

    def __hash__(self) -> int:
        """Agrees with equality."""
        return hash((self.kind, self.value, self.args))


ZERO = Tree("number", (), "0")
ONE = Tree("number", (), "1")
TWO = Tree("number", (), "2")
LONGEST_LITERAL = 12_000  # bits


def number(value: int | Fraction | str) -> Tree:
    """An exact number: a literal, or `neg` and `quotient` of literals.

    >>> number(Fraction(-3, 4))
    Tree(kind='neg', args=(Tree(kind='quotient', ...
    """
    if isinstance(value, str):
        return Tree("number", (), value)
    exact = Fraction(value)
    size = _whole(abs(exact.numerator))
    if exact.denominator != 1:
        size = Tree("quotient", (size, _whole(exact.denominator)))
    return Tree("neg", (size,)) if exact < 0 else size


def _whole(value: int) -> Tree:
    """A literal; a number with more digits than Python writes out as a sum with a power of ten."""
    if value.bit_length() <= LONGEST_LITERAL:
        return Tree("number", (), str(value))
    places = value.bit_length() * 3 // 20  # half of the digits
    above, below = divmod(value, 10**places)
    high = Tree("product", (_whole(above), Tree("power", (Tree("number", (), "10"), _whole(places)))))
    return Tree("sum", (high, _whole(below)))


def name(text: str) -> Tree:
    """A variable or parameter by its canonical name."""
    return Tree("name", (), text)


def constant(text: str) -> Tree:
    """One of `pi`, `e`, `tau`, `oo`, `i`."""
    return Tree("constant", (), text)


def add(*terms: Tree) -> Tree:
    """The sum; of one term, that term; of none, zero."""
    if len(terms) == 1:
        return terms[0]
    return Tree("sum", terms) if terms else ZERO


def neg(term: Tree) -> Tree:
    """The term with a minus in front."""
    return Tree("neg", (term,))


def multiply(*factors: Tree) -> Tree:
    """The product; of one factor, that factor; of none, one."""
    if len(factors) == 1:
        return factors[0]
    return Tree("product", factors) if factors else ONE


def divide(numerator: Tree, denominator: Tree) -> Tree:
    """The quotient."""
    return Tree("quotient", (numerator, denominator))


def power(base: Tree, exponent: Tree | int) -> Tree:
    """The power."""
    return Tree("power", (base, number(exponent) if isinstance(exponent, int) else exponent))


def call(function: str, *args: Tree) -> Tree:
    """A function of the table in `names`, by its canonical name."""
    return Tree("call", args, function)


def vector(*entries: Tree, layout: str = "") -> Tree:
    """A vector; `layout` is `row`, `column` or empty where it was not said."""
    return Tree("vector", entries, layout)


def matrix(rows: tuple[tuple[Tree, ...], ...]) -> Tree:
    """A matrix from its rows, which must be of one length."""
    return Tree("matrix", tuple(Tree("row", row) for row in rows))


def shape_of(tree: Tree) -> tuple[int, int]:
    """Rows and columns of a literal matrix."""
    return len(tree.args), len(tree.args[0].args) if tree.args else 0


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node, parents before children, left to right."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def is_deeper_than(tree: Tree, bound: int) -> bool:
    """Whether some leaf lies more than `bound` levels below the root."""
    level = [tree]
    for _ in range(bound):
        level = [arg for node in level for arg in node.args]
        if not level:
            return False
    return any(node.args for node in level)


def names_in(tree: Tree) -> frozenset[str]:
    """The names that occur in the tree."""
    return frozenset(node.value for node in walk(tree) if node.kind == "name")


def rebuild(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with `change` applied to every node, children first."""
    if tree.args:
        args = tuple(rebuild(arg, change) for arg in tree.args)
        if any(new is not old for new, old in zip(args, tree.args, strict=True)):
            tree = tree._replace(args=args)
    return change(tree)


def substitute(tree: Tree, values: Mapping[str, Tree]) -> Tree:
    """The tree with names replaced by trees, all at once."""
    return rebuild(tree, lambda node: values.get(node.value, node) if node.kind == "name" else node)


def literal_value(tree: Tree) -> Fraction | None:
    """The exact value of a `number`, or of a sign, quotient or percent of such; None for all else.

    Division by a literal zero has no value and gives None.
    """
    if tree.kind == "number":
        return Fraction(tree.value)
    if tree.kind not in {"neg", "quotient", "percent"}:
        return None
    parts = [literal_value(arg) for arg in tree.args]
    first = parts[0]
    if first is None:
        return None
    if tree.kind == "neg":
        return -first
    if tree.kind == "percent":
        return first / 100
    second = parts[1]
    return first / second if second else None
