"""The mistake in an answer that is worked out from several quantities, found by working it out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.errors import GraderError
from grader.mistakes.probing import Probe
from grader.mistakes.recipes import Recipe, entries_of
from grader.mistakes.reworking import reworked
from grader.mistakes.sheets import OF_ALL_ENTRIES
from grader.mistakes.steps_taken import reaches_a_point
from grader.reading.tree import Tree, names_in, neg

MOST_ENTRIES = 40
OF_SIGNS = frozenset({"trig-sign", "quotient-sign", "inner-derivative-missing"})
"""Rules that may give a whole expression the other sign."""


def find_in_recipe(recipe: Recipe, response: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes that each explain every entry that is wrong."""
    right, given = entries_of(recipe.key), entries_of(response)
    if len(right) != len(given) or len(right) > MOST_ENTRIES:
        return set()
    probes = [probe(entry) for entry in given]
    wrong = [place for place, pair in enumerate(zip(probes, right, strict=True)) if not pair[0].equals(pair[1])]
    if not wrong:
        return set()
    is_numeric = not any(map(names_in, right))
    has_other_sign = _has_other_sign(probes, right)
    if has_other_sign and is_numeric and not reaches_a_point(recipe):
        return {"sign-flipped"}
    found = _explaining(recipe, probes, right, wrong)
    if has_other_sign and is_numeric:
        # From zero, a step uphill ends where the right one has the other sign.
        return found & {"ascent"} | {"sign-flipped"}
    if has_other_sign:
        return found & OF_SIGNS | {"sign-flipped"}
    if len(wrong) < len(right):
        found -= OF_ALL_ENTRIES
        found -= {"term-missing"} if is_numeric else set()
    # What is left of a formula without one of its terms still holds its variables.
    has_names = any(names_in(probe.tree) for probe in probes)
    return found if is_numeric or has_names else found - {"term-missing"}


def _has_other_sign(probes: Sequence[Probe], right: Sequence[Tree]) -> bool:
    return all(probe.equals(neg(tree)) for probe, tree in zip(probes, right, strict=True))


def _explaining(recipe: Recipe, probes: Sequence[Probe], right: Sequence[Tree], wrong: Sequence[int]) -> set[str]:
    found: set[str] = set()
    explained: dict[str, set[int]] = {}
    for mistake, answer, is_local in reworked(recipe):
        if mistake in found:
            continue
        entries = _entries(answer)
        if len(entries) != len(right):
            continue
        fits = {at for at in wrong if entries[at] != right[at] and probes[at].equals(entries[at])}
        is_whole = len(fits) == len(wrong) and all(
            probes[at].equals(entries[at]) for at in range(len(right)) if at not in fits
        )
        if is_local and fits:
            explained.setdefault(mistake, set()).update(fits)
        if is_whole or (is_local and len(explained.get(mistake, ())) == len(wrong)):
            found.add(mistake)
    return found


def _entries(answer: Tree) -> tuple[Tree, ...]:
    try:
        return entries_of(answer)
    except GraderError:
        return ()
