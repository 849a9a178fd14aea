"""One derivative that was asked for, and all that a single mistake makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from grader.calculus.derivatives import DerivativeTooLong, NotDifferentiable, differentiate
from grader.mistakes.breaking import (
    MOST_NODES,
    Break,
    TooManyRules,
    broken_derivatives,
    derivative,
    relevant,
    within_reason,
)
from grader.mistakes.integrating import antiderivative
from grader.mistakes.recalling import Recalled
from grader.mistakes.rules import BREAKS
from grader.reading.tree import Tree, add, names_in, substitute, walk

MOST_OTHER_NAMES = 4
CANNOT = (NotDifferentiable, DerivativeTooLong, TooManyRules)


class Variant(NamedTuple):
    """What a mistake makes of a derivative."""

    mistake: str
    tree: Tree


_RECALLED: Recalled[Variant] = Recalled()


@dataclass(frozen=True)
class Slope:
    """The derivative of a function by some variables, one after the other, perhaps at a point.

    `of_value` where a number comes of it in the end.
    """

    function: Tree
    orders: tuple[str, ...]
    at: Mapping[str, Tree] = field(default_factory=dict)
    of_value: bool = False

    @cached_property
    def lower(self) -> tuple[Tree, ...]:
        """The function and its derivatives up to the one that is asked for, tidy."""
        found = [self.function]
        for variable in self.orders:
            found.append(differentiate(found[-1], variable, order=self.orders).tree)
        return tuple(found)

    @property
    def right(self) -> Tree:
        """The derivative without any mistake."""
        return self.placed(self.lower[-1])

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The rules that are broken one by one; fewer for a value, which is soon met by chance."""
        return tuple(broken for broken in BREAKS if broken.of_values) if self.ends_in_value else BREAKS

    @property
    def ends_in_value(self) -> bool:
        """Whether it is put into a number, where one place of a rule is not told from another."""
        return self.of_value or bool(self.at)

    def placed(self, tree: Tree) -> Tree:
        """The tree at the point."""
        return substitute(tree, self.at) if self.at else tree

    def variants(self) -> Iterator[Variant]:
        """What one mistake makes of it, the telling ones first; nothing where there is no rule."""
        for mistake, tree in within_reason(self._candidates()):
            yield Variant(mistake, self.placed(tree))

    def all_variants(self) -> tuple[Variant, ...]:
        """The same all at once, for who looks at each of them."""
        question = (self.function, self.orders, dict(self.at), self.of_value)
        return _RECALLED.get(question, self.variants)

    def _candidates(self) -> Iterator[tuple[str, Tree]]:
        for find in _FINDERS:
            try:
                yield from find(self)
            except CANNOT:
                continue


def is_long(tree: Tree) -> bool:
    """Whether the tree has more nodes than a mistake is looked for in."""
    return any(count >= MOST_NODES for count, _ in enumerate(walk(tree)))


def _lower_orders(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """Fewer derivatives than asked for, by any of the variables."""
    for count in range(len(slope.orders) - 1, 0, -1):
        for orders in dict.fromkeys(
            tuple(slope.orders[:count] if turned is False else slope.orders[::-1][:count]) for turned in (False, True)
        ):
            tree = slope.lower[count] if orders == slope.orders[:count] else derivative(slope.function, orders)
            yield "order-too-low", tree


def _broken_rules(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """One rule broken: in the only differentiation, or in the first or in all of several.

    In a value one place is not told from another: too many numbers would fit.
    """
    if len(slope.orders) == 1:
        yield from broken_derivatives(
            slope.function, slope.orders[0], slope.breaks, at_one_place=not slope.ends_in_value
        )
        return
    first, *later = slope.orders
    for mistake, tree in broken_derivatives(slope.function, first, slope.breaks, at_one_place=not slope.ends_in_value):
        if not is_long(tree):
            yield mistake, derivative(tree, later)
    for broken in relevant(slope.function, dict.fromkeys(slope.orders), slope.breaks):
        yield from _broken_in_all(slope, broken)
    if len(set(slope.orders)) == 1 and not is_long(slope.lower[-2]):
        # A rule is broken as easily the second time; of values only that is told apart which happens most.
        again = [each for each in slope.breaks if not slope.ends_in_value or each.mistake == "exponent-factor-missing"]
        yield from broken_derivatives(slope.lower[-2], first, again, at_one_place=False)


def _broken_in_all(slope: Slope, broken: Break) -> Iterator[tuple[str, Tree]]:
    tree = slope.function
    for variable in slope.orders:
        found = next(broken_derivatives(tree, variable, (broken,)), None)
        tree = derivative(tree, (variable,)) if found is None else found[1]
        if is_long(tree):
            return
    yield broken.mistake, tree


def _constants_kept(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """A function that does not depend on the variable, taken over as it is."""
    before = slope.lower[-2]
    if slope.orders[-1] not in names_in(before):
        yield "constant-kept", before


def _undifferentiated(slope: Slope) -> Iterator[tuple[str, Tree]]:
    if slope.orders[-1] in names_in(slope.function):
        yield "not-differentiated", slope.function


def _integrated(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """An antiderivative of the function."""
    variable = slope.orders[-1]
    if len(set(slope.orders)) > 1:
        return
    whole = antiderivative(slope.function, variable)
    if whole is not None:
        yield "integrated-instead", whole


def _other_variables(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """The derivative by another name."""
    for place, wanted in enumerate(slope.orders):
        for other in sorted(names_in(slope.function) - {wanted})[:MOST_OTHER_NAMES]:
            orders = (*slope.orders[:place], other, *slope.orders[place + 1 :])
            everywhere = tuple(other if each == wanted else each for each in slope.orders)
            for changed in dict.fromkeys((orders, everywhere)):
                if sorted(changed) != sorted(slope.orders):
                    yield "wrong-variable", derivative(slope.function, changed)


def _terms(slope: Slope) -> Iterator[tuple[str, Tree]]:
    """The derivative with one of its terms left out."""
    right = slope.lower[-1]
    if right.kind == "sum" and len(slope.orders) == 1:
        for place in range(len(right.args)):
            yield "term-missing", add(*(each for at, each in enumerate(right.args) if at != place))


_FINDERS: tuple[Callable[[Slope], Iterator[tuple[str, Tree]]], ...] = (
    _lower_orders,
    _broken_rules,
    _constants_kept,
    _undifferentiated,
    _integrated,
    _other_variables,
    _terms,
)
