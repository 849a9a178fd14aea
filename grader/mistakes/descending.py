"""A gradient descent carried out with numbers, rightly or with one rule of it broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count as counted
from math import isqrt

from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, certified, program_of
from grader.checking.exact import exact_node
from grader.checking.identical import Numbering
from grader.mistakes.numbers import ROUNDED, Number, shortened
from grader.mistakes.questions import Question
from grader.reading.tree import Tree

BITS = 192
CANNOT_COMPUTE = (NoValue, Unclear, NotScalar, MissingName)


class Field:
    """Expressions of several variables, to be computed at many points."""

    def __init__(self, trees: Sequence[Tree], variables: Sequence[str] = ()) -> None:
        numbering = Numbering()
        self._roots = [numbering.of(tree) for tree in trees]
        self._program = program_of(numbering)
        self._variables = tuple(variables)

    def at(self, point: Sequence[Number]) -> list[Number]:
        """The values at a point; raises one of CANNOT_COMPUTE."""
        values = {name: each.value for name, each in zip(self._variables, point, strict=True)}
        is_exact = all(each.is_exact for each in point)
        return [self._value(root, values, is_exact=is_exact) for root in self._roots]

    def _value(self, root: int, values: Mapping[str, Fraction], *, is_exact: bool) -> Number:
        exact = exact_node(self._program.nodes, root, values, {})
        if exact is not None:
            return shortened(exact, is_exact=is_exact)
        return shortened(certified(self._program.at(values, BITS).value(root)).middle, is_exact=False)


@dataclass(frozen=True, slots=True)
class Course:
    """How a descent is carried out; `only` is the step at which the rule is broken, None for all.

    `sign` -1 goes uphill, `rated` False forgets the rate, `turn` -1 turns the momentum, `frozen` keeps
    the first gradient, `sequential` lets each coordinate see those that were changed before it.
    """

    slope: Field
    value: Field
    start: tuple[Number, ...]
    rate: Number
    momentum: Number
    sign: int = 1
    rated: bool = True
    turn: int = 1
    frozen: bool = False
    sequential: bool = False
    only: int | None = None

    def rows(self) -> Iterator[tuple[tuple[Number, ...], list[Number]]]:
        """The start and every point after it, without end, each with the gradient there."""
        point, velocity = self.start, [Number(Fraction(0))] * len(self.start)
        first: list[Number] | None = None
        for step in counted(1):
            slope = self.slope.at(point)
            yield point, slope
            first = first or slope
            course = self if self.only in {None, step} else replace(self, sign=1, rated=True, turn=1, sequential=False)
            if course.sequential:
                point = course.one_after_the_other(point)
                continue
            used = first if self.frozen else slope
            velocity = [course.faster(old, new) for old, new in zip(velocity, used, strict=True)]
            point = tuple(course.moved(old, by) for old, by in zip(point, velocity, strict=True))

    def faster(self, old: Number, new: Number) -> Number:
        """The velocity after a step."""
        value = self.turn * self.momentum.value * old.value + new.value
        return shortened(value, is_exact=old.is_exact and new.is_exact and self.momentum.is_exact)

    def moved(self, old: Number, by: Number) -> Number:
        """A coordinate after a step."""
        rate = self.rate.value if self.rated else 1
        value = old.value - self.sign * rate * by.value
        return shortened(value, is_exact=old.is_exact and by.is_exact and self.rate.is_exact)

    def one_after_the_other(self, point: tuple[Number, ...]) -> tuple[Number, ...]:
        """A step in which each coordinate sees those that were changed before it."""
        moved = list(point)
        for place in range(len(moved)):
            moved[place] = self.moved(moved[place], self.slope.at(moved)[place])
        return tuple(moved)


def course_of(question: Question, slopes: Sequence[Tree]) -> Course:
    """The descent of a question with a gradient, right or not."""
    start = tuple(Field((entry,)).at(())[0] for entry in question.start)
    rate, momentum = Field((question.rate, question.momentum)).at(())
    value = Field(question.functions, question.variables)
    return Course(Field(slopes, question.variables), value, start, rate, momentum)


def cells(course: Course, point: Sequence[Number], slope: Sequence[Number], columns: Sequence[str]) -> list[Number]:
    """The cells of a row of a table."""
    found: list[Number] = []
    for column in columns:
        match column:
            case "x":
                found.extend(point)
            case "gradient":
                found.extend(slope)
            case "norm":
                found.append(_length(slope))
            case "value":
                found.extend(course.value.at(point))
    return found


def _length(slope: Sequence[Number]) -> Number:
    squared = sum((each.value**2 for each in slope), Fraction(0))
    top, bottom = isqrt(squared.numerator), isqrt(squared.denominator)
    if top**2 == squared.numerator and bottom**2 == squared.denominator:
        return Number(Fraction(top, bottom), all(each.is_exact for each in slope))
    return Number(Fraction(isqrt(int(squared * ROUNDED**2)), ROUNDED), is_exact=False)
