"""The exact value of an expression at a point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.calculus.literal_matrices import reduce_literals
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, value_at
from grader.errors import GraderError
from grader.reading.tree import Tree, substitute

CHECKED_DIGITS = 5


@dataclass
class UndefinedValue(GraderError):
    """An expression has no real value at a point where one is asked for."""

    at: tuple[tuple[str, Tree], ...]
    reason: str

    def __str__(self) -> str:
        """The sentence for the author."""
        names = ", ".join(name for name, _ in self.at)
        where = f" at the given {names}" if names else ""
        return f"There is no real value{where}: {self.reason}."


def evaluate(tree: Tree, at: Mapping[str, Tree]) -> Tree:
    """The tree with values put in for names, worked out exactly; other names stay.

    Raises UndefinedValue where there is no real value.
    """
    placed = substitute(tree, at) if at else tree
    for part in _scalars(placed):
        _refuse_undefined(part, at)
    return reduce_literals(placed)


def _scalars(tree: Tree) -> Iterator[Tree]:
    """The entries of vectors and matrices, or the expression itself."""
    if tree.kind in {"vector", "matrix", "row", "list", "set"}:
        for arg in tree.args:
            yield from _scalars(arg)
    else:
        yield tree


def _refuse_undefined(tree: Tree, at: Mapping[str, Tree]) -> None:
    """Raise where the expression provably has no real value."""
    try:
        value_at(tree, {}, CHECKED_DIGITS)
    except NoValue as error:
        raise UndefinedValue(tuple(at.items()), str(error)) from None
    except (MissingName, NotScalar, Unclear):
        # Not a single number, or one too hard to enclose: it stands as it is.
        return
