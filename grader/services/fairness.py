"""Whether variants, and values of parameters, are as hard as the others: shares compared, false alarms held down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from grader.bank.scalars import exact_number
from grader.services.item_statistics import Share, fisher_exact, holm, share

LEAST_IN_GROUP = 5
"""Groups of fewer students are not compared: chance alone makes anything of them."""
LIMIT = 0.05
LEAST_DIFFERENCE = 0.1
"""A smaller difference between shares is of no consequence, however certain it is."""
MOST_VALUES = 8
"""A parameter with more different numbers is compared by ranges of them."""
RANGES = 4


class Tried(NamedTuple):
    """What one student made of a problem: in which group, right at the first try, right in the end."""

    group: str
    first_try: bool
    solved: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Students with the same variant or value; `chance` that their first tries differ so by chance alone.

    `others` is the share of all other students but those of groups that are flagged more clearly.
    """

    label: str
    first_try: Share
    solved: Share
    others: Share
    chance: float

    @property
    def is_unfair(self) -> bool:
        """Whether it is certainly, and noticeably, easier or harder than the rest."""
        return self.chance < LIMIT and abs(self.difference) >= LEAST_DIFFERENCE

    @property
    def difference(self) -> float:
        """The share right at the first try less that of all others."""
        return (self.first_try.value or 0.0) - (self.others.value or 0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The groups that are large enough, in order; `few` others with `few_students` in them are too small."""

    groups: tuple[Group, ...]
    few: int
    few_students: int

    @property
    def unfair(self) -> tuple[Group, ...]:
        """The groups that are flagged."""
        return tuple(group for group in self.groups if group.is_unfair)


class _Tally(NamedTuple):
    """How many of a group are right at the first try, and in the end."""

    hits: int = 0
    solved: int = 0
    total: int = 0


class _Counted(NamedTuple):
    """One group beside all others."""

    label: str
    mine: _Tally
    other_hits: int
    other_total: int

    def chance(self) -> float:
        """Of so large a difference, by chance alone; with too few others anything is chance."""
        if self.other_total < LEAST_IN_GROUP:
            return 1.0
        return fisher_exact(self.mine.hits, self.mine.total, self.other_hits, self.other_total)

    def group(self, chance: float) -> Group:
        """As it is shown."""
        mine, others = self.mine, share(self.other_hits, self.other_total)
        return Group(self.label, share(mine.hits, mine.total), share(mine.solved, mine.total), others, chance)


def compare(rows: Sequence[Tried]) -> Comparison:
    """The groups of one way to divide the students, each against all others."""
    return compare_all([rows])[0]


def compare_all(tables: Sequence[Sequence[Tried]]) -> tuple[Comparison, ...]:
    """Several ways to divide the students; Holm's correction is over all their groups together.

    A group that is flagged is taken out before the others are compared again: beside one hard variant,
    the fair ones would look easy.
    """
    tallies = [_tallies(rows) for rows in tables]
    flagged: list[dict[str, Group]] = [{} for _ in tables]
    while True:
        rest = [_compared(each, found) for each, found in zip(tallies, flagged, strict=True)]
        chances = iter(holm([one.chance() for groups in rest for one in groups]))
        seen = [[one.group(next(chances)) for one in groups] for groups in rest]
        worst = [min((one for one in groups if one.is_unfair), key=_guilt, default=None) for groups in seen]
        for found, one in zip(flagged, worst, strict=True):
            if one is not None:
                found[one.label] = one
        if not any(worst):
            break
    return tuple(
        _comparison(each, [*groups, *found.values()])
        for each, groups, found in zip(tallies, seen, flagged, strict=True)
    )


def _comparison(tallies: Mapping[str, _Tally], groups: Iterable[Group]) -> Comparison:
    few = [tally.total for tally in tallies.values() if tally.total < LEAST_IN_GROUP]
    return Comparison(tuple(sorted(groups, key=lambda one: _order(one.label))), len(few), sum(few))


def _guilt(group: Group) -> tuple[float, float]:
    """What is least likely by chance comes first, of two alike the harder."""
    return group.chance, group.difference


def groups_of_values(texts: Mapping[int, str]) -> Mapping[int, str]:
    """The group of each seed by its value of a parameter: the value, or where there are many numbers a range."""
    numbers = {seed: _number(text) for seed, text in texts.items()}
    known = [number for number in numbers.values() if number is not None]
    if len(set(texts.values())) <= MOST_VALUES or len(known) < len(texts):
        return texts
    row = sorted(known)
    ends = [row[(len(row) * place) // RANGES] for place in range(1, RANGES)]
    found: dict[int, list[int]] = {}
    for seed, number in numbers.items():
        found.setdefault(sum(number is not None and number >= end for end in ends), []).append(seed)
    return {seed: _range(texts, seeds) for seeds in found.values() for seed in seeds}


def _range(texts: Mapping[int, str], seeds: Iterable[int]) -> str:
    """The least and the greatest of these values."""
    values = sorted({texts[seed] for seed in seeds}, key=lambda text: _number(text) or 0)
    return values[0] if len(values) == 1 else f"{values[0]} … {values[-1]}"


def _tallies(rows: Sequence[Tried]) -> Mapping[str, _Tally]:
    found: dict[str, _Tally] = {}
    for row in rows:
        old = found.get(row.group, _Tally())
        found[row.group] = _Tally(old.hits + row.first_try, old.solved + row.solved, old.total + 1)
    return found


def _compared(tallies: Mapping[str, _Tally], left_out: Collection[str]) -> list[_Counted]:
    """The groups that are large enough, each beside all others that are not left out."""
    here = {label: tally for label, tally in tallies.items() if label not in left_out}
    hits, everybody = sum(tally.hits for tally in here.values()), sum(tally.total for tally in here.values())
    return [
        _Counted(label, tally, hits - tally.hits, everybody - tally.total)
        for label, tally in here.items()
        if tally.total >= LEAST_IN_GROUP
    ]


def _order(label: str) -> tuple[bool, Fraction, str]:
    """Numbers, and ranges by their first number, before words."""
    number = _number(label.split(" … ", maxsplit=1)[0])
    return number is None, number or Fraction(0), label


def _number(text: str) -> Fraction | None:
    try:
        return exact_number(text)
    except ValueError:
        return None
