"""Parameters as they are written in a file, turned into what can be drawn."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from grader.bank.drawing import Choices, Integers, Matrices, Parameter, Value, Vectors, Word, integers, rationals
from grader.bank.schema import MatrixFile, ParameterFile, VectorFile
from grader.bank.source import Document, Path
from grader.errors import AnswerError, BankError
from grader.reading.text import read
from grader.reading.tree import Tree, literal_value

MOST_VALUES = 100_000

ReadAt = Callable[[str, Path], Tree | None]
"""Reads an expression that stands at a place; None where it could not, which is then reported."""


class Drawables:
    """Makes parameters, reporting the faults of each."""

    def __init__(self, document: Document, errors: list[BankError]) -> None:
        self.document = document
        self.errors = errors

    def parameter(self, file: ParameterFile, path: Path, read_at: ReadAt) -> Parameter | None:
        """The parameter, or None with its faults reported."""
        if file.integer is not None:
            return self._integers(file.integer, file.step, file.exclude, (*path, "integer"))
        if file.rational is not None:
            return self._rationals(file, path)
        if file.matrix is not None:
            return self._shaped(file.matrix, (*path, "matrix"))
        if file.vector is not None:
            return self._shaped(file.vector, (*path, "vector"))
        if file.words is not None:
            return Choices(tuple(Word(word) for word in file.words))
        values: list[Value] = []
        for place, text in enumerate(file.choice or []):
            tree = read_at(text, (*path, "choice", place))
            if tree is not None:
                values.append(tree)
        return Choices(tuple(values)) if values else None

    def _fault(self, path: Path, message: str, repair: str) -> None:
        self.errors.append(self.document.error(path, message, repair))

    def _ends(self, ends: list[int], path: Path) -> range | None:
        low, high = ends
        if low > high:
            self._fault(path, f"The range from {low} to {high} is empty.", f"Write [{high}, {low}].")
            return None
        if high - low >= MOST_VALUES:
            self._fault(path, f"The range has more than {MOST_VALUES} numbers.", "Choose a smaller one.")
            return None
        return range(low, high + 1)

    def _excluded(self, texts: list[str], path: Path) -> frozenset[Fraction]:
        found: set[Fraction] = set()
        for place, text in enumerate(texts):
            value = _number(text)
            if value is None:
                self._fault((*path, place), f"{text!r} is not a number.", "Exclude numbers such as 0 or 1/2.")
            else:
                found.add(value)
        return frozenset(found)

    def _integers(self, ends: list[int], step: int, exclude: list[str], path: Path) -> Integers | None:
        span = self._ends(ends, path)
        excluded = self._excluded(exclude, (*path[:-1], "exclude"))
        if span is None:
            return None
        drawn = integers(ends[0], ends[1], step, excluded)
        if not drawn.values:
            self._fault(path, "Nothing is left to draw: all of the range is excluded.", "Exclude less.")
            return None
        return drawn

    def _rationals(self, file: ParameterFile, path: Path) -> Parameter | None:
        assert file.rational is not None  # noqa: S101 - the caller has looked
        tops = self._ends(file.rational.numerator, (*path, "rational", "numerator"))
        bottoms = self._ends(file.rational.denominator, (*path, "rational", "denominator"))
        excluded = self._excluded(file.exclude, (*path, "exclude"))
        if tops is None or bottoms is None:
            return None
        if len(tops) * len(bottoms) > MOST_VALUES:
            self._fault(path, f"These are more than {MOST_VALUES} fractions.", "Choose smaller ranges.")
            return None
        drawn = rationals(tops, bottoms, excluded)
        if not drawn.pairs:
            self._fault(path, "Nothing is left to draw: no fraction is in lowest terms and allowed.", "Widen a range.")
            return None
        return drawn

    def _shaped(self, file: MatrixFile | VectorFile, path: Path) -> Parameter | None:
        entries = self._integers(file.integer, file.step, file.exclude, (*path, "integer"))
        if entries is None:
            return None
        if isinstance(file, VectorFile):
            return Vectors(file.length, entries)
        return Matrices(file.shape[0], file.shape[1], entries, file.symmetric)


def _number(text: str) -> Fraction | None:
    try:
        return literal_value(read(text).tree)
    except AnswerError:
        return None
