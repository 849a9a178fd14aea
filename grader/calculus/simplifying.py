"""A light, predictable tidy-up of trees, so that keys read like a textbook."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from grader.calculus.exact_values import EVEN, ODD, factorial_value, special_value
from grader.calculus.ordering import Ordering
from grader.calculus.terms import HALF, Algebra, Terms, Writing
from grader.reading.tree import Tree, call, constant, divide, literal_value, walk

# Kinds that hold expressions and are none themselves; only their members are tidied.
HOLDERS = frozenset(
    {"vector", "matrix", "row", "set", "list", "interval", "relation", "and", "or", "union", "case", "otherwise"}
)
ARITHMETIC = frozenset({"sum", "neg", "product", "quotient", "power", "percent", "factorial", "call"})
# Where one of these occurs the factors need not commute, and the tree is left as it is.
MATRIX_KINDS = frozenset({"vector", "matrix", "transpose", "elementwise"})
MATRIX_CALLS = frozenset({"inv", "diag", "transpose", "kron", "softmax", "tr", "det", "norm", "dot"})
PI = constant("pi")
# A quantity of a problem is printed, compared and put into others: it is tidied again and again.
KEPT = 2048


def simplify(tree: Tree, order: Sequence[str] = ()) -> Tree:
    """The tree in tidy form, of the same value wherever it had one; names stand for numbers.

    Numbers are folded exactly, like terms and like powers collected; products of sums are never
    multiplied out. `order` says which names come first. Where a decimal point was typed, numbers
    that have a short decimal are written as one.
    """
    return _simplified(tree, tuple(order))


@lru_cache(maxsize=KEPT)
def _simplified(tree: Tree, order: tuple[str, ...]) -> Tree:
    return Tidier.of(tree, order).tidy(tree)


class Tidier:
    """Takes trees to terms, children first; what was tidied once is not tidied again."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        # By identity, with the tree beside it so that no other tree gets the same one.
        self._tidied: dict[int, tuple[Tree, Tree]] = {}
        self._terms: dict[int, tuple[Tree, Terms]] = {}

    @staticmethod
    def of(tree: Tree, order: Sequence[str] = ()) -> Tidier:
        """The way to tidy a tree and all that is derived from it."""
        decimals = any(node.kind == "number" and not node.value.isdigit() for node in walk(tree))
        return Tidier(Algebra(Writing(Ordering(order), decimals)))

    def tidy(self, tree: Tree) -> Tree:
        """A tree of any kind in tidy form."""
        known = self._tidied.get(id(tree))
        if known is not None:
            return known[1]
        tidied = self._tidy(tree)
        self._tidied[id(tree)] = (tree, tidied)
        self._tidied[id(tidied)] = (tidied, tidied)
        return tidied

    def _tidy(self, tree: Tree) -> Tree:
        if tree.kind in HOLDERS:
            return tree._replace(args=tuple(map(self.tidy, tree.args)))
        if tree.kind in ARITHMETIC or tree.kind == "number":
            return tree if _is_beyond(tree) else self.algebra.writing.tree(self.terms(tree))
        if tree.kind == "piecewise":
            return self._piecewise(tree)
        return tree._replace(args=tuple(map(self.tidy, tree.args))) if tree.args else tree

    def terms(self, tree: Tree) -> Terms:
        """A scalar expression as terms."""
        known = self._terms.get(id(tree))
        if known is None:
            known = self._terms[id(tree)] = (tree, self._of(tree))
        return known[1]

    def _of(self, tree: Tree) -> Terms:
        algebra = self.algebra
        match tree.kind:
            case "number":
                return algebra.number(Fraction(tree.value))
            case "sum":
                return algebra.sum([self.terms(term) for term in tree.args])
            case "neg":
                return algebra.scale(self.terms(tree.args[0]), Fraction(-1))
            case "product":
                return algebra.product([self.terms(factor) for factor in tree.args])
            case "quotient":
                top, bottom = map(self.terms, tree.args)
                return algebra.product((top, algebra.power(bottom, Fraction(-1))))
            case "power":
                return self._power(*map(self.terms, tree.args))
            case "percent":
                return algebra.scale(self.terms(tree.args[0]), Fraction(1, 100))
            case "factorial":
                inner = self.tidy(tree.args[0])
                value = factorial_value(literal_value(inner))
                return self.terms(value) if value else algebra.plain(tree._replace(args=(inner,)))
            case "call":
                return self._call(tree.value, tuple(map(self.tidy, tree.args)))
        tidied = self.tidy(tree)
        return algebra.apart(tidied) if tidied.kind in ARITHMETIC else algebra.plain(tidied)

    def _power(self, base: Terms, exponent: Terms) -> Terms:
        """A power; of e the exponent may undo a logarithm."""
        if self.algebra.writing.tree(base) == constant("e"):
            return self.algebra.exponential(exponent)
        return self.algebra.power(base, self.algebra.exponent(exponent))

    def _call(self, function: str, args: tuple[Tree, ...]) -> Terms:
        """A function of tidy arguments."""
        algebra = self.algebra
        if function == "log" and len(args) == 1:
            function = "ln"
        if len(args) == 1:
            inner = algebra.apart(args[0])
            if function == "exp":
                return algebra.exponential(inner)
            if function == "sqrt":
                return algebra.power(inner, HALF)
            if function == "ln" and (undone := _exponent_of_e(inner)) is not None:
                return algebra.exponent_terms(undone)
            value = special_value(function, args, _turns(inner))
            if value is not None:
                return self.terms(value)
            if function in ODD | EVEN and len(inner) == 1 and next(iter(inner.values())) < 0:
                flipped = self._call(function, (algebra.writing.tree(algebra.scale(inner, Fraction(-1))),))
                return algebra.scale(flipped, Fraction(-1)) if function in ODD else flipped
        elif (value := special_value(function, args, None)) is not None:
            return self.terms(value)
        whole = call(function, *args)
        terms = algebra.plain(whole)
        self._terms[id(whole)] = (whole, terms)
        return terms

    def _piecewise(self, tree: Tree) -> Tree:
        """Cases whose condition is decided by numbers are taken or left out."""
        kept: list[Tree] = []
        for case in tree.args:
            tidied = self.tidy(case)
            truth = True if case.kind == "otherwise" else condition_holds(tidied.args[1])
            if truth and not kept:
                return tidied.args[0]
            if truth is not False:
                kept.append(Tree("otherwise", tidied.args[:1]) if truth else tidied)
            if truth:
                break
        return tree._replace(args=tuple(kept)) if kept else divide(Tree("number", (), "1"), Tree("number", (), "0"))


