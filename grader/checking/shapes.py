"""Sizes of matrices: whole numbers, letters, and products of them; unknown ones are found by matching.

The size of `I` is not written down: it is an `Unknown` until a sum or product says what it must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from grader.errors import AnswerError


class Size(NamedTuple):
    """A number times letters: `3`, `n`, `2*m*n`."""

    number: int = 1
    letters: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As in `m×n`; a product as `3n` or `m·n`."""
        letters = "·".join(self.letters)
        return letters if letters and self.number == 1 else f"{self.number}{letters}"

    def times(self, other: Size) -> Size:
        """The product of two sizes."""
        return Size(self.number * other.number, tuple(sorted(self.letters + other.letters)))

    def value(self, sizes: Mapping[str, int]) -> int:
        """The size where every letter has a value."""
        return self.number * prod(sizes[letter] for letter in self.letters)


class Unknown:
    """A size that is not known yet; `bound` is what it was found to be. Compared by identity."""

    def __init__(self) -> None:
        self.bound: Dim | None = None


Dim = Size | Unknown
Shape = tuple[Dim, Dim]
ONE = Size()
SCALAR: Shape = (ONE, ONE)
VOWELS = "aefhilmnorsx8"  # letters and digits whose names begin with one


@dataclass
class Misfit(AnswerError):
    """Two shapes in one expression that cannot be combined."""

    expected: str = ""
    found: str = ""


def size_of(declared: int | str) -> Size:
    """The size that a declaration gives: a whole number or a letter."""
    return Size(declared) if isinstance(declared, int) else Size(1, (declared,))


def declared_shape(shape: tuple[int | str, ...]) -> Shape | None:
    """Rows and columns of a declared name; a single size is a column; None for an array of more indices."""
    if len(shape) > 2:
        return None
    rows = size_of(shape[0])
    return rows, size_of(shape[1]) if len(shape) == 2 else ONE


def found(dim: Dim) -> Dim:
    """The size that is known by now, or the one unknown that stands for all that are equal to it."""
    while isinstance(dim, Unknown) and dim.bound is not None:
        dim = dim.bound
    return dim


def known(shape: Shape) -> tuple[Size, Size] | None:
    """Rows and columns, if both are known."""
    rows, columns = found(shape[0]), found(shape[1])
    return (rows, columns) if isinstance(rows, Size) and isinstance(columns, Size) else None


def match(first: Dim, second: Dim) -> bool:
    """Whether the two can be equal; an unknown one is bound to the other."""
    first, second = found(first), found(second)
    if first is second:
        return True
    if isinstance(first, Unknown):
        first.bound = second
        return True
    if isinstance(second, Unknown):
        second.bound = first
        return True
    return first == second


def fits(first: Dim, second: Dim) -> bool:
    """Whether the two can be equal; nothing is bound."""
    first, second = found(first), found(second)
    return first is second or isinstance(first, Unknown) or isinstance(second, Unknown) or first == second


def match_shapes(first: Shape, second: Shape) -> bool:
    """Whether the two shapes can be equal; nothing is bound unless both sizes can be."""
    if not (fits(first[0], second[0]) and fits(first[1], second[1])):
        return False
    return match(first[0], second[0]) and match(first[1], second[1])


def is_scalar(shape: Shape) -> bool:
    """Whether the shape is known to be 1 by 1."""
    return known(shape) == SCALAR


def is_square(shape: Shape) -> bool:
    """Whether rows and columns are known to be equal."""
    return found(shape[0]) == found(shape[1])


def is_vector(shape: Shape) -> bool:
    """Whether this is one row or one column of more than one entry."""
    return not is_scalar(shape) and (found(shape[0]) == ONE or found(shape[1]) == ONE)


def length(shape: Shape) -> Dim:
    """The number of entries of a row or column."""
    return shape[1] if found(shape[0]) == ONE else shape[0]


def size_words(dim: Dim) -> str:
    """The size as a student reads it."""
    size = found(dim)
    return str(size) if isinstance(size, Size) else "?"


def shape_words(shape: Shape) -> str:
    """The shape as a student reads it: `m×n`, `a number`; that of an `I` is `square` where nothing fixes it."""
    if is_scalar(shape):
        return "a number"
    return "×".join(map(size_words, shape)) if known(shape) else "square"


def described(shape: Shape) -> str:
    """The shape with what it is: `an m×n matrix`, `a column of n entries`, `a number`."""
    if is_scalar(shape):
        return "a number"
    if is_vector(shape):
        size = size_words(length(shape))
        return f"a row of {size} entries" if found(shape[0]) == ONE else f"a column of {size} entries"
    words = shape_words(shape)
    return f"an {words} matrix" if words[0] in VOWELS and "×" in words else f"a {words} matrix"


def letters_of(shapes: Iterable[tuple[int | str, ...]]) -> frozenset[str]:
    """The letters that occur as sizes."""
    return frozenset(size for shape in shapes for size in shape if isinstance(size, str))
