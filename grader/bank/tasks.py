"""Quantities that calculus derives: checked when the file is read, solved for each variant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.bank.drawing import Value, Word
from grader.bank.faults import nearest
from grader.bank.field_types import kind_of
from grader.bank.maths import Maths
from grader.bank.naming import SYMBOL, VARIABLE
from grader.bank.problem import Expression, Quantity, Task
from grader.bank.source import Path, as_text
from grader.calculus.simplifying import simplify
from grader.calculus.tasks import TASKS, Solved, TaskError, solve
from grader.calculus.verifying import verify_task
from grader.checking.domain import Domain
from grader.errors import AnswerError
from grader.reading.names import Vocabulary, canonical
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, names_in

WORD_TASKS = frozenset({"convexity", "definiteness"})
DEFINITENESS = {
    "PD": "positive-definite",
    "PSD": "positive-semidefinite",
    "ND": "negative-definite",
    "NSD": "negative-semidefinite",
}
PLAIN = frozenset({"normalise", "layout", "columns", "start_row", "last"})  # words and flags, no mathematics


def compile_quantity(value: Any, path: Path, maths: Maths) -> Quantity | None:
    """The quantity that a value of the file stands for, None where a fault was reported."""
    if not isinstance(value, Mapping):
        tree = maths.expression(str(value), path)
        return None if tree is None else Expression(tree, path)
    kinds = [key for key in value if key in TASKS]
    if len(kinds) != 1:
        if value and not kinds and all(entry is None for entry in value.values()):
            text = "{" + ", ".join(map(str, value)) + "}"
            maths.fault(path, "Braces without quotes are a mapping in YAML.", f"For a set write '{text}', with quotes.")
            return None
        message = "This is more than one task." if kinds else "This is no task that is known."
        first = next(iter(value), "")
        repair = f"Keep one of {', '.join(kinds)}." if kinds else nearest(str(first), TASKS)
        maths.fault(path, message, repair)
        return None
    return _Compiler(maths, kinds[0], path).task(value)


class _Compiler:
    """Checks one task, reporting each fault at its place."""

    def __init__(self, maths: Maths, kind: str, path: Path) -> None:
        self.maths, self.kind, self.path = maths, kind, path
        self.names: set[str] = set()
        self.faults = len(maths.errors)

    def task(self, value: Mapping[str, Any]) -> Task | None:
        plain = {key: self._member(key, entry) for key, entry in value.items()}
        if len(self.maths.errors) == self.faults:
            for key in TASKS[self.kind].needs:
                if key not in value:
                    self.maths.fault(self.path, f"The task {self.kind} also needs {key!r}.", f"Add `{key}: …`.")
        if len(self.maths.errors) > self.faults:
            return None
        return Task(self.kind, plain, self.maths.vocabulary, frozenset(self.names), self.path)

    def _member(self, key: str, value: Any) -> Any:
        path = (*self.path, key)
        known = (*TASKS[self.kind].needs, *TASKS[self.kind].allows)
        if key != self.kind and key not in known:
            message = f"The task {self.kind} has no key {key!r}."
            error = self.maths.document.error(path, message, nearest(key, known), at_key=True)
            self.maths.errors.append(error)
            return None
        if key == "by":
            return self._variables(value, path)
        if key in PLAIN:
            return value
        return self._texts(value, path)

    def _variables(self, value: Any, path: Path) -> Any:
        known = self.maths.names.of(VARIABLE, SYMBOL)
        if isinstance(value, list):
            return [self._variable(entry, (*path, place), known) for place, entry in enumerate(value)]
        return self._variable(value, path, known)

    def _variable(self, value: Any, path: Path, known: tuple[str, ...]) -> str:
        name = canonical(value) if isinstance(value, str) else ""
        if name not in known:
            message = f"{value!r} is no variable or symbol to differentiate by."
            self.maths.fault(path, message, nearest(str(value), known) or "Declare it under `variables` or `symbols`.")
        return name

    def _texts(self, value: Any, path: Path) -> Any:
        """The value with every scalar as text; each is read once to find its faults and its names."""
        if isinstance(value, Mapping):
            keys = {raw: canonical(raw) for raw in value}
            return {keys[raw]: self._texts(entry, (*path, raw)) for raw, entry in value.items()}
        if isinstance(value, list):
            return [self._texts(entry, (*path, place)) for place, entry in enumerate(value)]
        text = as_text(value)
        if text is None:
            self.maths.fault(path, f"Mathematics is expected here, not {kind_of(value)}.")
            return None
        tree = self.maths.expression(text, path)
        if tree is not None:
            self.names.update(names_in(tree))
            if tree.kind == "name" and tree.value in self.maths.words:
                self.maths.fault(path, f"{tree.value!r} is a word, and a task needs mathematics.")
        return text


def task_trees(task: Task, put_in: Callable[[Tree], Tree]) -> dict[str, Any]:
    """The task with trees in place of its texts, all values put in; raises TaskError with the key at fault."""

    def tree_of(text: str) -> Tree:
        return simplify(put_in(read(text, task.vocabulary).tree))

    trees: dict[str, Any] = {}
    for key, value in task.mapping.items():
        try:
            trees[key] = value if key in PLAIN or key == "by" else _mapped(value, tree_of)
        except AnswerError as error:
            raise TaskError(str(error), key) from None
    return trees


def solve_task(task: Task, trees: Mapping[str, Any], domain: Domain) -> Solved:
    """The task solved, its values put in."""
    return solve(trees, reader(task.vocabulary), domain)


def verify_solved(task: Task, trees: Mapping[str, Any], solved: Solved, domain: Domain) -> None:
    """Check the key of a solved task by a second route; raises KeyCheckFailed."""
    verify_task(trees, solved, reader(task.vocabulary), domain)


def reader(vocabulary: Vocabulary) -> Callable[[str], Tree]:
    """Reads names, which is all that is left as text in a task whose values are put in."""
    return lambda text: read(text, vocabulary).tree


def value_of(solved: Solved) -> Value:
    """The key as a value of the problem; words about definiteness are written out."""
    key = solved.key
    return Word(DEFINITENESS.get(key, key)) if isinstance(key, str) else key


def task_texts(trees: Mapping[str, Any]) -> dict[str, Any]:
    """The task as it would be written with its values put in."""
    return {name: _texts_of(value) for name, value in trees.items()}


def _mapped(value: Any, tree_of: Callable[[str], Tree]) -> Any:
    """A value of a task with trees in place of its texts."""
    if isinstance(value, Mapping):
        return {name: _mapped(entry, tree_of) for name, entry in value.items()}
    if isinstance(value, list):
        return [_mapped(entry, tree_of) for entry in value]
    return tree_of(value)


def _texts_of(value: Any) -> Any:
    """A value of a task with texts in place of its trees."""
    if isinstance(value, Tree):
        return to_text(value)
    if isinstance(value, Mapping):
        return {name: _texts_of(entry) for name, entry in value.items()}
    return [_texts_of(entry) for entry in value] if isinstance(value, list) else value
