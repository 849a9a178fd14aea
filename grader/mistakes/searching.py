"""The look for patterns in wrong answers: formulas in the quantities of the problem that fit several variants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.mistakes.cases import Case, Change, Changed, Pattern, look_equal
from grader.mistakes.formulas import Library, surprise
from grader.mistakes.leaves import Leaf, Leaves, Values, values_at
from grader.mistakes.patterns import ABOVE, KEY, Gapped, Situation, expressions_in, filled, gapped
from grader.reading.tree import Tree, add, divide, multiply, name, names_in, neg, number, substitute

FEWEST = 2
"""A formula is kept if it equals answers in so many different variants at least."""
SURE = 3.0
SURE_OF_ENTRY = 1.5
"""How surprising a fit must be: less than one in exp(3) is left to chance, entry by entry less than one in four."""
MOST_BRANCHES = 14
MOST_FOUND = 150
MOST_ROUNDS = 4
MOST_SHOWN = 4
MOST_LOOKED_AT = 60
TRIAL = 8
MOST_CHANGED = 10


@dataclass
class Search:
    """The look for patterns, with what was worked out on the way."""

    cases: Sequence[Case]
    situations: Sequence[Situation]
    changed: Changed
    _features: dict[tuple[int, int], list[Gapped]] = field(default_factory=dict)
    _expected: dict[tuple[int, Tree], Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.references = [situation.references() for situation in self.situations]
        self.expressions = [expressions_in(situation) for situation in self.situations]
        self.library = Library(self._columns())

    def _columns(self) -> dict[str, tuple[float | None, ...]]:
        """The numbers among the quantities, variant by variant, those that are drawn first."""
        names = dict.fromkeys(each for found in self.references for each in found)
        columns = {}
        for each in names:
            trees = [found.get(each) for found in self.references]
            if all(tree is None or not names_in(tree) for tree in trees):
                columns[each] = tuple(None if tree is None else values_at(tree, ({},))[0] for tree in trees)
        return {each: column for each, column in columns.items() if any(value is not None for value in column)}

    def patterns(self) -> dict[Pattern, frozenset[int]]:
        """The patterns that hold in two variants at least, each with the cases that it explains.

        Of two that explain the same cases the first is kept: of a few entries, formulas say more than that
        a quantity was taken for another; of a large table, the other way round.
        """
        found: dict[Pattern, frozenset[int]] = {}
        for frame, places in self._frames().items():
            is_large = len(self.cases[places[0]].leaves.leaves) > MOST_SHOWN
            looks = (self._from_changes, self._from_entries)
            for look in looks if is_large else reversed(looks):
                look(frame, places, found)
        return found

    def _from_changes(
        self, frame: tuple[object, ...], places: Sequence[int], found: dict[Pattern, frozenset[int]]
    ) -> None:
        for pattern in self._changes(frame, places):
            self._keep(pattern, places, found)

    def _from_entries(
        self, frame: tuple[object, ...], places: Sequence[int], found: dict[Pattern, frozenset[int]]
    ) -> None:
        """Look at what is not explained yet, again and again, until nothing is found any more."""
        for _ in range(MOST_ROUNDS):
            explained = frozenset().union(*found.values()) if found else frozenset()
            rest = [place for place in places if place not in explained]
            before = len(found)
            for entries in self._grown(rest, 0, (), 0.0):
                self._keep(Pattern(frame, entries), places, found)
                if len(found) > MOST_FOUND:
                    return
            if len(found) == before:
                return

    def _frames(self) -> dict[tuple[object, ...], list[int]]:
        frames: dict[tuple[object, ...], list[int]] = {}
        for place, case in enumerate(self.cases):
            frames.setdefault(case.leaves.frame, []).append(place)
        return frames

    def _keep(self, pattern: Pattern, places: Iterable[int], found: dict[Pattern, frozenset[int]]) -> None:
        """Keep the pattern with all cases that it explains, if they are of two variants at least."""
        if pattern in found:
            return
        members = frozenset(place for place in places if self.explains(pattern, place))
        if len({self.cases[place].variant for place in members}) >= FEWEST and members not in found.values():
            found[pattern] = members

    def explains(self, pattern: Pattern, place: int) -> bool:
        """Whether the case is what the pattern says."""
        case = self.cases[place]
        if pattern.changed:
            leaves = self.changed(case.variant, pattern.changed)
            return leaves is not None and leaves.frame == case.leaves.frame and look_equal(case.leaves, leaves)
        return all(
            leaf.agrees(self._value(case, spot, tree))
            for spot, (leaf, tree) in enumerate(zip(case.leaves.leaves, pattern.entries, strict=True))
        )

    def _value(self, case: Case, spot: int, tree: Tree) -> Values:
        known = (case.variant, tree)
        if known in self._expected:
            return self._expected[known]
        leaf, above = case.leaves.leaves[spot], above_in(case.leaves, spot)
        values = expected(tree, self.references[case.variant], leaf, above, self.situations[case.variant])
        if ABOVE not in names_in(tree):
            self._expected[known] = values
        return values

    def _changes(self, frame: tuple[object, ...], places: Sequence[int]) -> Iterator[Pattern]:
        """What would be right if one quantity had another value, tried in a few variants first."""
        by_variant: dict[int, list[int]] = {}
        for place in places:
            by_variant.setdefault(self.cases[place].variant, []).append(place)
        trial = list(by_variant)[:TRIAL]
        if len(trial) < FEWEST or len(self.situations[trial[0]].key.leaves) == 0:
            return
        tried = _changes_of(self.situations[trial[0]].names)
        for pattern in (Pattern(frame, changed=change) for change in tried):
            fits = [v for v in trial if any(self.explains(pattern, p) for p in by_variant[v])]
            share = 0.02 if all(self.cases[p].leaves.leaves[0].is_number for p in places[:1]) else 0.001
            share **= min(3, max(1, len(self.situations[trial[0]].key.leaves)))
            if len(fits) >= FEWEST and surprise(len(tried), len(trial), [share] * len(fits)) > SURE:
                yield pattern

    def _grown(self, pool: list[int], spot: int, chosen: tuple[Tree, ...], sure: float) -> Iterator[tuple[Tree, ...]]:
        """Formulas for the entries one after the other, each time for the cases that share those before."""
        if not pool:
            return
        if spot == len(self.cases[pool[0]].leaves.leaves):
            if chosen and sure > SURE:
                yield chosen
            return
        for _ in range(MOST_BRANCHES):
            best = self._best(pool, spot)
            if best is None:
                return
            found, tree, members = best
            yield from self._grown(members, spot + 1, (*chosen, tree), sure + found)
            pool = [place for place in pool if place not in set(members)]

    def _best(self, pool: Sequence[int], spot: int) -> tuple[float, Tree, list[int]] | None:
        """The formula for one entry that fits the cases least by chance."""
        shapes: dict[Tree, list[tuple[int, Gapped]]] = {}
        for place in pool:
            for each in self._features_of(place, spot):
                shapes.setdefault(each.shape, []).append((place, each))
        found: list[tuple[float, Tree, list[int]]] = []
        for shape, having in shapes.items():
            if len({self.cases[place].variant for place, _ in having}) < FEWEST:
                continue
            one = self._filled(shape, having)
            if one is not None:
                found.append(one)
        return None if not found else self._plainest(found, spot)

    def _plainest(self, found: Sequence[tuple[float, Tree, list[int]]], spot: int) -> tuple[float, Tree, list[int]]:
        """The surest formula; of those that explain as much the shortest, and the entry of the key before all."""
        sure, tree, members = max(found, key=lambda each: each[0])
        own = self.situations[self.cases[members[0]].variant].key.leaves
        if spot < len(own) and all(self._is_right(place, spot) for place in members):
            return sure, name(f"{KEY}{spot + 1}"), members
        covered = set(members)
        alike = [each for each in found if covered <= set(each[2])]
        return min(alike, key=lambda each: (len(str(each[1])), -each[0]), default=(sure, tree, members))

    def _is_right(self, place: int, spot: int) -> bool:
        case = self.cases[place]
        own = self.situations[case.variant].key.leaves
        return spot < len(own) and case.leaves.leaves[spot].agrees(own[spot].values)

    def _features_of(self, place: int, spot: int) -> list[Gapped]:
        known = self._features.get((place, spot))
        if known is None:
            case = self.cases[place]
            leaf, above = case.leaves.leaves[spot], above_in(case.leaves, spot)
            keys = self.situations[case.variant].key.leaves
            own = (f"{KEY}{spot + 1}", keys[spot] if spot < len(keys) else None)
            found = gapped(leaf, own, self.expressions[case.variant], above)
            known = self._features[(place, spot)] = list(found)
        return known

    def _filled(self, shape: Tree, having: list[tuple[int, Gapped]]) -> tuple[float, Tree, list[int]] | None:
        """The shape with the formulas in its gaps that fit best, one gap after the other."""
        chosen: list[Tree] = []
        sure = 0.0 if having[0][1].gaps else SURE * len({self.cases[place].variant for place, _ in having})
        for gap in range(len(having[0][1].gaps)):
            found = self._formula(having, gap)
            if found is None:
                return None
            more, tree, fitting = found
            having = [each for each in having if each[0] in fitting]
            sure += more
            chosen.append(tree)
        is_right = len(chosen) == 1 and chosen[0].kind == "name" and chosen[0].value.startswith(KEY)
        least = 0.0 if is_right else SURE_OF_ENTRY
        return (sure, filled(shape, chosen), [place for place, _ in having]) if sure > least else None

    def _formula(self, having: list[tuple[int, Gapped]], gap: int) -> tuple[float, Tree, set[int]] | None:
        """The formula that stands in this gap of the most cases, by how little chance can have done it."""
        library = self.library
        fits: dict[int, dict[int, float]] = {}
        members: dict[int, set[int]] = {}
        for place, one in having:
            variant = self.cases[place].variant
            numbers = library.matching(variant, *one.gaps[gap])
            share = len(numbers) / len(library.formulas)
            for formula in numbers:
                fits.setdefault(formula, {}).setdefault(variant, share)
                members.setdefault(formula, set()).add(place)
        among = len({self.cases[place].variant for place, _ in having})
        likely = sorted(fits, key=lambda each: (-len(fits[each]), each))[:MOST_LOOKED_AT]
        best: tuple[float, int] | None = None
        for formula in likely:
            shares = list(fits[formula].values())
            if len(shares) < FEWEST:
                continue
            sure = surprise(library.upto(library.formulas[formula].size), among, shares)
            if best is None or sure > best[0]:
                best = (sure, formula)
        return None if best is None else (best[0], library.formulas[best[1]].tree, members[best[1]])


def expected(
    tree: Tree, references: Mapping[str, Tree], leaf: Leaf, above: Leaf | None, situation: Situation
) -> Values:
    """The values that a formula has where a leaf is looked at."""
    given = {**references, ABOVE: above.tree} if above is not None else references
    values = values_at(substitute(tree, given), situation.points)
    return values if len(values) == len(leaf.values) else values[:1] * len(leaf.values)


def above_in(leaves: Leaves, spot: int) -> Leaf | None:
    """The entry above in a matrix or table; the one before in a list of numbers."""
    before = spot - leaves.columns
    return leaves.leaves[before] if before >= 0 else None


def _changes_of(names: Mapping[str, Tree]) -> list[Change]:
    """What the quantities may have been taken for: one of them for something else, or two at once."""
    numbers = [each for each, tree in names.items() if not names_in(tree)][:MOST_CHANGED]
    found: list[Change] = []
    for each in numbers:
        own = name(each)
        others = [neg(own), multiply(number(2), own), divide(own, number(2)), number(0), number(1)]
        others += [add(own, number(1)), add(own, neg(number(1)))]
        found += [((each, other),) for other in others]
        found += [((each, name(other)),) for other in numbers if other != each]
    for place, first in enumerate(numbers):
        for second in numbers[place + 1 :]:
            found.append(((first, name(second)), (second, name(first))))
            found.append(((first, neg(name(first))), (second, neg(name(second)))))
    return found
