"""Parts that follow on an earlier answer: their key worked out from what a student found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_lowercase
from typing import TYPE_CHECKING

from grader.bank.conditions import Condition, holds
from grader.bank.drawing import Value, Word
from grader.bank.faults import nearest
from grader.bank.maths import Maths
from grader.bank.naming import DERIVED, Names
from grader.bank.problem import Expression, Follows, Options, Part, Quantity, Task, names_of
from grader.bank.schema import FollowsFile
from grader.bank.source import Path
from grader.bank.tasks import solve_task, task_trees, value_of
from grader.bank.typed_keys import tidied
from grader.calculus.literal_matrices import reduce_literals
from grader.calculus.steps import Step
from grader.checking.domain import Domain
from grader.errors import AnswerError
from grader.reading.tree import Tree, literal_value, names_in, substitute, walk

if TYPE_CHECKING:
    from grader.bank.values import Values

MOST_NODES = 400
SOURCES = frozenset({"expression", "number", "vector", "matrix"})
"""Types of answers from which a later part can go on."""


def reader_with(file: FollowsFile, maths: Maths) -> Maths:
    """Reads expressions in which the earlier answer has its name."""
    names = Names({**maths.names.roles, file.as_: DERIVED}, {**maths.names.paths, file.as_: ("parts",)})
    known = (maths.vocabulary.names or frozenset()) | {file.as_}
    return replace(maths, names=names, vocabulary=replace(maths.vocabulary, names=known))


def compile_follows(file: FollowsFile, path: Path, maths: Maths, earlier: Mapping[str, Part], self_id: str) -> Follows:
    """What a part follows; a part that is not there, or no earlier one, is a fault at its name."""
    if file.part == self_id:
        maths.fault((*path, "part"), "A part cannot follow itself.", "Name an earlier part.")
    elif file.part not in earlier:
        message = f"There is no part {file.part!r} before this one."
        maths.fault((*path, "part"), message, nearest(file.part, earlier) or "Move it above this one.")
    elif earlier[file.part].type not in SOURCES:
        message = f"The part {file.part!r} is of type {earlier[file.part].type!r}, from which nothing can follow."
        maths.fault((*path, "part"), message, f"Only {', '.join(sorted(SOURCES))} can be followed.")
    reader = reader_with(file, maths)
    texts = ((place, text) for place, text in enumerate(file.where))
    found = (reader.condition(text, (*path, "where", place)) for place, text in texts)
    conditions = tuple(condition for condition in found if condition is not None)
    return Follows(file.part, file.as_, conditions, Fraction(file.follow_through))


def check_name(file: FollowsFile, path: Path, maths: Maths) -> bool:
    """Whether the name of the earlier answer is free; one that is taken is a fault."""
    role = maths.names.roles.get(file.as_)
    if role is not None:
        maths.fault((*path, "as"), f"{file.as_!r} is already a {role} of this problem.", "Choose another name.")
    return role is None


def values_for(part: Part, values: Values) -> Values:
    """The values in which the key of a part is worked out: with the key of the part that it follows."""
    if part.follows is None:
        return values
    earlier = values.problem.part(part.follows.part)
    if earlier is None or isinstance(earlier.answer, Options):
        return values
    key = values_for(earlier, values).solve(earlier.answer).value
    return values.also(part.follows.name, key)


@dataclass(frozen=True, slots=True)
class Following:
    """How the key of a part follows from an earlier answer, with the numbers of a variant in `known`.

    `right` is the right answer of the earlier part, `label` the letter that it has on the page.
    """

    part: str
    name: str
    quantity: Quantity
    known: Mapping[str, Value]
    conditions: tuple[Condition, ...]
    share: Fraction
    right: Value
    label: str = ""

    def value_from(self, given: Tree, domain: Domain) -> Value:
        """The key for an earlier answer; raises GraderError where there is none."""
        if sum(1 for _ in walk(given)) > MOST_NODES:
            raise AnswerError("This is too long to go on from.")
        lookup = _Known({**self.known, self.name: given})
        if isinstance(self.quantity, Task):
            return value_of(solve_task(self.quantity, task_trees(self.quantity, lookup.put_in), domain))
        tree = lookup.put_in(self.quantity.tree)
        return reduce_literals(tree) if isinstance(self.quantity, Expression) else tidied(tree, self.quantity)

    def is_as_hard(self, given: Tree, own: Value, key: Tree) -> bool:
        """Whether the step from the given answer is still a step: conditions hold, and nothing has become trivial."""
        lookup = _Known({**self.known, self.name: given})
        if not all(holds(condition, lookup) for condition in self.conditions):
            return False
        if isinstance(self.right, Tree) and _is_easier(given, self.right):
            return False
        if isinstance(own, Word):
            return True
        is_copied = own == given and key != self.right
        return not is_copied and not _is_easier(own, key)


def following_of(part: Part, values: Values) -> Following | None:
    """How a part of a variant follows, None where it stands alone."""
    follows = part.follows
    if follows is None or isinstance(part.answer, Options):
        return None
    inner = values_for(part, values)
    names = set(names_of(part.answer)).union(*(condition.names for condition in follows.conditions)) - {follows.name}
    known = {name: inner.value(name) for name in sorted(names)}
    right = inner.value(follows.name)
    place = next(place for place, earlier in enumerate(values.problem.parts) if earlier.id == follows.part)
    label = ascii_lowercase[place] if place < len(ascii_lowercase) else str(place + 1)
    return Following(follows.part, follows.name, part.answer, known, follows.conditions, follows.share, right, label)


def _is_easier(value: Tree, right: Tree) -> bool:
    """Whether a value is zero, one or free of variables where the right one is not."""
    if names_in(right) and not names_in(value):
        return True
    return any(_is_all(value, number) and not _is_all(right, number) for number in (0, 1))


def _is_all(tree: Tree, value: int) -> bool:
    if tree.kind in {"vector", "matrix", "row"}:
        return all(_is_all(arg, value) for arg in tree.args)
    return literal_value(tree) == value


@dataclass(frozen=True, slots=True)
class _Known:
    """Values by name, of those that a part needs."""

    values: Mapping[str, Value]

    def put_in(self, tree: Tree) -> Tree:
        """The tree with all quantities replaced by their values."""
        return substitute(tree, {name: value for name, value in self.values.items() if isinstance(value, Tree)})

    def value(self, name: str) -> Value:
        """The value of one quantity; a variable stands for itself."""
        return self.values.get(name, Tree("name", (), name))

    def is_tidy(self, name: str) -> bool:
        """Nothing is known to be tidy."""
        del name
        return False

    def has_start(self, name: str) -> bool:
        """No tables are printed from these."""
        del name
        return False

    def steps(self, name: str) -> tuple[Step, ...]:
        """No derivations are kept."""
        del name
        return ()
