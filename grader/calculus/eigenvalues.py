"""Exact eigenvalues of small matrices, and what the signs of a symmetric one say."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import lcm

from grader.calculus.exact_matrices import Numbers, Rows, determinant_of_numbers, numbers_of, principal_minors
from grader.calculus.polynomials import quotient, value_of
from grader.calculus.simplifying import simplify
from grader.errors import GraderError
from grader.reading.tree import Tree, add, call, divide, neg, number

# Numbers with more divisors to try than this are not searched for rational roots.
MOST_CANDIDATES = 20_000


class NoExactEigenvalues(GraderError):
    """The eigenvalues are not real, or cannot be written with square roots."""


class NotSymmetric(GraderError):
    """Definiteness is asked of a matrix that is not symmetric with rational entries."""


class Definiteness(StrEnum):
    """What the signs of the eigenvalues of a symmetric matrix say."""

    PD = "PD"
    PSD = "PSD"
    ND = "ND"
    NSD = "NSD"
    INDEFINITE = "indefinite"
    ZERO = "zero"


def eigenvalues(rows: Rows) -> tuple[Tree, ...]:
    """All eigenvalues in rising order, repeated ones as often as they occur.

    The entries must be rational; up to two of the eigenvalues may be irrational.
    """
    exact = numbers_of(rows)
    if exact is None or any(len(row) != len(exact) for row in exact) or not exact:
        raise NoExactEigenvalues("Exact eigenvalues need a square matrix of rational numbers.")
    polynomial = characteristic_polynomial(exact)
    rational: list[Fraction] = []
    while len(polynomial) > 3 and (root := _rational_root(polynomial)) is not None:
        rational.append(root)
        polynomial = quotient(polynomial, [-root, Fraction(1)])
    if len(polynomial) > 3:
        raise NoExactEigenvalues("Too few of the eigenvalues of this matrix are rational to write all of them exactly.")
    found = [(root, number(root)) for root in rational] + _roots_of_short(polynomial)
    return tuple(tree for _, tree in sorted(found, key=lambda pair: pair[0]))


def characteristic_polynomial(rows: Numbers) -> list[Fraction]:
    """det(lambda I - A), constant first: its coefficients are sums of principal minors."""
    size = len(rows)
    minors = principal_minors(rows)
    signed = [(-1) ** count * sum(minors[count], Fraction(0)) for count in range(1, size + 1)]
    return [*reversed(signed), Fraction(1)]


def _rational_root(polynomial: list[Fraction]) -> Fraction | None:
    """A rational root of a polynomial with leading coefficient one, or None."""
    if polynomial[0] == 0:
        return Fraction(0)
    scale = lcm(*(coefficient.denominator for coefficient in polynomial))
    # With x = y / scale the coefficients are whole and the leading one is still one.
    degree = len(polynomial) - 1
    constant = abs(int(polynomial[0] * scale**degree))
    for candidate in range(1, min(constant, MOST_CANDIDATES) + 1):
        if constant % candidate == 0:
            for size in (candidate, constant // candidate):
                for root in (Fraction(size, scale), Fraction(-size, scale)):
                    if value_of(polynomial, root) == 0:
                        return root
        if candidate * candidate > constant:
            break
    return None


def _roots_of_short(polynomial: list[Fraction]) -> list[tuple[Fraction | float, Tree]]:
    """The roots of a polynomial of degree at most two, each with its size for sorting."""
    if len(polynomial) < 3:
        return [(-polynomial[0], number(-polynomial[0]))] if len(polynomial) == 2 else []
    half, product = -polynomial[1] / 2, polynomial[0]
    under = half * half - product
    if under < 0:
        raise NoExactEigenvalues("Some eigenvalues of this matrix are not real.")
    root = simplify(call("sqrt", number(under)))
    try:
        distance, middle = float(under) ** 0.5, float(half)
    except OverflowError:
        raise NoExactEigenvalues("Some entries of this matrix are too large.") from None
    pair = ((middle - distance, neg(root)), (middle + distance, root))
    return [(size, _joined(half, part)) for size, part in pair]


def _joined(half: Fraction, root: Tree) -> Tree:
    """The half plus the root, over one denominator where both have the same."""
    if half.denominator > 1:
        doubled = simplify(add(number(half * half.denominator), _times(root, half.denominator)))
        return simplify(divide(doubled, number(half.denominator)))
    return simplify(add(number(half), root))


def _times(tree: Tree, factor: int) -> Tree:
    """A whole multiple."""
    return Tree("product", (number(factor), tree))


def definiteness(rows: Rows) -> Definiteness:
    """The verdict on a symmetric matrix of rational numbers, by all its principal minors."""
    exact = numbers_of(rows)
    if exact is None:
        raise NotSymmetric("Definiteness can only be decided here where all entries are rational numbers.")
    return definiteness_of_numbers(exact)


def definiteness_of_numbers(rows: Numbers) -> Definiteness:
    """The verdict for exact entries."""
    if any(len(row) != len(rows) for row in rows) or tuple(zip(*rows, strict=True)) != rows:
        raise NotSymmetric("Definiteness is a property of symmetric matrices; this one is not symmetric.")
    if not any(any(row) for row in rows):
        return Definiteness.ZERO
    negative = tuple(tuple(-value for value in row) for row in rows)
    if _is_semidefinite(rows):
        return Definiteness.PD if determinant_of_numbers(rows) else Definiteness.PSD
    if _is_semidefinite(negative):
        return Definiteness.ND if determinant_of_numbers(rows) else Definiteness.NSD
    return Definiteness.INDEFINITE


def _is_semidefinite(rows: Numbers) -> bool:
    """Whether no principal minor is negative."""
    return all(minor >= 0 for minors in principal_minors(rows).values() for minor in minors)
