"""Points on both sides of every place where a tree changes its formula or stops being defined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, islice, pairwise
from math import isqrt

from grader.checking.agreeing import Comparison, everything_below
from grader.checking.balls import NoValue, Unclear
from grader.checking.exact import exact_node
from grader.checking.sampling import Point

MOST_SWITCHES = 16
MOST_ROOTS = 8
MOST_POINTS = 100
BISECTIONS = 24
SQUARE_ROOT_BITS = 40
# How close to a breakpoint its sides are looked at, and how far beyond the outermost ones.
NEARNESS = 512
AWAY = Fraction(1, 3)
# Kinds whose argument is a switch at zero, and those with switches at plus and minus one.
AT_ZERO = frozenset({"abs", "sign", "step", "ln"})
AT_ONE = frozenset({"asin", "acos", "acosh", "atanh"})
PAIRED = frozenset({"min", "max", "relation", "delta", "interval"})
ROUNDING = frozenset({"floor", "ceil"})


def around_breakpoints(comparison: Comparison) -> list[Point]:
    """Sample points on both sides of every breakpoint that can be found."""
    return list(islice(_around(comparison), MOST_POINTS))


def _around(comparison: Comparison) -> Iterator[Point]:
    bases = comparison.domain.points(comparison.names)[:2]
    switches = switches_of(comparison)
    below = {switch: names_below(comparison, switch) for switch in switches}
    for base in bases[: 1 if len(bases[0]) <= 1 else 2]:
        for name in sorted({name for names in below.values() for name in names}):
            mine = [switch for switch in switches if name in below[switch]]
            roots = {root for switch in mine for root in _roots(comparison, switch, name, base)}
            yield from _beside(comparison, sorted(roots | _ends(comparison, name)), name, base)


def switches_of(comparison: Comparison) -> list[int]:
    """Nodes whose zeros are breakpoints, at most a few."""
    return list(dict.fromkeys(_switches(comparison)))[:MOST_SWITCHES]


def roots_along(comparison: Comparison, switches: Iterable[int]) -> Iterator[tuple[str, Fraction, Point]]:
    """Zeros of nodes along each of their variables, with the point whose other coordinates they belong to."""
    bases = comparison.domain.points(comparison.names)[:2]
    for switch in switches:
        for name in names_below(comparison, switch):
            for base in bases[: 1 if len(bases[0]) <= 1 else 2]:
                yield from ((name, root, base) for root in _roots(comparison, switch, name, base))


def _ends(comparison: Comparison, name: str) -> set[Fraction]:
    """The finite ends of the variable's domain: a break may be close to one."""
    intervals = comparison.domain.variable(name).intervals
    return {end for interval in intervals for end in (interval.lower, interval.upper) if end is not None}


def _beside(comparison: Comparison, roots: list[Fraction], name: str, base: Point) -> Iterator[Point]:
    """The base with one variable moved between the breakpoints and close to either side of each."""
    variable = comparison.domain.variable(name)
    gaps = [high - low for low, high in pairwise(roots)]
    values = [(low + high) / 2 for low, high in pairwise(roots)]
    for place, root in enumerate(roots):
        for side, gap in ((-1, gaps[place - 1 : place] if place else []), (1, gaps[place : place + 1])):
            step = max(Fraction(1), abs(root)) / NEARNESS
            values += [root + side * min([step, *[size / 3 for size in gap]])]
            if not gap:
                values += [root + side * max(Fraction(1), abs(root)) * AWAY]
    for value in values:
        nearest = Fraction(round(value)) if variable.integer else value
        for candidate in (nearest, nearest + 1, nearest - 1) if variable.integer else (nearest,):
            if variable.holds(candidate):
                yield {**base, name: candidate}


