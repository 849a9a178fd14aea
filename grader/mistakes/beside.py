"""What shows in an answer beside its key alone, where nothing is known of how the key comes about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

from grader.mistakes.probing import Probe
from grader.mistakes.results import coefficient, common_factor, result_mistakes
from grader.reading.tree import ONE, ZERO, Tree, add, multiply, names_in, power


def find_beside_key(probes: Sequence[Probe], right: Sequence[Tree], probe: Callable[[Tree], Probe]) -> set[str]:
    """What fits of the other sign, a length that is not one, and a factor in front."""
    found = result_mistakes(probes, right) & {"sign-flipped", "constant-factor"}
    if "constant-factor" in found and not _is_own_factor(common_factor(probes, right), right):
        found.discard("constant-factor")
    # A factor in front of a direction is its length.
    return {"not-normalised"} if _is_only_longer(probes, right, probe) else found


def _is_own_factor(factor: Fraction | None, right: Sequence[Tree]) -> bool:
    """Whether a two was lost, or the number in front of all entries; others have many reasons."""
    if factor == Fraction(1, 2):
        return True
    entries = [tree for tree in right if tree != ZERO]
    return factor is not None and all(names_in(tree) and abs(_content(tree)) * factor == 1 for tree in entries)


def _content(tree: Tree) -> Fraction:
    """The number in front; of a sum, the one that all of its terms have in common."""
    if tree.kind != "sum":
        return coefficient(tree)
    numbers = [coefficient(term) for term in tree.args]
    common = gcd(*(each.numerator for each in numbers))
    return Fraction(common, lcm(*(each.denominator for each in numbers)))


def _is_only_longer(probes: Sequence[Probe], right: Sequence[Tree], probe: Callable[[Tree], Probe]) -> bool:
    """Whether the key is a unit vector and the response points where it does."""
    if len(right) < 2 or not all(each.is_scalar for each in probes):
        return False
    if not probe(add(*(power(entry, 2) for entry in right))).equals(ONE):
        return False
    given = [each.tree for each in probes]
    places = combinations(range(len(right)), 2)
    if not all(probe(multiply(given[i], right[j])).equals(multiply(given[j], right[i])) for i, j in places):
        return False
    along = probe(add(*(multiply(one, other) for one, other in zip(given, right, strict=True)))).own
    return along is not None and along.lower > 0
