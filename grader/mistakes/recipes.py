"""How a key follows from what is given, quantity by quantity, and what becomes of it if one of them is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any

from grader.answers.grids import grid_of
from grader.answers.literals import evaluate
from grader.calculus.tasks import solve
from grader.checking.bounding import exact_value
from grader.errors import GraderError
from grader.mistakes.breaking import derivative
from grader.reading.tree import (
    LONGEST_LITERAL,
    Tree,
    literal_value,
    matrix,
    names_in,
    number,
    substitute,
    vector,
    walk,
)

MOST_NODES = 600
ANSWER = ""
"""The name of the last step, which is the key."""
SEVERAL = frozenset({"vector", "matrix", "list", "set", "row"})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class CannotFollow(GraderError):
    """A quantity that cannot be worked out again, or has become too long."""


@dataclass(frozen=True)
class Step:
    """One quantity: a formula in the names of others, or a task with trees in place of its texts."""

    name: str
    formula: Tree | None = None
    kind: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names that it is made of."""
        return names_in(self.formula) if self.formula is not None else frozenset(_names(self.fields))

    def from_(self, known: Mapping[str, Tree]) -> Tree:
        """Its value, given those of the others; raises GraderError where there is none."""
        if self.formula is not None:
            return _folded(substitute(self.formula, known))
        found = _WORK.get(self.kind, _solved)(self.placed(known))
        return found if self.kind == "entry" else _folded(found)

    def placed(self, known: Mapping[str, Tree]) -> dict[str, Any]:
        """The fields of the task with values put in."""
        return {key: value if key == "by" else _placed(value, known) for key, value in self.fields.items()}


@dataclass(frozen=True)
class Recipe:
    """The steps in order, the answer last, and the right value of each name.

    `rates` and `momenta` are the names of learning rates and of momenta among them.
    """

    steps: tuple[Step, ...]
    right: Mapping[str, Tree]
    rates: frozenset[str] = frozenset()
    momenta: frozenset[str] = frozenset()

    @property
    def key(self) -> Tree:
        """The right answer."""
        return self.right[ANSWER]

    @property
    def told(self) -> tuple[Any, ...]:
        """All that it is, in plain values, without what was worked out of it."""
        steps = [(step.name, step.formula, step.kind, dict(step.fields)) for step in self.steps]
        return steps, dict(self.right), sorted(self.rates), sorted(self.momenta)

    def step(self, name: str) -> Step | None:
        """The step of this name; None for what is given."""
        return self._by_name.get(name)

    def reworked(self, values: Mapping[str, Tree], steps: Mapping[str, Step] = _NOTHING) -> dict[str, Tree]:
        """All values, with some of them changed or worked out in another way, and what follows from that."""
        known, changed = {**self.right, **values}, {*values}
        for step in self.steps:
            instead = steps.get(step.name)
            if step.name in values or (instead is None and not step.uses & changed):
                continue
            known[step.name] = (instead or step).from_(known)
            changed.add(step.name)
        return known

    def answer(self, values: Mapping[str, Tree], steps: Mapping[str, Step] = _NOTHING) -> Tree:
        """The answer that follows from changed values or steps."""
        return self.reworked(values, steps)[ANSWER]

    def depends(self, name: str, on: frozenset[str]) -> bool:
        """Whether a name is one of others, or follows from one of them."""
        return name in on or bool(self.origins.get(name, frozenset()) & on)

    @cached_property
    def origins(self) -> Mapping[str, frozenset[str]]:
        """For each step all names that it follows from."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            found[step.name] = step.uses.union(*(found.get(name, frozenset()) for name in step.uses))
        return found

    @cached_property
    def entries(self) -> frozenset[str]:
        """The names of the answer, and of those that it is but another name or a list of."""
        found = {ANSWER}
        for step in reversed(self.steps):
            tree = step.formula
            if step.name in found and tree is not None and tree.kind in {"name", "vector", "list"}:
                found |= names_in(tree)
        return frozenset(found)

    def put_in(self, tree: Tree) -> Tree:
        """An expression with the right values put in."""
        return substitute(tree, self.right)

    @cached_property
    def _by_name(self) -> Mapping[str, Step]:
        return {step.name: step for step in self.steps}


def recipe_of(
    steps: Sequence[Step],
    right: Mapping[str, Tree],
    rates: frozenset[str] = frozenset(),
    momenta: frozenset[str] = frozenset(),
) -> Recipe:
    """The recipe with a step of its own for each entry of a vector or list that is written out."""
    found: list[Step] = []
    known = dict(right)
    for step in steps:
        tree = step.formula
        if tree is None or tree.kind not in {"vector", "list"}:
            found.append(step)
            continue
        entries = []
        for place, entry in enumerate(tree.args, start=1):
            if entry.kind in {"name", "number"}:
                entries.append(entry)
                continue
            part = Step(f"{step.name}[{place}]", entry)
            found.append(part)
            known[part.name] = part.from_(known)
            entries.append(Tree("name", (), part.name))
        found.append(Step(step.name, tree._replace(args=tuple(entries))))
    return Recipe(tuple(found), known, rates, momenta)


def entries_of(tree: Tree) -> tuple[Tree, ...]:
    """The entries of a vector, matrix, list or table, or the expression itself."""
    if tree.kind in {"list", "set"}:
        return tree.args
    grid = grid_of(evaluate(tree))
    return (tree,) if grid is None else grid.entries


def _names(value: object) -> set[str]:
    if isinstance(value, Tree):
        return set(names_in(value))
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return set().union(*map(_names, members))


def _placed(value: Any, known: Mapping[str, Tree]) -> Any:
    if isinstance(value, Tree):
        return known.get(value.value, value) if value.kind == "name" else substitute(value, known)
    if isinstance(value, Mapping):
        return {name: _placed(entry, known) for name, entry in value.items()}
    return [_placed(entry, known) for entry in value] if isinstance(value, list) else value


def _folded(tree: Tree) -> Tree:
    """The tree with arithmetic on matrices carried out, and as one number where it is one."""
    if tree.kind in {"name", "number"}:
        return tree
    if sum(1 for _ in islice(walk(tree), MOST_NODES + 1)) > MOST_NODES:
        raise CannotFollow
    if tree.kind not in SEVERAL:
        tree = evaluate(tree)
    if tree.kind in SEVERAL:
        return tree._replace(args=tuple(map(_folded, tree.args)))
    if literal_value(tree) is not None or names_in(tree):
        return tree
    value = exact_value(tree)
    is_long = value is not None and max(value.numerator.bit_length(), value.denominator.bit_length()) > LONGEST_LITERAL
    return tree if value is None or is_long else number(value)


def _variables(fields: Mapping[str, Any]) -> tuple[str, ...]:
    by = fields["by"]
    return (by,) if isinstance(by, str) else tuple(by)


def _at(tree: Tree, fields: Mapping[str, Any]) -> Tree:
    return substitute(tree, fields["at"]) if fields.get("at") else tree


def _derivative(fields: Mapping[str, Any]) -> Tree:
    return _at(derivative(fields["derivative"], orders_of(fields)), fields)


def orders_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables of a derivative, one after the other."""
    variables = _variables(fields)
    order = fields.get("order", 1)
    count = literal_value(order) if isinstance(order, Tree) else order
    return variables * int(count or 1) if len(variables) == 1 else variables


