"""A normal form of indexed expressions: sums of products of entries, with deltas contracted.

Two expressions of one form are equal at all sizes. Dummy indices are renamed: among all orders of
the dummies of a term the one that sorts first is taken, so `sum_k A_ik B_kj` and `sum_l B_lj A_il`
have one form. What is no sum or product (`exp`, a quotient's denominator) is kept as a factor, with
the form of what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations
from typing import NamedTuple

from grader.checking.domain import Domain
from grader.checking.ranges import Ranges, Size
from grader.reading.tree import Tree, is_deeper_than, literal_value, number, substitute, walk

# Deeper trees have no normal form: every level of one takes several of Python's own.
DEEPEST = 40
MOST_TERMS = 120
MOST_DUMMIES = 4
MOST_STEPS = 20_000
LARGEST_POWER = 6
BOUND = "$"
OPAQUE = frozenset({"call", "power", "apply", "factorial", "percent"})


class NoForm(Exception):
    """The expression is too large, or of a kind that has no such form."""


class Term(NamedTuple):
    """A coefficient, factors with their exponents, and dummies with the sizes that they run over."""

    coefficient: Fraction
    factors: tuple[tuple[Tree, int], ...] = ()
    dummies: tuple[tuple[str, Size], ...] = ()


def same_form(first: Tree, second: Tree, ranges: Ranges, domain: Domain) -> bool:
    """Whether both have one normal form; the ends of their sums must be written out."""
    if is_deeper_than(first, DEEPEST) or is_deeper_than(second, DEEPEST):
        return False
    try:
        return Former(ranges, domain).form(first) == Former(ranges, domain).form(second)
    except NoForm:
        return False


@dataclass(slots=True)
class Former:
    """Builds normal forms; counts its steps."""

    ranges: Ranges
    domain: Domain
    steps: int = 0
    fresh: int = 0
    forms: dict[Tree, Tree] = field(default_factory=dict)

    def form(self, tree: Tree) -> Tree:
        """The normal form as a tree; dummies are called `$height.place`."""
        known = self.forms.get(tree)
        if known is None:
            found: dict[Tree, Fraction] = {}
            for term in self.terms(tree):
                for settled in self.contracted(term):
                    ordered = self.ordered(settled)
                    found[ordered] = found.get(ordered, Fraction(0)) + settled.coefficient
            kept = sorted((term for term, coefficient in found.items() if coefficient), key=repr_of)
            parts = tuple(Tree("product", (number(found[term]), term)) for term in kept)
            known = self.forms[tree] = Tree("sum", parts)
        return known

    def step(self) -> None:
        """Count one step; NoForm past the bound."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise NoForm

    def terms(self, tree: Tree) -> list[Term]:
        """The terms of the tree multiplied out."""
        self.step()
        if tree.kind in {"number", "percent"}:
            value = literal_value(tree)
            return [Term(value)] if value is not None else self.opaque(tree)
        if tree.kind == "neg":
            return [term._replace(coefficient=-term.coefficient) for term in self.terms(tree.args[0])]
        if tree.kind == "sum":
            return self.few([term for arg in tree.args for term in self.terms(arg)])
        if tree.kind == "product":
            return self.multiplied([self.terms(arg) for arg in tree.args])
        if tree.kind == "quotient":
            return self.multiplied([self.terms(tree.args[0]), self.power(tree.args[1], -1)])
        if tree.kind == "power":
            return self.raised(tree)
        if tree.kind == "sigma":
            return self.summed(tree)
        return self.opaque(tree)

    def few(self, terms: list[Term]) -> list[Term]:
        """The terms, if they are not too many."""
        if len(terms) > MOST_TERMS:
            raise NoForm
        return terms

    def multiplied(self, factors: list[list[Term]]) -> list[Term]:
        """The product of sums of terms."""
        result = [Term(Fraction(1))]
        for each in factors:
            if len(result) * len(each) > MOST_TERMS:
                raise NoForm
            result = [_times(left, right) for left in result for right in each]
        return result

    def raised(self, tree: Tree) -> list[Term]:
        """A power: multiplied out where the exponent is a small whole number."""
        base, exponent = tree.args
        if base.kind == "constant" and base.value == "e":
            return self.opaque(Tree("call", (exponent,), "exp"))
        value = literal_value(exponent)
        if value is None or value.denominator != 1 or value == 0 or abs(value) > LARGEST_POWER:
            return self.opaque(tree)
        return self.power(base, int(value))

    def power(self, base: Tree, exponent: int) -> list[Term]:
        """A whole power; each copy of the base has dummies of its own."""
        if exponent > 0:
            return self.multiplied([self.terms(base) for _ in range(exponent)])
        terms = self.terms(base)
        if len(terms) == 1 and not terms[0].dummies and terms[0].coefficient:
            only = terms[0]
            inverse = tuple((factor, power * exponent) for factor, power in only.factors)
            return [Term(only.coefficient**exponent, inverse)]
        return [Term(Fraction(1), ((base, exponent),))]

    def summed(self, tree: Tree) -> list[Term]:
        """A sum from 1 to a size: a dummy in each term; any other sum is kept as it is."""
        body, lower, upper = tree.args
        size = upper.value if upper.kind == "name" else literal_value(upper)
        if literal_value(lower) != 1 or size is None or (isinstance(size, str) and size not in self.ranges.letters):
            raise NoForm
        self.fresh += 1
        dummy = f"{BOUND}new{self.fresh}"
        inner = substitute(body, {tree.value: Tree("name", (), dummy)})
        known: Size = (
            int(size) if not isinstance(size, str) else self.ranges.letters[0] if self.ranges.is_square else size
        )
        return [term._replace(dummies=(*term.dummies, (dummy, known))) for term in self.terms(inner)]

    def opaque(self, tree: Tree) -> list[Term]:
        """One factor that is not looked into further."""
        if tree.kind in {"name", "entry", "constant"}:
            return [Term(Fraction(1), ((tree, 1),))]
        if tree.kind not in OPAQUE:
            raise NoForm
        if self.ranges.is_delta(tree):
            return [Term(Fraction(1), ((tree._replace(kind="entry"), 1),))]
        return [Term(Fraction(1), ((tree, 1),))]

    def settled(self, tree: Tree) -> Tree:
        """A factor with the form of its arguments; the indices of a symmetric array in order."""
        if tree.kind == "entry":
            is_symmetric = "symmetric" in self.domain.variable(tree.value).assumptions
            if is_symmetric or self.ranges.is_delta(tree):
                return tree._replace(args=tuple(sorted(tree.args, key=repr_of)))
            return tree
        if tree.kind in OPAQUE:
            return tree._replace(args=tuple(self.form(arg) for arg in tree.args))
        return tree if tree.kind in {"name", "constant"} else self.form(tree)

    def contracted(self, term: Term) -> list[Term]:
        """The term with its deltas used up; no term where a delta is of two different numbers."""
        sizes: dict[str, Size | None] = {**self.ranges.indices, **dict(term.dummies)}
        dummies = dict(term.dummies)
        kept: dict[Tree, int] = {}
        renamed: dict[str, Tree] = {}
        deltas = [factor for factor, _ in term.factors if self.ranges.is_delta(factor)]
        if any(exponent < 0 and self.ranges.is_delta(factor) for factor, exponent in term.factors):
            raise NoForm
        for delta in deltas:
            first, second = (_followed(arg, renamed) for arg in delta.args)
            if first == second:
                continue
            if first.kind == second.kind == "number":
                return []
            own, other = _size(first, sizes), _size(second, sizes)
            if own is None or other is None or not self.ranges.same(own, other):
                if "number" not in {first.kind, second.kind}:
                    if {first.value, second.value} & dummies.keys():
                        raise NoForm
                    kept[delta._replace(args=(first, second))] = 1
                    continue
                letter = first if first.kind == "name" else second
                if letter.value not in dummies or not self.holds(first, second, sizes):
                    kept[delta._replace(args=(first, second))] = 1
                    continue
            goes, stays = (first, second) if _goes_first(first, second, dummies) else (second, first)
            renamed[goes.value] = stays
            if goes.value in dummies:
                del dummies[goes.value]
            else:
                kept[delta._replace(args=(stays, goes))] = 1
        final = {name: _followed(tree, renamed) for name, tree in renamed.items()}
        gone = [(name, size) for name, size in term.dummies if name in dummies]
        factors = [(substitute(f, final), power) for f, power in term.factors if not self.ranges.is_delta(f)]
        free_deltas = [(_settled_delta(delta, final), 1) for delta in kept]
        return [_unused(Term(term.coefficient, _merged([*factors, *free_deltas]), tuple(gone)))]

    def holds(self, first: Tree, second: Tree, sizes: Mapping[str, Size | None]) -> bool:
        """Whether the index takes the number's value: not where its size is a smaller number."""
        index, value = (first, second) if first.kind == "name" else (second, first)
        size = sizes.get(index.value)
        return isinstance(size, str) or (size is not None and int(value.value) <= size)

    def ordered(self, term: Term) -> Tree:
        """The term without its coefficient, its dummies renamed so that it sorts first."""
        names = [name for name, _ in term.dummies]
        if len(names) > MOST_DUMMIES:
            raise NoForm
        best: tuple[str, Tree] | None = None
        sizes = dict(term.dummies)
        # Larger than the height of any dummy bound inside a factor, so that none is captured.
        height = 1 + max([0, *(_height(factor) for factor, _ in term.factors)])
        for order in permutations(names):
            new = {name: Tree("name", (), f"{BOUND}{height}.{place}") for place, name in enumerate(order)}
            settled = [(self.built(substitute(factor, new)), power) for factor, power in term.factors]
            built = [Tree("power", (base, number(power))) for base, power in _merged(settled)]
            built.sort(key=repr_of)
            ends = tuple(Tree("name", (), str(sizes[name])) for name in order)
            whole = Tree("term", (Tree("product", tuple(built)), *ends))
            text = repr_of(whole)
            if best is None or text < best[0]:
                best = (text, whole)
        assert best is not None  # noqa: S101 - there is always the one empty order
        return best[1]

    def built(self, factor: Tree) -> Tree:
        """A factor in its form."""
        self.step()
        return self.settled(factor)


