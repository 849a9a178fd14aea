"""Wrong answers to one question, given in many variants, grouped by what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.checking.domain import Domain
from grader.checking.equality import Budget, decide
from grader.checking.verdict import Outcome
from grader.errors import GraderError
from grader.mistakes.cases import Case, Changed, Group, Pattern, Where, look_equal
from grader.mistakes.patterns import Situation
from grader.mistakes.searching import Search

MOST_DECISIONS = 400
FEW = 4
"""Of a large grid, one entry in so many may come out right by itself where a mistake has touched it."""
_CHEAP = Budget(nodes=0)


def group(
    cases: Sequence[Case], situations: Sequence[Situation], domain: Domain, changed: Changed = lambda *_: None
) -> list[Group]:
    """The cases in groups, the largest first; every case is in exactly one."""
    search = Search(cases, situations, changed)
    patterns = search.patterns()
    named: dict[int, Group] = {}
    for place, case in enumerate(cases):
        if case.mistake is not None:
            named[place] = Group((place,), case.mistake, case.where)
    of_pattern = _shared(patterns)
    groups = _nested(_joined(cases, named, of_pattern))
    taken = {place for each in groups for place in each.members}
    rest = [place for place in range(len(cases)) if place not in taken]
    groups.extend(_same(cases, rest, domain))
    return sorted(groups, key=lambda each: (-len(each.members), each.members))


def _shared(patterns: Mapping[Pattern, frozenset[int]]) -> list[Group]:
    """Each case to the pattern that explains most, so that no case is in two groups."""
    taken: set[int] = set()
    found = []
    order = sorted(patterns.items(), key=lambda pair: (-len(pair[1]), _length(pair[0]), str(pair[0])))
    for pattern, members in order:
        new = members - taken
        if new:
            taken |= new
            found.append(Group(tuple(sorted(new)), pattern=pattern))
    return found


def _length(pattern: Pattern) -> int:
    trees = [*pattern.entries, *(tree for _, tree in pattern.changed)]
    return sum(len(str(tree)) for tree in trees)


def _joined(cases: Sequence[Case], named: Mapping[int, Group], patterns: Sequence[Group]) -> list[Group]:
    """Groups of catalogued mistakes, with the patterns of which more than half are that mistake."""
    members: dict[tuple[str, Where], set[int]] = {}
    for place, each in named.items():
        members.setdefault((each.mistake or "", each.where), set()).add(place)
    kept: list[Group] = []
    known: dict[tuple[str, Where], Pattern] = {}
    for each in patterns:
        said = Counter((cases[p].mistake or "", cases[p].where) for p in each.members if cases[p].mistake)
        (label, count), *_ = [*said.most_common(1), (("", ()), 0)]
        if 2 * count > len(each.members):
            members[label] |= {p for p in each.members if p not in named}
            _gather(cases, members, label, each)
            known.setdefault(label, each.pattern or Pattern())
            continue
        own = tuple(p for p in each.members if p not in named or 2 * count < len(each.members))
        for others in members.values():
            others.difference_update(own)
        if own:
            kept.append(Group(own, pattern=each.pattern))
    made = [
        Group(tuple(sorted(of)), label, where, known.get((label, where)))
        for (label, where), of in members.items()
        if of
    ]
    return [*made, *kept]


def _nested(groups: Sequence[Group]) -> list[Group]:
    """Groups of one mistake that begin at the same entry put together.

    With some numbers an entry that the mistake has touched comes out right all the same.
    """
    kept: list[Group] = []
    for each in sorted(groups, key=lambda one: (-len(one.members), one.members)):
        home = next((place for place, other in enumerate(kept) if _is_within(each, other)), None)
        if home is None:
            kept.append(each)
            continue
        larger = kept[home]
        kept[home] = replace(larger, members=tuple(sorted({*larger.members, *each.members})))
    return kept


def _is_within(each: Group, other: Group) -> bool:
    if each.mistake is None or each.mistake != other.mistake or not each.where or not other.where:
        return False
    return are_alike(each.where, other.where)


def are_alike(first: Where, second: Where) -> bool:
    """Whether two sets of wrong entries may be of one mistake: the same, but for few of many that came out right."""
    if first == second:
        return True
    mine, theirs = set(first), set(second)
    few = max(len(mine), len(theirs)) // FEW
    return first[:1] == second[:1] and (mine <= theirs or theirs <= mine) and len(mine ^ theirs) <= few


def _gather(
    cases: Sequence[Case],
    members: dict[tuple[str, Where], set[int]],
    label: tuple[str, Where],
    each: Group,
) -> None:
    """Bring the members of a pattern together that bear another place or name than most of them."""
    for place in each.members:
        mistake = cases[place].mistake
        if mistake is not None and (mistake, cases[place].where) != label:
            members[(mistake, cases[place].where)].discard(place)
            members[label].add(place)


def _same(cases: Sequence[Case], places: Sequence[int], domain: Domain) -> list[Group]:
    """Cases that no pattern explains: equal answers to the same variant are one group."""
    found: list[list[int]] = []
    by_look: dict[object, list[list[int]]] = {}
    decisions = 0
    for place in places:
        case = cases[place]
        alike = by_look.setdefault((case.variant, case.leaves.frame, len(case.leaves.leaves)), [])
        for others in alike:
            first = cases[others[0]]
            if not look_equal(case.leaves, first.leaves):
                continue
            decisions += 1
            if first.tree == case.tree or (decisions <= MOST_DECISIONS and _are_equal(case, first, domain)):
                others.append(place)
                break
        else:
            alike.append([place])
            found.append(alike[-1])
    return [Group(tuple(each)) for each in found]


def _are_equal(first: Case, second: Case, domain: Domain) -> bool:
    pairs = zip(first.leaves.leaves, second.leaves.leaves, strict=True)
    try:
        return all(decide(one.tree, other.tree, domain, _CHEAP).outcome is Outcome.EQUAL for one, other in pairs)
    except GraderError:
        return False
