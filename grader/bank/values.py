"""The values of a problem's quantities for one draw of its parameters, each worked out when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.bank.drawing import Value, Word
from grader.bank.problem import Expression, Problem, Quantity, Task, Typed
from grader.bank.source import Path
from grader.bank.tasks import solve_task, task_trees, value_of
from grader.bank.typed_keys import tidied
from grader.calculus.literal_matrices import reduce_literals
from grader.calculus.simplifying import simplify
from grader.calculus.steps import Step
from grader.calculus.tasks import Solved, TaskError
from grader.errors import AnswerError, BankError, GraderError
from grader.reading.printing import to_text
from grader.reading.tree import Tree, literal_value, names_in, substitute, walk

_NEVER = "Exclude such draws with `where` or `exclude`."


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it was worked out.

    Where it comes from a task: the task, its mapping with all values put in, and how it was solved.
    """

    value: Value
    path: Path = ()
    task: Task | None = None
    trees: Mapping[str, Any] | None = None
    solved: Solved | None = None


def _without_zero_division(tree: Tree) -> Tree:
    """The tree; AnswerError where it divides by a number that is zero."""
    for node in walk(tree):
        if node.kind != "quotient" or names_in(node.args[1]):
            continue
        if literal_value(simplify(node.args[1])) == 0:
            raise AnswerError(f"Here is a division by zero: {to_text(node)[:80]}.", repair=_NEVER)
    return tree


class Values:
    """Values by name; a quantity that has none raises BankError at its place in the file."""

    def __init__(self, problem: Problem, drawn: Mapping[str, Value]) -> None:
        self.problem = problem
        self.drawn = drawn
        self._found: dict[str, Found] = {}

    def value(self, name: str) -> Value:
        """The value of a quantity; a variable or symbol stands for itself."""
        if name in self.drawn:
            return self.drawn[name]
        if name in self.problem.derived:
            return self.derived(name).value
        return Tree("name", (), name)

    def also(self, name: str, value: Value) -> Values:
        """These values and one more."""
        values = Values(self.problem, {**self.drawn, name: value})
        values._found = self._found
        return values

    def is_tidy(self, name: str) -> bool:
        """Whether the value is in tidy form already, as derived ones are."""
        return name in self.problem.derived

    def has_start(self, name: str) -> bool:
        """Whether the first row of a quantity is that of a start, before any step."""
        quantity = self.problem.derived.get(name)
        return isinstance(quantity, Task) and quantity.mapping.get("start_row") is True

    def steps(self, name: str) -> tuple[Step, ...]:
        """How the value of a derived quantity was found; none for one that is written out."""
        solved = self.derived(name).solved
        return solved.steps if solved is not None else ()

    def derived(self, name: str) -> Found:
        """The value of a derived quantity, with its task."""
        if name not in self._found:
            self._found[name] = self.solve(self.problem.derived[name])
        return self._found[name]

    def found(self) -> Mapping[str, Found]:
        """What was worked out so far."""
        return dict(self._found)

    def put_in(self, tree: Tree) -> Tree:
        """The tree with all quantities replaced by their values."""
        trees: dict[str, Tree] = {}
        for name in names_in(tree):
            value = self.value(name)
            if isinstance(value, Word):
                raise AnswerError(f"{name!r} is the word {value.text!r} and cannot be part of an expression.")
            trees[name] = value
        return _without_zero_division(substitute(tree, trees))

    def solve(self, quantity: Quantity) -> Found:
        """The value of a quantity; raises BankError where it has none."""
        try:
            if isinstance(quantity, Expression):
                return self._expression(quantity.tree)
            if isinstance(quantity, Typed):
                return Found(tidied(self.put_in(quantity.tree), quantity))
            trees = task_trees(quantity, self.put_in)
            solved = solve_task(quantity, trees, self.problem.domain)
            return Found(value_of(solved), quantity.path, quantity, trees, solved)
        except BankError:
            raise
        except TaskError as error:
            raise self.fault((*quantity.path, error.key), error) from None
        except GraderError as error:
            raise self.fault(quantity.path, error) from None

    def _expression(self, tree: Tree) -> Found:
        if tree.kind == "name" and tree.value in self.problem.derived:
            return self.derived(tree.value)
        if tree.kind == "name":
            value = self.value(tree.value)
            return Found(value if isinstance(value, Word) else reduce_literals(value))
        return Found(reduce_literals(self.put_in(tree)))

    def fault(self, path: Path, error: GraderError) -> BankError:
        """A fault of mathematics as a fault of the file, with the values at which it shows."""
        if isinstance(error, AnswerError):
            return self.problem.document.error(path, error.message, error.repair)
        return self.problem.document.error(path, str(error))