def repr_of(tree: Tree) -> str:
    """A text by which trees are sorted: equal for equal trees only, as every node says how many arguments follow."""
    return ",".join([f"{node.kind}:{node.value}/{len(node.args)}" for node in walk(tree)])


def _times(left: Term, right: Term) -> Term:
    return Term(
        left.coefficient * right.coefficient,
        _merged([*left.factors, *right.factors]),
        (*left.dummies, *right.dummies),
    )


def _merged(factors: list[tuple[Tree, int]]) -> tuple[tuple[Tree, int], ...]:
    """Equal factors with their exponents added."""
    powers: dict[Tree, int] = {}
    for factor, power in factors:
        powers[factor] = powers.get(factor, 0) + power
    return tuple((factor, power) for factor, power in powers.items() if power)


def _unused(term: Term) -> Term:
    """A sum in which its dummy does not occur is the size times what is summed."""
    used = {node.value for factor, _ in term.factors for node in walk(factor) if node.kind == "name"}
    coefficient, factors, dummies = term.coefficient, list(term.factors), []
    for name, size in term.dummies:
        if name in used:
            dummies.append((name, size))
        elif isinstance(size, int):
            coefficient *= size
        else:
            factors.append((Tree("name", (), size), 1))
    return Term(coefficient, _merged(factors), tuple(dummies))


def _followed(tree: Tree, renamed: Mapping[str, Tree]) -> Tree:
    """The index that this one was renamed to in the end."""
    while tree.kind == "name" and tree.value in renamed:
        tree = renamed[tree.value]
    return tree


def _size(tree: Tree, sizes: Mapping[str, Size | None]) -> Size | None:
    return sizes.get(tree.value) if tree.kind == "name" else None


def _goes_first(first: Tree, second: Tree, dummies: Mapping[str, Size]) -> bool:
    """Whether the first of two indices is the one to rename: a dummy before a free one, never a number."""
    ranks = [(each.kind == "name", each.value in dummies, each.value) for each in (first, second)]
    return ranks[0] > ranks[1]


def _settled_delta(delta: Tree, renamed: Mapping[str, Tree]) -> Tree:
    """A delta between free indices, from the one that stays."""
    goes = delta.args[1]
    return delta._replace(args=tuple(sorted((_followed(delta.args[0], renamed), goes), key=repr_of)))


def _height(tree: Tree) -> int:
    """How deep sums are nested inside."""
    return max([0, *(_height(arg) for arg in tree.args)]) + (tree.kind == "sigma")
