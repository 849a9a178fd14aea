"""Quantities that calculus derives: checked when the file is read, solved for each variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.bank.drawing import Value, Word
from grader.bank.faults import nearest
from grader.bank.maths import Maths
from grader.bank.naming import SYMBOL, VARIABLE
from grader.bank.problem import Expression, Quantity, Task
from grader.bank.schema import kind_of
from grader.bank.source import Path, as_text
from grader.calculus.simplifying import simplify
from grader.calculus.tasks import solve
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, literal_value, names_in

# What may stand beside each kind of task.
TASKS: Mapping[str, frozenset[str]] = {
    "derivative": frozenset({"by", "order", "at"}),
    "gradient": frozenset({"by", "at", "layout"}),
    "jacobian": frozenset({"by", "at"}),
    "hessian": frozenset({"by", "at"}),
    "directional": frozenset({"by", "along", "at", "normalise"}),
    "taylor": frozenset({"by", "around", "degree", "at"}),
    "descent": frozenset({"by", "start", "rate", "steps", "columns", "table", "at"}),
    "value": frozenset({"at"}),
    "entry": frozenset({"index"}),
    "eigenvalues": frozenset(),
    "convexity": frozenset({"by", "on"}),
    "definiteness": frozenset(),
}
WORD_TASKS = frozenset({"convexity", "definiteness"})
COUNTS = frozenset({"order", "degree", "steps", "index"})
PLAIN = frozenset({"normalise", "layout", "table", "columns", "on"})
MOST_COUNT = 50


def compile_quantity(value: Any, path: Path, maths: Maths) -> Quantity | None:
    """The quantity that a value of the file stands for, None where a fault was reported."""
    if not isinstance(value, Mapping):
        tree = maths.expression(str(value), path)
        return None if tree is None else Expression(tree, path)
    kinds = [key for key in value if key in TASKS]
    if len(kinds) != 1:
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
        if "by" not in value and "by" in TASKS[self.kind]:
            self.maths.fault(self.path, f"A {self.kind} needs `by`: by what variable?", "Add by: x or by: [x, y].")
        if len(self.maths.errors) > self.faults:
            return None
        return Task(self.kind, plain, self.maths.vocabulary, frozenset(self.names), self.path)

    def _member(self, key: str, value: Any) -> Any:
        path = (*self.path, key)
        if key != self.kind and key not in TASKS[self.kind]:
            message = f"{key!r} says nothing to a {self.kind}."
            error = self.maths.document.error(path, message, nearest(key, TASKS[self.kind]), at_key=True)
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


PutIn = Callable[[Tree], Tree]


def solve_task(task: Task, put_in: PutIn) -> tuple[Value, dict[str, Any]]:
    """The value of a task, and the task itself with all values put in."""

    def tree_of(text: str) -> Tree:
        return put_in(read(text, task.vocabulary).tree)

    plain = {key: _put_in(key, value, tree_of) for key, value in task.mapping.items()}
    solved = solve(plain, lambda text: read(text, task.vocabulary).tree)
    if task.kind in WORD_TASKS:
        return Word(solved.key.value), plain
    return solved.key, plain


def _put_in(key: str, value: Any, tree_of: Callable[[str], Tree]) -> Any:
    """One entry of a task with values in place of names; counts become whole numbers."""
    if key == "by" or key in PLAIN:
        return value
    if isinstance(value, Mapping):
        return {name: _put_in(key, entry, tree_of) for name, entry in value.items()}
    if isinstance(value, list):
        return [_put_in(key, entry, tree_of) for entry in value]
    tree = simplify(tree_of(value))
    return _count(key, tree) if key in COUNTS else to_text(tree)


def _count(key: str, tree: Tree) -> int:
    value = literal_value(tree)
    if value is None or value.denominator != 1 or not 0 <= value <= MOST_COUNT:
        message = f"`{key}` must be a whole number from 0 to {MOST_COUNT}; here it is {to_text(tree)}."
        raise AnswerError(message, tree.start, tree.end)
    return int(value)


def task_texts(mapping: Mapping[str, Any]) -> Iterator[str]:
    """All texts of a task."""
    for value in mapping.values():
        yield from _texts_in(value)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts_in(entry)
    elif isinstance(value, str):
        yield value
