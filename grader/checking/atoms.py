"""Expressions as polynomials in their atoms: names, constants, roots and values of functions.

Nothing is known of an atom but that equal ones are equal, except that `e^(2x)` is the square of `e^x`.
So a polynomial here says how an expression is written, not all that is true of it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from grader.checking.identical import Numbering
from grader.checking.polynomials import Field, Polynomial, TooLarge, as_fraction, used_generators
from grader.checking.writing import whole_exponent
from grader.reading.tree import Tree, constant, multiply, names_in, neg, power

ROOM = (4, 8, 16, 32, 64)
LONGEST_NUMBER = 2_000  # bits
ARITHMETIC = frozenset({"number", "percent", "neg", "sum", "product", "quotient"})


class NotPolynomial(Exception):
    """Something that is divided by is not a number."""


class Atoms:
    """The atoms of some trees, each a variable of polynomials."""

    def __init__(self, *trees: Tree) -> None:
        """Find the atoms; more than there is room for are TooLarge."""
        self._numbering = Numbering()
        self._places: dict[int, int] = {}
        self.trees: list[Tree] = []
        for tree in trees:
            self._find(tree)
        room = next((size for size in ROOM if size >= len(self.trees)), None)
        if room is None:
            raise TooLarge
        self.field = Field(room)

    def polynomial(self, tree: Tree) -> Polynomial:
        """The polynomial that the tree is; NotPolynomial for one with an atom below a fraction line."""
        rule = tree.kind if tree.kind in ARITHMETIC else ""
        if rule in {"number", "percent"}:
            return self._number(tree)
        if rule == "quotient":
            below = self.polynomial(tree.args[1])
            if not below.is_constant() or below.is_zero():
                raise NotPolynomial
            return self.polynomial(tree.args[0]) / below.leading_coefficient()
        if rule:
            parts = [self.polynomial(arg) for arg in tree.args]
            if rule == "neg":
                return -parts[0]
            join = self.field.plus if rule == "sum" else self.field.times
            return reduce(join, parts)
        exponent = whole_exponent(tree)
        if exponent is not None:
            return self._power(tree.args[0], exponent)
        atom, times = _atom(tree)
        return self.field.raised(self.field.generator(self._places[self._numbering.of(atom)]).top, times)

    def names(self, polynomial: Polynomial) -> frozenset[str]:
        """The names that the polynomial's atoms are made of."""
        used = used_generators(polynomial)
        return frozenset().union(*(names_in(self.trees[place]) for place in used))

    def place(self, name: str) -> int | None:
        """The number of the variable that stands for a name."""
        found = (place for place, tree in enumerate(self.trees) if tree.kind == "name" and tree.value == name)
        return next(found, None)

    def _power(self, base: Tree, exponent: int) -> Polynomial:
        below = self.polynomial(base)
        if exponent >= 0:
            return self.field.raised(below, exponent)
        if not below.is_constant() or below.is_zero():
            raise NotPolynomial
        value = 1 / as_fraction(below.leading_coefficient())
        return self.field.raised(self.field.constant(value).top, -exponent)

    def _number(self, tree: Tree) -> Polynomial:
        if tree.kind == "percent":
            return self.polynomial(tree.args[0]) / 100
        value = Fraction(tree.value)
        if value.numerator.bit_length() + value.denominator.bit_length() > LONGEST_NUMBER:
            raise TooLarge
        return self.field.constant(value).top

    def _find(self, tree: Tree) -> None:
        """Give every atom of the tree its place."""
        if tree.kind in ARITHMETIC:
            for arg in tree.args:
                self._find(arg)
            return
        if whole_exponent(tree) is not None:
            self._find(tree.args[0])
            return
        atom, _ = _atom(tree)
        number = self._numbering.of(atom)
        if number not in self._places:
            self._places[number] = len(self.trees)
            self.trees.append(atom)


def _atom(tree: Tree) -> tuple[Tree, int]:
    """The atom that the tree is a whole power of: `e^x` with 2 for `e^(2x)`."""
    if tree.kind == "power" and tree.args[0] == constant("e"):
        exponent = tree.args[1]
    elif tree.kind == "call" and tree.value == "exp":
        exponent = tree.args[0]
    else:
        return tree, 1
    is_negative = exponent.kind == "neg"
    exponent = exponent.args[0] if is_negative else exponent
    if exponent.kind == "product" and exponent.args[0].kind == "number" and exponent.args[0].value.isdigit():
        times = int(exponent.args[0].value)
        rest = exponent.args[1:]
        if 1 < times <= 40:
            once = multiply(*rest)
            return power(constant("e"), neg(once) if is_negative else once), times
    return tree, 1