def _gradient(fields: Mapping[str, Any]) -> Tree:
    layout = fields.get("layout", "")
    return _at(vector(*(derivative(fields["gradient"], (name,)) for name in _variables(fields)), layout=layout), fields)


def functions_of(value: Any) -> tuple[Tree, ...]:
    """The functions of a Jacobian, listed or as a vector."""
    return tuple(value) if isinstance(value, list) else entries_of(value)


def _jacobian(fields: Mapping[str, Any]) -> Tree:
    rows = (
        tuple(derivative(function, (name,)) for name in _variables(fields))
        for function in functions_of(fields["jacobian"])
    )
    return _at(matrix(tuple(rows)), fields)


def _hessian(fields: Mapping[str, Any]) -> Tree:
    names = _variables(fields)
    first = [derivative(fields["hessian"], (name,)) for name in names]
    return _at(matrix(tuple(tuple(derivative(tree, (name,)) for name in names) for tree in first)), fields)


def _entry(fields: Mapping[str, Any]) -> Tree:
    grid = grid_of(evaluate(fields["entry"]))
    index = [literal_value(place) if isinstance(place, Tree) else place for place in fields["index"]]
    if grid is None or None in index:
        raise CannotFollow
    places = [int(place) - 1 for place in index if place is not None]
    return grid.rows[places[0]][places[1]] if len(places) > 1 else grid.entries[places[0]]


def _solved(fields: Mapping[str, Any]) -> Tree:
    key = solve(fields, _read_nothing).key
    if not isinstance(key, Tree):
        raise CannotFollow
    return key


def _read_nothing(text: str) -> Tree:
    return Tree("name", (), text)


_WORK: Mapping[str, Callable[[Mapping[str, Any]], Tree]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "value": lambda fields: _at(fields["value"], fields),
    "entry": _entry,
}