def _is_beyond(tree: Tree) -> bool:
    """Whether matrices, complex numbers or infinity take part, for which these laws do not hold."""
    return any(
        node.kind in MATRIX_KINDS
        or (node.kind == "call" and node.value in MATRIX_CALLS)
        or (node.kind == "constant" and node.value in {"oo", "i"})
        for node in walk(tree)
    )


def _turns(terms: Terms) -> Fraction | None:
    """The argument over pi, where that is a rational number."""
    if not terms:
        return Fraction(0)
    if len(terms) == 1:
        (monomial, coefficient), *_ = terms.items()
        if monomial == ((PI, Fraction(1)),):
            return coefficient
    return None


def _exponent_of_e(terms: Terms) -> Fraction | Tree | None:
    """The exponent, where the terms are one power of e."""
    if len(terms) == 1:
        (monomial, coefficient), *_ = terms.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][0] == constant("e"):
            return monomial[0][1]
    return None


def condition_holds(condition: Tree) -> bool | None:
    """Whether a condition between numbers holds; None where it speaks of more than numbers."""
    if condition.kind in {"and", "or"}:
        truths = [condition_holds(part) for part in condition.args]
        decisive = condition.kind == "or"
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
    if condition.kind != "relation":
        return None
    values = [literal_value(operand) for operand in condition.args]
    numbers = [value for value in values if value is not None]
    operators = condition.value.split()
    if len(numbers) != len(values) or not set(operators) <= set(_COMPARISONS):
        return None
    pairs = zip(numbers, operators, numbers[1:], strict=False)
    return all(_compare(left, operator, right) for left, operator, right in pairs)


_COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")


def _compare(left: Fraction, operator: str, right: Fraction) -> bool:
    """One comparison of two numbers."""
    order = (left > right) - (left < right)
    return order in {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "=": (0,), "!=": (-1, 1)}[operator]
