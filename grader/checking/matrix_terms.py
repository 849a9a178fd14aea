"""Matrix expressions as typed terms: every node with its shape, shorthands written out.

| kind | args | value |
|---|---|---|
| number, constant, name | | a Fraction, `pi` or `e`, the name |
| size | | a `Size` taken as a number |
| identity, zero, ones | | |
| grid | entries row by row | |
| sum, product | two or more; scalars may stand among the factors of a product | |
| transpose, tr, det, norm, diag, diagonal, vec, cofactor | one | |
| power | square base, exponent | |
| kron | two | |
| entries | one or two, a scalar goes with every entry | the operation: `times`, `plus`, `over`, `pow`, or a function |
| softmax, logsumexp, least, greatest | one vector | |
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from grader.checking.shapes import SCALAR, Shape, Size, is_scalar, is_vector, known


class Term(NamedTuple):
    """One typed node."""

    kind: str
    shape: Shape
    args: tuple[Term, ...] = ()
    value: str | Fraction | Size = ""

    @property
    def is_scalar(self) -> bool:
        """Whether this is known to be 1 by 1."""
        return is_scalar(self.shape)

    @property
    def sizes(self) -> tuple[Size, Size]:
        """Rows and columns, once they are known."""
        sizes = known(self.shape)
        if sizes is None:
            raise ValueError("a size is not known yet")
        return sizes


def number(value: Fraction | int) -> Term:
    """An exact number."""
    return Term("number", SCALAR, (), Fraction(value))


def add(*terms: Term) -> Term:
    """The sum of terms of one shape."""
    return Term("sum", terms[0].shape, terms)


def times(left: Term, right: Term) -> Term:
    """The product of two terms that fit."""
    if left.is_scalar or right.is_scalar:
        shape = right.shape if left.is_scalar else left.shape
    else:
        shape = (left.shape[0], right.shape[1])
    factors = left.args if left.kind == "product" else (left,)
    return Term("product", shape, (*factors, right))


def scaled(factor: Fraction | int, term: Term) -> Term:
    """A number times a term."""
    return Term("product", term.shape, (number(factor), term))


def transposed(term: Term) -> Term:
    """The transpose; a scalar is its own, and two of them cancel."""
    if term.is_scalar:
        return term
    if term.kind == "transpose":
        return term.args[0]
    return Term("transpose", (term.shape[1], term.shape[0]), (term,))


def entrywise(operation: str, *args: Term) -> Term:
    """An operation on every entry, or on the pairs of entries; a scalar goes with each."""
    shaped = [arg for arg in args if not arg.is_scalar]
    return Term("entries", shaped[0].shape if shaped else SCALAR, args, operation)


def scalar_of(kind: str, *args: Term) -> Term:
    """A function of matrices whose value is a number."""
    return Term(kind, SCALAR, args)


def squared_length(term: Term) -> Term:
    """The sum of the squares of all entries."""
    if is_vector(term.shape):
        column = term if is_scalar((term.shape[1], term.shape[1])) else transposed(term)
        return times(transposed(column), column)
    return scalar_of("tr", times(transposed(term), term))


def walk(term: Term) -> Iterator[Term]:
    """Every node."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.args)


def names_in(term: Term) -> frozenset[str]:
    """The names of matrices, vectors and scalars that occur."""
    return frozenset(str(node.value) for node in walk(term) if node.kind == "name")


def letters_in(term: Term) -> frozenset[str]:
    """The letters that stand for sizes in the term."""
    found = {letter for node in walk(term) for size in node.sizes for letter in size.letters}
    return frozenset(found).union(*(node.value.letters for node in walk(term) if isinstance(node.value, Size)))
