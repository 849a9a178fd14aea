"""The fields of a task, each read as what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from grader.calculus.exact_matrices import Rows
from grader.calculus.literal_matrices import Grid, grid_of, reduce_literals, scalarise
from grader.checking.domain import Domain
from grader.errors import AnswerError, GraderError
from grader.reading.names import canonical
from grader.reading.tree import Tree, literal_value, number, vector

SEVERAL = frozenset({"vector", "matrix", "set", "list", "row"})
LARGEST_WHOLE = 10_000
_SPELLING = re.compile(r"[^\W\d_]\w*")


@dataclass
class TaskError(GraderError):
    """A task that cannot be solved as it stands; `key` is the key of the mapping at fault."""

    message: str
    key: str = ""

    def __str__(self) -> str:
        """The sentence for the author."""
        return self.message


@dataclass(frozen=True, slots=True)
class Fields:
    """A task with the way to read its texts."""

    task: Mapping[str, object]
    read: Callable[[str], Tree]
    form: str
    domain: Domain

    def refuse_others(self, needs: Sequence[str], allows: Sequence[str]) -> None:
        """Raise for a key that is missing or means nothing."""
        missing = [key for key in needs if key not in self.task]
        if missing:
            raise TaskError(f"A {self.form} task also needs {missing[0]}.", missing[0])
        known = (self.form, *needs, *allows)
        for key in self.task:
            if key not in known:
                near = get_close_matches(str(key), known, 1)
                hint = f"; {near[0]} is near" if near else ""
                raise TaskError(f"A {self.form} task has no {key}. It knows {', '.join(known)}{hint}.", str(key))

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return self.task.get(key) is not None

    def tree(self, key: str) -> Tree:
        """A text, number or tree, or a list of them as a vector, or of lists as a matrix."""
        return self._tree(self.task.get(key), key)

    def _tree(self, value: object, key: str) -> Tree:
        if isinstance(value, Tree):
            return value
        if isinstance(value, bool) or value is None:
            raise TaskError(f"{key} is an expression, not {value!r}.", key)
        if isinstance(value, int):
            return number(value)
        if isinstance(value, float):
            return self._read(repr(value), key)
        if isinstance(value, str):
            return self._read(value, key)
        if isinstance(value, Sequence):
            return self._listed(value, key)
        raise TaskError(f"{key} is an expression, not {type(value).__name__}.", key)

    def _read(self, text: str, key: str) -> Tree:
        try:
            return self.read(text)
        except AnswerError as error:
            raise TaskError(f"{key} cannot be read: {error}", key) from error

    def _listed(self, values: Sequence[object], key: str) -> Tree:
        """A list of expressions as a vector; a list of lists or vectors as a matrix."""
        parts = tuple(self._tree(value, key) for value in values)
        if parts and all(part.kind == "vector" for part in parts):
            if len({len(part.args) for part in parts}) != 1:
                raise TaskError(f"The rows of {key} are not of one length.", key)
            return Tree("matrix", tuple(Tree("row", part.args) for part in parts))
        return vector(*parts)

    def scalar(self, key: str) -> Tree:
        """One expression that is no vector, matrix or set."""
        return self._scalar(scalarise(self.tree(key)), key)

    def _scalar(self, tree: Tree, key: str) -> Tree:
        if tree.kind in SEVERAL:
            raise TaskError(f"{key} is one expression here, not a {tree.kind}.", key)
        return tree

    def entries(self, key: str) -> tuple[Tree, ...]:
        """The expressions of a list or vector; one expression alone is a list of one."""
        value = self.tree(key)
        tree = reduce_literals(value) if value.kind not in {"vector", "list"} and _holds_several(value) else value
        if tree.kind == "matrix" and len(tree.args[0].args) == 1:
            tree = vector(*(row.args[0] for row in tree.args))
        if tree.kind in {"vector", "list"}:
            return tuple(self._scalar(scalarise(entry), key) for entry in tree.args)
        return (self._scalar(tree, key),)

    def grid(self, key: str) -> Grid:
        """A vector or matrix."""
        return self._grid(self.tree(key), key)

    def grids(self, key: str) -> tuple[Grid, ...]:
        """A list of vectors or matrices."""
        value = self.task.get(key)
        if isinstance(value, str | Tree) or not isinstance(value, Sequence) or len(value) < 2:
            raise TaskError(f"{key} is a list of two or more matrices.", key)
        return tuple(self._grid(self._tree(part, key), key) for part in value)

    def _grid(self, tree: Tree, key: str) -> Grid:
        grid = grid_of(reduce_literals(tree))
        if grid is None or not grid.entries:
            raise TaskError(f"{key} is a vector or matrix, not a {tree.kind}.", key)
        return grid

    def square(self, key: str) -> Rows:
        """The rows of a square matrix."""
        grid = self.grid(key)
        if grid.is_vector or grid.shape[0] != grid.shape[1]:
            raise TaskError(f"{key} is a square matrix, not {grid}.", key)
        return grid.rows

    def variables(self, key: str, most: int = 20) -> tuple[str, ...]:
        """The names to differentiate by, without repeats unless they are meant as orders."""
        value = self.task.get(key)
        texts = [value] if isinstance(value, str | Tree) else value
        if not isinstance(texts, Sequence) or not 1 <= len(texts) <= most:
            raise TaskError(f"{key} is a name or a list of at most {most} names.", key)
        return tuple(self._name(text, key) for text in texts)

    def _name(self, text: object, key: str) -> str:
        """One variable by its canonical name."""
        if isinstance(text, Tree) and text.kind == "name":
            return text.value
        if not isinstance(text, str) or not text.strip():
            raise TaskError(f"{key} holds names of variables, not {text!r}.", key)
        found = self._read(text, key)
        if found.kind == "name":
            return found.value
        spelled = canonical(text.strip())
        if found.kind in {"constant", "call"} or not _SPELLING.fullmatch(spelled):
            raise TaskError(f"{text!r} is no name of a variable.", key)
        return spelled

    def point(self, key: str) -> dict[str, Tree]:
        """Values by names; a list of values belongs to the names in `by`, one value to the only name."""
        value = self.task.get(key)
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return {self._name(name, key): self._scalar(self._tree(text, key), key) for name, text in value.items()}
        if "by" not in self.task:
            raise TaskError(f"{key} is a mapping from names to values.", key)
        names, values = tuple(dict.fromkeys(self.variables("by"))), self.entries(key)
        self.refuse_lengths(key, len(values), len(names))
        return dict(zip(names, values, strict=True))

    def whole(self, key: str, default: int | None, most: int = LARGEST_WHOLE) -> int:
        """A whole number that is not negative."""
        if not self.has(key) and default is not None:
            return default
        found = literal_value(self.tree(key))
        if found is None or found.denominator != 1 or not 0 <= found <= most:
            raise TaskError(f"{key} is a whole number from 0 to {most}.", key)
        return int(found)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, or one."""
        values = [literal_value(entry) for entry in self.entries(key)]
        if any(value is None or value.denominator != 1 for value in values):
            raise TaskError(f"{key} holds whole numbers.", key)
        return tuple(int(value) for value in values if value is not None)

    def flag(self, key: str, *, default: bool) -> bool:
        """A yes or no."""
        value = self.task.get(key, default)
        if not isinstance(value, bool):
            raise TaskError(f"{key} is true or false, not {value!r}.", key)
        return value

    def word(self, key: str, words: Sequence[str]) -> str:
        """One of some words, the first unless said."""
        value = self.task.get(key, words[0])
        if not isinstance(value, str) or value not in words:
            raise TaskError(f"{key} is one of {', '.join(word for word in words if word)}, not {value!r}.", key)
        return value

    def words(self, key: str, words: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of some words."""
        value = self.task.get(key, default)
        chosen = (value,) if isinstance(value, str) else value
        if not isinstance(chosen, Sequence) or not chosen or any(word not in words for word in chosen):
            raise TaskError(f"{key} is a list out of {', '.join(words)}.", key)
        return tuple(str(word) for word in chosen)

    def refuse_lengths(self, key: str, found: int, wanted: int) -> None:
        """Raise where a list has not as many entries as another."""
        if found != wanted:
            raise TaskError(f"{key} has {found} entries where {wanted} are needed.", key)


def _holds_several(tree: Tree) -> bool:
    """Whether a vector or matrix is written out in the tree."""
    return tree.kind in SEVERAL or any(_holds_several(arg) for arg in tree.args)
