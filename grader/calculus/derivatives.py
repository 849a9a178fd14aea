"""Derivatives on our own tree, with a record of every rule applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grader.calculus.literal_matrices import scalarise
from grader.calculus.rules import OUTER_RULES, RULES, Rule, inner_of, rule_of
from grader.calculus.simplifying import Tidier
from grader.calculus.steps import PENDING, Derivation, Step
from grader.errors import GraderError
from grader.reading.tree import Tree, call, name, names_in, walk

# Nodes of one derivative, and of all that is written on the way to it.
MOST_NODES = 5_000
MOST_WRITTEN = 50_000


@dataclass
class NotDifferentiable(GraderError):
    """The table of rules has none for a part of the expression."""

    part: Tree
    variable: str

    def __str__(self) -> str:
        """What has no rule, in words."""
        what = self.part.value or self.part.kind
        return f"There is no rule to differentiate {what} by {self.variable}."


class DerivativeTooLong(GraderError):
    """The derivative, or what is met on the way to it, is out of all proportion."""

    def __str__(self) -> str:
        """The sentence for whoever asked for it."""
        return "The derivative of this grows too long to be written out."


@dataclass(frozen=True)
class Replacement:
    """A rule to use in place of one of the table, everywhere or at one application of it only.

    Applications are counted from 0 in the order of the recorded steps.
    """

    rule: str
    by: Rule
    place: int | None = None


def differentiate(
    tree: Tree, variable: str, *, replacement: Replacement | None = None, order: Sequence[str] = ()
) -> Derivation:
    """The derivative in tidy form, with its steps.

    `replacement` breaks one rule, which is how a common mistake is made; `order` gives the names
    in the order in which they are to be written.
    """
    return _derived(tree, variable, replacement, tuple(order)) if replacement else _known(tree, variable, tuple(order))


@lru_cache(maxsize=512)
def _known(tree: Tree, variable: str, order: tuple[str, ...]) -> Derivation:
    """Gradient, Hessian and descent of one function share derivatives."""
    return _derived(tree, variable, None, order)


def _derived(tree: Tree, variable: str, replacement: Replacement | None, order: tuple[str, ...]) -> Derivation:
    whole = scalarise(tree)
    engine = _Engine(variable, replacement, Tidier.of(whole, order))
    return Derivation(engine(whole), tuple(step for step in engine.steps if step is not None))


def differentiate_repeatedly(tree: Tree, variables: Sequence[str], order: Sequence[str] = ()) -> Derivation:
    """The derivative by several variables, one after the other."""
    steps: tuple[Step, ...] = ()
    for variable in variables:
        derivation = differentiate(tree, variable, order=order)
        tree, steps = derivation.tree, steps + derivation.steps
    return Derivation(tree, steps)


def places(tree: Tree, variable: str, rule: str) -> int:
    """How often a rule is applied on the way to the derivative."""
    return sum(step.rule == rule for step in differentiate(tree, variable).steps)


@dataclass
class _Pending:
    """Leaves the derivatives of parts to be taken, for the outline of a step."""

    variable: str
    known_outer: Mapping[Tree, Tree]

    def __call__(self, part: Tree) -> Tree:
        return call(PENDING, part)

    def outer(self, whole: Tree) -> Tree:
        return self.known_outer[whole]

    def depends(self, part: Tree) -> bool:
        return self.variable in names_in(part)


@dataclass
class _Engine:
    """Applies the table from the outside in and records each application."""

    variable: str
    replacement: Replacement | None
    tidier: Tidier
    steps: list[Step | None] = field(default_factory=list)
    path: tuple[int, ...] = ()
    depth: int = 0
    here: Tree | None = None
    counts: Counter[str] = field(default_factory=Counter)
    known_outer: dict[Tree, Tree] = field(default_factory=dict)
    written: int = 0

    def __call__(self, part: Tree) -> Tree:
        around, path = self.here, self.path
        if around is not None:
            self.path += _place(part, around)
        self.here = part
        self.depth += 1
        after = self._apply(self._rule(part), part)
        self.depth -= 1
        self.here, self.path = around, path
        return after

    def outer(self, whole: Tree) -> Tree:
        rule = rule_of(whole, self.variable)
        if rule is None:
            raise NotDifferentiable(whole, self.variable)
        self.depth += 1
        self.known_outer[whole] = self._apply(rule, whole)
        self.depth -= 1
        return self.known_outer[whole]

    def depends(self, part: Tree) -> bool:
        return self.variable in names_in(part)

    def _rule(self, tree: Tree) -> str:
        rule = rule_of(tree, self.variable)
        if rule is None:
            raise NotDifferentiable(tree, self.variable)
        return "chain" if rule in OUTER_RULES and inner_of(tree, self.variable) != name(self.variable) else rule

    def _apply(self, rule: str, tree: Tree) -> Tree:
        slot = len(self.steps)
        self.steps.append(None)
        applied = self._chosen(rule)
        after = self.tidier.tidy(applied.apply(tree, self))
        self._count(after)
        pending = applied.apply(tree, _Pending(self.variable, self.known_outer))
        self.steps[slot] = Step(rule, tree, after, self.variable, self.path, pending, self.depth)
        return after

    def _count(self, tree: Tree) -> None:
        """Raise where more has been written than can be meant."""
        size = sum(1 for _ in walk(tree))
        self.written += size
        if size > MOST_NODES or self.written > MOST_WRITTEN:
            raise DerivativeTooLong

    def _chosen(self, rule: str) -> Rule:
        """The rule of the table, or the one in its place at this application."""
        count = self.counts[rule]
        self.counts[rule] += 1
        broken = self.replacement
        if broken is not None and broken.rule == rule and broken.place in {None, count}:
            return broken.by
        return RULES[rule]


def _place(part: Tree, whole: Tree) -> tuple[int, ...]:
    """Which argument of the whole the part is; nothing where it is made of several."""
    return next(((index,) for index, arg in enumerate(whole.args) if arg is part), ())
