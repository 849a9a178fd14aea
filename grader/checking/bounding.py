"""Rigorous values of trees at exact points, by ball arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from grader.checking.balls import Ball, NoValue, Unclear
from grader.checking.exact import exact_node, exact_value
from grader.checking.identical import Numbering
from grader.checking.nodes import Nodes
from grader.checking.programs import MissingName, NotScalar, Program
from grader.checking.steps import STEPS, function
from grader.reading.tree import Tree, substitute

__all__ = [
    "Certified",
    "Evaluator",
    "MissingName",
    "NoValue",
    "NotScalar",
    "Unclear",
    "certified",
    "enclose",
    "enclosures",
    "exact_value",
    "program_of",
    "value_at",
]

PRECISIONS = (128, 256, 512, 1024)
# Balls with a larger binary exponent are not written out as fractions.
LARGEST_SCALE = 100_000
BITS_PER_DIGIT = 3.3219281


def program_of(numbering: Nodes, turn: int = 0) -> Program:
    """How to compute the nodes of a numbering, with these functions for declared unknown ones."""
    return Program(numbering, STEPS, function, turn)


@dataclass(frozen=True, slots=True)
class Certified:
    """A real number between two exact ends; both are the number itself where it is rational and known."""

    lower: Fraction
    upper: Fraction

    @property
    def exact(self) -> Fraction | None:
        """The number, if it is known exactly."""
        return self.lower if self.lower == self.upper else None

    @property
    def middle(self) -> Fraction:
        """The middle of the two ends."""
        return (self.lower + self.upper) / 2

    def overlaps(self, other: Certified) -> bool:
        """Whether both may be the same number."""
        return self.lower <= other.upper and other.lower <= self.upper

    def __float__(self) -> float:
        """The nearest float; infinite beyond the range of floats."""
        try:
            return float(self.middle)
        except OverflowError:
            return float("inf") if self.middle > 0 else float("-inf")


def enclose(tree: Tree, point: Mapping[str, Fraction | Tree], precision: int = 128) -> Certified:
    """Certified ends for the value of a tree at a point, computed with `precision` bits.

    Raises NoValue where there is provably no real value, Unclear where the precision does not tell,
    MissingName for a name without a value, NotScalar for a vector and its like.
    """
    program, root, exact_point = _prepared(tree, point)
    return certified(program.at(exact_point, precision).value(root))


def enclosures(tree: Tree, points: Iterable[Mapping[str, Fraction]], precision: int) -> Iterator[Certified | None]:
    """Certified ends at each of the points, None where there are none; faster than `enclose` at each."""
    numbering = Numbering()
    root = numbering.of(tree)
    program = program_of(numbering)
    for point in points:
        try:
            yield certified(program.at(point, precision).value(root))
        except (NoValue, Unclear, NotScalar):
            yield None


def value_at(tree: Tree, point: Mapping[str, Fraction | Tree], digits: int = 15) -> Certified:
    """Certified ends that agree to `digits` significant digits; raises as `enclose` does.

    >>> from grader.reading.tree import call, number
    >>> float(value_at(call("sqrt", number(2)), {}))
    1.4142135623730951
    """
    program, root, exact_point = _prepared(tree, point)
    return _value_of(program, root, exact_point, digits)


class Evaluator:
    """A tree that is prepared once, for its values at many points."""

    __slots__ = ("_program", "_root")

    def __init__(self, tree: Tree) -> None:
        """Number the nodes."""
        numbering = Numbering()
        self._root = numbering.of(tree)
        self._program = program_of(numbering)

    def value_at(self, point: Mapping[str, Fraction], digits: int) -> Certified:
        """What `value_at` gives for the tree."""
        return _value_of(self._program, self._root, point, digits)


def _value_of(program: Program, root: int, exact_point: Mapping[str, Fraction], digits: int) -> Certified:
    exact = exact_node(program.nodes, root, exact_point, {})
    if exact is not None:
        return Certified(exact, exact)
    wanted = int(digits * BITS_PER_DIGIT) + 4
    # What is still this close to zero at the highest precision is given as a ball around zero.
    negligible = Ball(2) ** -(wanted + 1024)
    for precision in (wanted + 32, *[more for more in PRECISIONS if more > wanted + 32], wanted + 4096):
        try:
            found = program.at(exact_point, precision).value(root)
        except Unclear:
            continue
        if found.rel_accuracy_bits() >= wanted or (precision > wanted + 2048 and found.abs_upper() < negligible):
            return certified(found)
    raise Unclear("the value could not be computed to this many digits")


def _prepared(tree: Tree, point: Mapping[str, Fraction | Tree]) -> tuple[Program, int, dict[str, Fraction]]:
    """The program of the tree with the trees of the point put in for their names."""
    trees = {name: value for name, value in point.items() if isinstance(value, Tree)}
    exact = {name: Fraction(value) for name, value in point.items() if not isinstance(value, Tree)}
    numbering = Numbering()
    root = numbering.of(substitute(tree, trees) if trees else tree)
    return program_of(numbering), root, exact


def certified(found: Ball) -> Certified:
    """The exact ends of a ball; Unclear where they are too long to write out."""
    (middle, scale), (radius, radius_scale) = found.mid().man_exp(), found.rad().man_exp()
    if abs(int(scale)) > LARGEST_SCALE or (radius != 0 and abs(int(radius_scale)) > LARGEST_SCALE):
        raise Unclear("the value is too large or too small to write out")
    centre, around = _scaled(int(middle), int(scale)), _scaled(int(radius), int(radius_scale))
    return Certified(centre - around, centre + around)


def _scaled(mantissa: int, scale: int) -> Fraction:
    return Fraction(mantissa << scale) if scale >= 0 else Fraction(mantissa, 1 << -scale)