def _switches(comparison: Comparison) -> Iterator[int]:
    """Nodes whose zeros are breakpoints."""
    numbering, nodes = comparison.numbering, comparison.nodes
    for node in list(nodes):
        if node.kind in AT_ZERO:
            yield node.args[0]
        elif node.kind in AT_ONE:
            yield numbering.add(node.args, -1)
            yield numbering.add(node.args, 1)
        elif node.kind in PAIRED:
            for first, second in combinations(node.args[:6], 2):
                yield numbering.difference(first, second)
        elif node.kind in ROUNDING:
            yield from (numbering.add(node.args, shift) for shift in (0, 1, -1))
        elif node.kind == "power":
            exponent = nodes[node.args[1]]
            if exponent.kind != "number" or isinstance(exponent.value, Fraction):
                yield node.args[0]


def names_below(comparison: Comparison, root: int) -> list[str]:
    """The names that a node depends on, sorted, at most four; none inside a sum, whose letter no point has."""
    known = set(comparison.names)
    found = {
        str(comparison.nodes[number].value)
        for number in everything_below(comparison.nodes, root)
        if comparison.nodes[number].kind == "name"
    }
    return sorted(found)[:4] if found <= known else []


def _roots(comparison: Comparison, switch: int, name: str, base: Point) -> list[Fraction]:
    """Zeros of the node along one variable: exact where it is linear, else by sign changes."""
    known = [exact_node(comparison.nodes, switch, {**base, name: Fraction(v)}, {}) for v in (0, 1, 2, 7)]
    at = [value for value in known if value is not None]
    square = (at[2] - 2 * at[1] + at[0]) / 2 if len(at) == 4 else None
    if square is not None and at[3] == at[0] + 7 * (at[1] - at[0] - square) + 49 * square:
        return _quadratic_roots(square, at[1] - at[0] - square, at[0])
    values = sorted({point[name] for point in comparison.domain.points(comparison.names)})
    signed = [
        (value, sign) for value in values if (sign := _sign(comparison, switch, {**base, name: value})) is not None
    ]
    pairs = pairwise(signed)
    return [_bisect(comparison, switch, name, base, low[0], high[0]) for low, high in pairs if low[1] * high[1] < 0][
        :MOST_ROOTS
    ]


def _quadratic_roots(square: Fraction, linear: Fraction, constant: Fraction) -> list[Fraction]:
    """The real roots of a polynomial of degree two at most, in order; irrational ones to a few digits."""
    if square == 0:
        return [-constant / linear] if linear else []
    inside = linear * linear - 4 * square * constant
    if inside < 0:
        return []
    scaled = inside * 4**SQUARE_ROOT_BITS
    root = Fraction(isqrt(scaled.numerator // scaled.denominator), 2**SQUARE_ROOT_BITS)
    return sorted({(-linear - root) / (2 * square), (-linear + root) / (2 * square)})


def _sign(comparison: Comparison, root: int, point: Point) -> int | None:
    """The sign of a node at a point, if it is certain."""
    try:
        value = comparison.program.at(point).value(root)
    except (NoValue, Unclear):
        return None
    return 1 if value > 0 else -1 if value < 0 else None


def _bisect(comparison: Comparison, root: int, name: str, base: Point, low: Fraction, high: Fraction) -> Fraction:
    """A value near the sign change between two others."""
    first = _sign(comparison, root, {**base, name: low})
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        sign = _sign(comparison, root, {**base, name: middle})
        if sign is None:
            return middle
        if sign == first:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def between(comparison: Comparison, points: list[Point], count: int) -> list[Point]:
    """More points among those where the answer is defined, for an answer that is defined rarely."""
    return list(islice(_between(comparison, points), count))


def _between(comparison: Comparison, points: list[Point]) -> Iterator[Point]:
    for weight in (Fraction(1, 2), Fraction(1, 4), Fraction(5, 8)):
        for first, second in combinations(points, 2):
            point: Point = {name: first[name] * weight + second[name] * (1 - weight) for name in first}
            if all(comparison.domain.variable(name).holds(value) for name, value in point.items()):
                yield point
    for point in points:
        for shift in (Fraction(1, 16), Fraction(-1, 16), Fraction(1, 5), Fraction(-1, 7)):
            moved = {name: value + shift * max(abs(value), Fraction(1)) for name, value in point.items()}
            if moved and all(comparison.domain.variable(name).holds(value) for name, value in moved.items()):
                yield moved
