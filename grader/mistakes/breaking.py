"""Derivatives with one rule of the table broken, written down without tidying.

Candidates are made by the hundred and most are thrown away after a look at two values, so nothing is
collected or sorted here; only zeros and ones are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType

from grader.calculus.derivatives import NotDifferentiable
from grader.calculus.rules import OUTER_RULES, RULES, Deriver, inner_of, rule_of
from grader.errors import GraderError
from grader.mistakes.trimming import trimmed
from grader.reading.tree import Tree, name, names_in, walk

MOST_APPLICATIONS = 300
MOST_PLACES = 8
# Nodes of one candidate, and of all that are written for one answer.
MOST_NODES = 1_500
MOST_WRITTEN = 8_000

Wrong = Callable[[Tree, Deriver], Tree | None]
"""What a rule is replaced by; None where the wrong form has no meaning for the expression."""


class TooManyRules(GraderError):
    """The expression asks for more applications of rules than a mistake is looked for in."""


@dataclass(frozen=True, slots=True)
class Break:
    """One common wrong form: the mistake it is, and what stands in the place of which rules.

    Without `of_values` it is not looked for in the value at a point: many numbers would fit.
    """

    mistake: str
    rules: Mapping[str, Wrong]
    of_values: bool = True


_NOTHING = Break("", MappingProxyType({}))


class _Read:
    """What was found out about parts, by their identity; they are kept, so that it stays theirs."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        self._rules: dict[int, tuple[Tree, str | None]] = {}
        self._depends: dict[int, tuple[Tree, bool]] = {}

    def rule(self, part: Tree) -> str | None:
        """The rule that the part asks for."""
        found = self._rules.get(id(part))
        if found is None:
            found = self._rules[id(part)] = (part, rule_of(part, self.variable))
        return found[1]

    def depends(self, part: Tree) -> bool:
        """Whether the variable occurs in the part."""
        found = self._depends.get(id(part))
        if found is None:
            found = self._depends[id(part)] = (part, self.variable in names_in(part))
        return found[1]


@dataclass
class _Breaker:
    """Applies the table from the outside in, with the broken rule at one part or wherever it is met."""

    variable: str
    broken: Break = _NOTHING
    only: Tree | None = None
    met: list[tuple[str, Tree]] = field(default_factory=list)
    known: dict[int, Tree] = field(default_factory=dict)
    read: _Read | None = None

    def __call__(self, part: Tree) -> Tree:
        rule = self._rule(part)
        is_chain = rule in OUTER_RULES and inner_of(part, self.variable) != name(self.variable)
        return self._apply("chain" if is_chain else rule, part)

    def outer(self, whole: Tree) -> Tree:
        return self._apply(self._rule(whole), whole)

    def depends(self, part: Tree) -> bool:
        return self._read.depends(part)

    @property
    def _read(self) -> _Read:
        if self.read is None:
            self.read = _Read(self.variable)
        return self.read

    def _rule(self, part: Tree) -> str:
        rule = self._read.rule(part)
        if rule is None:
            raise NotDifferentiable(part, self.variable)
        return rule

    def _apply(self, rule: str, part: Tree) -> Tree:
        self.met.append((rule, part))
        if len(self.met) > MOST_APPLICATIONS:
            raise TooManyRules
        self.known.update((id(each), each) for each in (part, *part.args))
        wrong = self.broken.rules.get(rule)
        found = wrong(part, self) if wrong is not None and self.only in {None, part} else None
        after = trimmed(RULES[rule].apply(part, self) if found is None else found, self.known)
        self.known[id(after)] = after
        return after


def derivative(tree: Tree, variables: Sequence[str]) -> Tree:
    """The right derivative by several variables, one after the other."""
    for variable in variables:
        tree = _Breaker(variable)(tree)
    return tree


def relevant(tree: Tree, variables: Iterable[str], breaks: Sequence[Break]) -> tuple[Break, ...]:
    """The breaks of rules that are used in differentiating by one of the variables."""
    used: set[str] = set()
    for variable in variables:
        right = _Breaker(variable)
        right(tree)
        used.update(rule for rule, _ in right.met)
    return tuple(broken for broken in breaks if used & broken.rules.keys())


def within_reason(found: Iterable[tuple[str, Tree]], most: int = MOST_WRITTEN) -> Iterator[tuple[str, Tree]]:
    """The candidates without the very long ones, until so many nodes have been written."""
    for mistake, tree in found:
        size = sum(1 for _ in islice(walk(tree), MOST_NODES))
        most -= size
        if size < MOST_NODES:
            yield mistake, tree
        if most < 0:
            return


def broken_derivatives(
    tree: Tree, variable: str, breaks: Sequence[Break], *, at_one_place: bool = True
) -> Iterator[tuple[str, Tree]]:
    """Derivatives, each with one of the rules broken everywhere, or at one place where there are several."""
    read = _Read(variable)
    right = _Breaker(variable, read=read)
    right(tree)
    for broken in breaks:
        parts = dict.fromkeys(part for rule, part in right.met if rule in broken.rules)
        if parts:
            yield broken.mistake, _Breaker(variable, broken, read=read)(tree)
        if at_one_place and len(parts) > 1:
            for part in list(parts)[:MOST_PLACES]:
                yield broken.mistake, _Breaker(variable, broken, part, read=read)(tree)
