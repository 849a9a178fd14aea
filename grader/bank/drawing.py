"""Values of parameters from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from grader.bank.stream import Stream, label
from grader.reading.tree import Tree, matrix, number, substitute, vector

MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is a word and no mathematics: one of `words`, or a verdict such as `convex`."""

    text: str


Value = Tree | Word


@dataclass(frozen=True, slots=True)
class Integers:
    """The integers that may be drawn, in order."""

    values: tuple[int, ...]

    def draw(self, stream: Stream, given: Mapping[str, Value]) -> Value:
        """One of them."""
        del given
        return number(stream.one_of(self.values))


@dataclass(frozen=True, slots=True)
class Rationals:
    """Pairs of numerator and denominator, none of which reduces to an excluded value."""

    pairs: tuple[tuple[int, int], ...]

    def draw(self, stream: Stream, given: Mapping[str, Value]) -> Value:
        """One of the fractions, in lowest terms."""
        del given
        return number(Fraction(*stream.one_of(self.pairs)))


@dataclass(frozen=True, slots=True)
class Choices:
    """Expressions, which may name parameters drawn before, or words."""

    values: tuple[Value, ...]

    def draw(self, stream: Stream, given: Mapping[str, Value]) -> Value:
        """One of them, with the parameters drawn so far put in."""
        value = stream.one_of(self.values)
        if isinstance(value, Word):
            return value
        return substitute(value, {name: tree for name, tree in given.items() if isinstance(tree, Tree)})


@dataclass(frozen=True, slots=True)
class Matrices:
    """Matrices with integer entries."""

    rows: int
    columns: int
    entries: Integers
    symmetric: bool = False

    def draw(self, stream: Stream, given: Mapping[str, Value]) -> Value:
        """A matrix; a symmetric one is drawn in its upper triangle."""
        del given
        drawn: dict[tuple[int, int], int] = {}
        for row in range(self.rows):
            for column in range(self.columns):
                mirrored = drawn.get((column, row)) if self.symmetric else None
                drawn[row, column] = stream.one_of(self.entries.values) if mirrored is None else mirrored
        entry = {at: number(value) for at, value in drawn.items()}
        return matrix(tuple(tuple(entry[row, column] for column in range(self.columns)) for row in range(self.rows)))


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors with integer entries."""

    length: int
    entries: Integers

    def draw(self, stream: Stream, given: Mapping[str, Value]) -> Value:
        """A vector."""
        del given
        return vector(*(number(stream.one_of(self.entries.values)) for _ in range(self.length)))


Parameter = Integers | Rationals | Choices | Matrices | Vectors


def integers(low: int, high: int, step: int = 1, exclude: frozenset[Fraction] = frozenset()) -> Integers:
    """The integers from `low` to `high` in steps, both ends included, without the excluded ones.

    >>> integers(-4, 4, 2, frozenset({Fraction(0)})).values
    (-4, -2, 2, 4)
    """
    return Integers(tuple(value for value in range(low, high + 1, step) if value not in exclude))


def rationals(numerators: range, denominators: range, exclude: frozenset[Fraction] = frozenset()) -> Rationals:
    """The fractions in lowest terms with these numerators and denominators; 2/4 would only repeat 1/2."""
    pairs = ((top, bottom) for bottom in denominators for top in numerators)
    return Rationals(tuple(pair for pair in pairs if gcd(*pair) == 1 and Fraction(*pair) not in exclude))


def draw_once(
    parameters: Mapping[str, Parameter], problem_id: str, seed: int, attempt: int, fixed: Mapping[str, Value]
) -> dict[str, Value]:
    """One value for each parameter, `fixed` ones as they are; conditions are the caller's."""
    drawn: dict[str, Value] = {}
    for name, parameter in parameters.items():
        stream = Stream(label(problem_id, seed, attempt, name))
        drawn[name] = fixed[name] if name in fixed else parameter.draw(stream, drawn)
    return drawn
