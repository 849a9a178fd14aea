"""The mistake in an answer that is worked out from several quantities, found by working it out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.errors import GraderError
from grader.mistakes.probing import Probe
from grader.mistakes.recipes import Recipe, entries_of
from grader.mistakes.results import common_factor
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
    if is_numeric and len(right) == 1 and len(found) > 1:
        # Slopes in another order come to many numbers.
        found -= {"wrong-variable"}
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
    has_factor = (len(right) > 1 or names_in(right[0])) and common_factor(probes, right) is not None
    for mistake, answer, is_local in reworked(recipe):
        # A factor of the whole answer is all that shows where the formula of an author has lost one.
        if mistake in found or (has_factor and not is_local and mistake == "exponent-factor-missing"):
            continue
        entries = _entries(answer)
        if len(entries) != len(right):
            continue
        if recipe.key.kind == "set":
            found |= {mistake} if _is_same_set(probes, entries) else set()
            continue
        fits = {at for at in wrong if entries[at] != right[at] and probes[at].equals(entries[at])}
        leaves_the_rest = all(probes[at].equals(entries[at]) for at in range(len(right)) if at not in wrong)
        if is_local and fits and leaves_the_rest:
            explained.setdefault(mistake, set()).update(fits)
        is_whole = len(fits) == len(wrong) and leaves_the_rest
        if is_whole or (is_local and len(explained.get(mistake, ())) == len(wrong)):
            found.add(mistake)
    return found


def _is_same_set(probes: Sequence[Probe], entries: Sequence[Tree]) -> bool:
    """Whether each entry is one of the others, in whatever order."""
    left = list(entries)
    for probe in probes:
        place = next((at for at, entry in enumerate(left) if probe.equals(entry)), None)
        if place is None:
            return False
        del left[place]
    return True


def _entries(answer: Tree) -> tuple[Tree, ...]:
    try:
        return entries_of(answer)
    except GraderError:
        return ()
