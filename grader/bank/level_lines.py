"""Level lines of a function that was sampled on a grid, by marching squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Spot = tuple[float, float]
Edge = tuple[str, int, int]
"""An edge of the grid: along x or y, from the node with these numbers."""
HALVINGS = 20

# The edges that a line crosses, by which corners of a cell lie above the level: bit 0 is below left, then
# counterclockwise. Edges are bottom, right, top, left.
_CROSSED: dict[int, tuple[tuple[int, int], ...]] = {
    0: (),
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
    15: (),
}
# At a saddle the middle of the cell decides which corners belong together.
_SADDLES = {
    (5, True): ((3, 2), (1, 0)),
    (5, False): ((3, 0), (1, 2)),
    (10, True): ((0, 3), (2, 1)),
    (10, False): ((0, 1), (2, 3)),
}


@dataclass(frozen=True)
class Samples:
    """Values on a grid, row by row from below; None where the function has no value."""

    across: list[float]
    up: list[float]
    values: list[list[float | None]]


def level_lines(samples: Samples, level: float) -> Iterator[tuple[Spot, ...]]:
    """The lines on which the function has this value, each in one piece."""
    neighbours: dict[Edge, list[Edge]] = {}
    for one, other in _segments(samples, level):
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    open_ends = [edge for edge, beside in neighbours.items() if len(beside) == 1]
    for start in (*open_ends, *neighbours):
        line = _followed(start, neighbours)
        if len(line) > 1:
            yield tuple(_spot(edge, samples, level) for edge in line)


def _followed(start: Edge, neighbours: dict[Edge, list[Edge]]) -> list[Edge]:
    """The line from an edge to its end, or round to where it began; its segments are used up."""
    line = [start]
    while neighbours[line[-1]]:
        here = line[-1]
        there = neighbours[here].pop()
        neighbours[there].remove(here)
        line.append(there)
    return line


def _segments(samples: Samples, level: float) -> Iterator[tuple[Edge, Edge]]:
    """A segment for each crossing of a cell, as the two edges that it joins."""
    for row in range(len(samples.up) - 1):
        below, above = samples.values[row], samples.values[row + 1]
        for column in range(len(samples.across) - 1):
            corners = (below[column], below[column + 1], above[column + 1], above[column])
            known = [corner for corner in corners if corner is not None]
            if len(known) < 4:
                continue
            case = sum(1 << place for place, corner in enumerate(known) if corner > level)
            edges: tuple[Edge, ...] = (
                ("x", column, row),
                ("y", column + 1, row),
                ("x", column, row + 1),
                ("y", column, row),
            )
            crossed = _CROSSED[case] if case in _CROSSED else _SADDLES[case, sum(known) / 4 > level]
            for one, other in crossed:
                yield edges[one], edges[other]


def _spot(edge: Edge, samples: Samples, level: float) -> Spot:
    """Where the level is met on an edge, between its two nodes."""
    axis, column, row = edge
    along, up = (1, 0) if axis == "x" else (0, 1)
    values = [_value(samples, column + step * along, row + step * up) for step in (-1, 0, 1, 2)]
    share = _met(values, level)
    x, y = samples.across[column], samples.up[row]
    return x + share * (samples.across[column + along] - x), y + share * (samples.up[row + up] - y)


def _value(samples: Samples, column: int, row: int) -> float | None:
    """The value at a node, None beyond the grid too."""
    is_inside = 0 <= row < len(samples.up) and 0 <= column < len(samples.across)
    return samples.values[row][column] if is_inside else None


def _met(values: Sequence[float | None], level: float) -> float:
    """Where from the second to the third value the level is met: on the cubic through all four, or on a line."""
    _, first, second, _ = values
    if first is None or second is None or first == second:
        return 0.5
    known = [value for value in values if value is not None]
    if len(known) < 4:
        return (level - first) / (second - first)
    low, high = 0.0, 1.0
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        if (_cubic(known, middle) > level) == (second > level):
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _cubic(values: Sequence[float], t: float) -> float:
    """The value at t of the cubic with these values at -1, 0, 1 and 2."""
    before, first, second, after = values
    outer = (after * (t + 1) - before * (t - 2)) * t * (t - 1) / 6
    return outer + (first * (t - 1) - second * t) * (t + 1) * (t - 2) / 2
