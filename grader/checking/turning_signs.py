"""Signs of sines, cosines and what is built on them, as far as they follow from where the variables lie.

The normal form writes them with I, where no sign can be seen; on [0, pi] the sine is not negative, so
that there `|sin(x)|` is `sin(x)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.checking.domain import Domain
from grader.checking.nodes import Node
from grader.checking.normal_forms import Assumed
from grader.checking.programs import reachable
from grader.checking.value_ranges import Nowhere, ValueRanges

TURNING = frozenset({"sin", "cos", "tan"})
BUILT = frozenset({"sum", "product", "power", *TURNING})
MOST_NODES = 80


def turning_signs(nodes: Sequence[Node], first: int, second: int, domain: Domain) -> Assumed:
    """The nodes below two others that hold a sine or its like and never change their sign, with that sign."""
    needed = sorted(reachable(list(nodes), first, second))
    if len(needed) > MOST_NODES or not any(nodes[number].kind in TURNING for number in needed):
        return ()
    holding: set[int] = set()
    for number in needed:
        node = nodes[number]
        if node.kind in TURNING or not holding.isdisjoint(node.args):
            holding.add(number)
    found: dict[int, int] = {}
    for root in (first, second):
        try:
            ranges = ValueRanges(nodes, root, domain, backwards=False)
        except Nowhere:
            return ()
        below = reachable(list(nodes), root)
        for number in sorted(holding & below):
            sign = _sign(ranges, number) if nodes[number].kind in BUILT else 0
            if sign:
                found[number] = sign
    return tuple(found.items())


def _sign(ranges: ValueRanges, number: int) -> int:
    of = ranges.of(number)
    if of.lower is not None and of.lower >= 0:
        return 1
    return -1 if of.upper is not None and of.upper <= 0 else 0
