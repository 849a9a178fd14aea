"""What a scalar may be made of: shapes with gaps for numbers, and the numbers that stand in the gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.calculus.simplifying import simplify
from grader.errors import GraderError
from grader.mistakes.leaves import CLOSE, Leaf, Leaves, Values, values_at
from grader.reading.tree import ONE, Tree, add, literal_value, multiply, name, names_in, substitute

GAP = "gap_"
KEY = "key_"
ABOVE = "above"
MOST_GAPS = 10
LARGEST_GAP = 10**300  # a float holds it
MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True)
class Situation:
    """A variant: its quantities by name, its key taken apart, and the points at which answers are compared."""

    names: Mapping[str, Tree]
    key: Leaves
    points: tuple[Mapping[str, Fraction], ...]

    def references(self) -> dict[str, Tree]:
        """All that an answer may be compared with: the quantities, and the entries of the key."""
        return {**self.names, **{f"{KEY}{place}": leaf.tree for place, leaf in enumerate(self.key.leaves, start=1)}}


@dataclass(frozen=True, slots=True)
class Gapped:
    """A shape and what stands in its gaps, each with how far it may be off."""

    shape: Tree
    gaps: tuple[tuple[float, float], ...]


def filled(shape: Tree, formulas: Sequence[Tree]) -> Tree:
    """The shape with formulas in its gaps."""
    return _tidy(substitute(shape, {f"{GAP}{place}": tree for place, tree in enumerate(formulas)}))


def gapped(
    leaf: Leaf, own: tuple[str, Leaf | None], expressions: Mapping[str, Values], above: Leaf | None
) -> Iterator[Gapped]:
    """The shapes that a scalar has: beside its own entry of the key, beside other expressions, and by itself."""
    if leaf.is_number:
        yield from _number(leaf, own, above)
        return
    for reference, values in expressions.items():
        quotient = constant_of(leaf.values, values, is_quotient=True)
        if quotient is not None:
            yield Gapped(multiply(name(GAP + "0"), name(reference)), ((quotient, 0.0),))
        difference = constant_of(leaf.values, values, is_quotient=False) if reference == own[0] else None
        if difference is not None:
            yield Gapped(add(name(reference), name(GAP + "0")), ((difference, 0.0),))
    yield from _by_itself(leaf)


def constant_of(mine: Values, theirs: Values, *, is_quotient: bool) -> float | None:
    """The quotient or difference of two expressions, where it is the same at all points."""
    found: list[float] = []
    for x, y in zip(mine, theirs, strict=False):
        if x is None or y is None:
            if x is not y:
                return None
            continue
        if is_quotient and not y:
            if x:
                return None
            continue
        found.append(x / y if is_quotient else x - y)
    if len(found) < 2:
        return None
    scale = max(1.0, *(abs(x) for x in mine if x is not None)) if not is_quotient else max(map(abs, found))
    return found[0] if max(found) - min(found) <= 10 * CLOSE * scale else None


def _number(leaf: Leaf, own: tuple[str, Leaf | None], above: Leaf | None) -> Iterator[Gapped]:
    """A number by itself, beside its own entry of the key, and beside the entry above."""
    value = leaf.value
    if value is None:
        return
    yield Gapped(name(GAP + "0"), ((value, leaf.slack),))
    for reference, other in (own, (ABOVE, above)):
        if other is None or not other.is_number or other.value is None:
            continue
        slack = leaf.slack + other.slack
        yield Gapped(add(name(reference), name(GAP + "0")), ((value - other.value, slack),))
        if other.value:
            share = value / other.value
            reach = slack * (1 + abs(share)) / abs(other.value)
            yield Gapped(multiply(name(GAP + "0"), name(reference)), ((share, reach),))


def _by_itself(leaf: Leaf) -> Iterator[Gapped]:
    """The scalar in tidy form, with gaps for all of its numbers; as it is where it cannot be looked into."""
    if all(value is None for value in leaf.values):
        yield Gapped(leaf.tree, ())
        return
    for tree in dict.fromkeys((leaf.tree, _tidied(leaf.tree))):
        gaps: list[Fraction] = []
        shape = _opened(tree, gaps)
        if 0 < len(gaps) <= MOST_GAPS and all(abs(gap) < LARGEST_GAP for gap in gaps):
            yield Gapped(shape, tuple((float(gap), 0.0) for gap in gaps))


def _tidied(tree: Tree) -> Tree:
    try:
        return simplify(tree)
    except GraderError:
        return tree


def _gap(value: Fraction, gaps: list[Fraction]) -> Tree:
    gaps.append(value)
    return name(f"{GAP}{len(gaps) - 1}")


def _opened(tree: Tree, gaps: list[Fraction]) -> Tree:
    """The tree with a gap for every number, and one before every term that has no factor."""
    value = literal_value(tree)
    if value is not None:
        return _gap(value, gaps)
    if tree.kind == "sum":
        return add(*[_term(term, gaps) for term in tree.args])
    if tree.kind in {"neg", "product", "quotient"}:
        return _term(tree, gaps)
    return tree._replace(args=tuple(_opened(arg, gaps) for arg in tree.args)) if tree.args else tree


def _term(tree: Tree, gaps: list[Fraction]) -> Tree:
    """A term as one number times the rest."""
    factor, over, under = _parted(tree)
    if not over and not under:
        return _gap(factor, gaps)
    rest = [_opened(each, gaps) for each in over]
    whole = multiply(_gap(factor, gaps), *rest)
    if not under:
        return whole
    return Tree("quotient", (whole, multiply(*[_opened(each, gaps) for each in under])))


def _parted(tree: Tree) -> tuple[Fraction, list[Tree], list[Tree]]:
    """The number in front of a term, what is above its line and what is below."""
    value = literal_value(tree)
    if value is not None:
        return value, [], []
    if tree.kind == "neg":
        factor, over, under = _parted(tree.args[0])
        return -factor, over, under
    if tree.kind == "product":
        number, above, below = Fraction(1), list[Tree](), list[Tree]()
        for arg in tree.args:
            factor, over, under = _parted(arg)
            number, above, below = number * factor, above + over, below + under
        return number, above, below
    if tree.kind == "quotient":
        factor, over, under = _parted(tree.args[0])
        divisor, low, high = _parted(tree.args[1])
        if divisor:
            return factor / divisor, over + high, under + low
    return Fraction(1), [tree], []


def _tidy(tree: Tree) -> Tree:
    """Without factors one and terms zero, so that it reads well."""
    args = tuple(_tidy(arg) for arg in tree.args)
    tree = tree._replace(args=args) if args != tree.args else tree
    if tree.kind == "product":
        kept = [arg for arg in args if arg != ONE]
        if any(arg.kind == "number" and not float(arg.value) for arg in kept):
            return Tree("number", (), "0")
        if kept and kept[0] == Tree("neg", (ONE,)) and len(kept) > 1:
            return Tree("neg", (multiply(*kept[1:]),))
        return multiply(*kept)
    if tree.kind == "sum":
        return add(*[arg for arg in args if literal_value(arg) != 0])
    if tree.kind == "power" and args[1] == ONE:
        return args[0]
    return tree


def expressions_in(situation: Situation) -> dict[str, Values]:
    """The references that hold a variable, with their values."""
    found = {each: tree for each, tree in situation.references().items() if names_in(tree)}
    keys = [each for each in found if each.startswith(KEY)]
    others = [each for each in found if not each.startswith(KEY)]
    wanted = [*keys[:MOST_REFERENCES], *others[:MOST_REFERENCES]]
    return {each: values_at(found[each], situation.points) for each in wanted}
