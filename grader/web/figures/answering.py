"""Figures that answer back: what a student submitted, drawn beside the function that was asked about.

All values are numbers worked out here, at a bounded number of points; nothing of the key's own text is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from grader.bank.drawings import Drawing, Line
from grader.bank.level_lines import Samples, level_lines
from grader.bank.variant import VariantPart
from grader.calculus.derivatives import differentiate_repeatedly
from grader.calculus.literal_matrices import reduce_literals
from grader.checking.bounding import enclosures
from grader.errors import GraderError
from grader.grading import read_part, settings_of
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree, names_in, walk
from grader.web.figures.marks import pretty

POINTS = 121
GRID = 19  # cells in each direction: 400 values
LEVELS = 9
PRECISION = 64
FINEST = 10**6
LARGEST = 1e4
MOST_NODES = 400
MOST_ROWS = 100
SLOW = frozenset({"sigma", "factorial", "entry"})
REACH = 3.0
"""How far from zero a function is looked at where nothing says otherwise."""
EDGE = 0.02
STEEP = 25
"""How much larger than its middle values a function may become where it is looked at."""

F, TRUE, OWN = "function", "true", "own"

Spot = tuple[float, float]
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Slopes:
    """A function with its true derivative and the student's, at the same places; one that is kept back is None."""

    by: str
    order: int
    places: tuple[float, ...]
    function: Values
    true: Values | None
    own: Values | None


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a descent went over a function of two variables, or along the curve of one."""

    by: tuple[str, ...]
    x: Spot
    y: Spot
    lines: tuple[tuple[float, tuple[Spot, ...]], ...]
    spots: tuple[Spot, ...]


def reply_to(part: VariantPart, text: str) -> Slopes | Trail | None:
    """What can be drawn for a submitted response; None where nothing can."""
    task = part.task or {}
    try:
        tree = read_part(part, text).tree
        if "derivative" in task and part.type == "expression" and "at" not in task:
            return _slopes(part, task, tree)
        if "descent" in task:
            return _trail(task, tree)
    except GraderError:
        return None  # such as a name without a value: the verdict says what is wrong
    return None


def _slopes(part: VariantPart, task: Mapping[str, Any], own: Tree) -> Slopes | None:
    by = task["by"] if isinstance(task["by"], str) else task["by"][0]
    function = read(task["derivative"], part.vocabulary).tree
    if names_in(function) - {by} or (not isinstance(task["by"], str) and len(task["by"]) != 1):
        return None
    order = int(task.get("order", 1))
    true = differentiate_repeatedly(function, (by,) * order, (by,)).tree
    places = _places(part, by, function)
    shows_truth = settings_of(part).disclose != "none"
    return Slopes(
        by,
        order,
        places,
        _values(function, by, places),
        _values(true, by, places) if shows_truth else None,
        _values(own, by, places) if _is_drawn(own, by) else None,
    )


def _is_drawn(tree: Tree, *by: str) -> bool:
    """Whether a student's expression is small and plain enough to be looked at so many times."""
    nodes = list(walk(tree))
    return len(nodes) <= MOST_NODES and not names_in(tree) - set(by) and not any(n.kind in SLOW for n in nodes)


def _places(part: VariantPart, by: str, function: Tree) -> tuple[float, ...]:
    """Where to look: the first stretch on which the variable lies, cut off far from zero."""
    known = part.domain.variables.get(by)
    lower, upper = (known.intervals[0].lower, known.intervals[0].upper) if known and known.intervals else (None, None)
    reach = _reach(function, by) if lower is None and upper is None else REACH
    low = -reach if upper is None else min(-reach, float(upper) - 2 * reach)
    high = reach if lower is None else max(reach, float(lower) + 2 * reach)
    low, high = (low if lower is None else float(lower)), (high if upper is None else float(upper))
    margin = EDGE * (high - low)
    low, high = low + margin * (lower is not None), high - margin * (upper is not None)
    return tuple(round(low + (high - low) * place / (POINTS - 1), 6) for place in range(POINTS))


def _reach(function: Tree, by: str) -> float:
    """How far to look, so that a function which grows fast is more than a line with an end that runs away."""
    for reach in (REACH, REACH / 2):
        sizes = sorted(abs(y) for y in _values(function, by, [reach * k / 8 for k in range(-8, 9)]) if y is not None)
        if len(sizes) < 5 or sizes[-1] <= STEEP * (sizes[len(sizes) // 2] + 1):
            return reach
    return REACH / 4


def _values(tree: Tree, by: str, places: Sequence[float]) -> Values:
    return tuple(_at(tree, [{by: _exact(x)} for x in places]))


def _at(tree: Tree, points: Sequence[Mapping[str, Fraction]]) -> Iterator[float | None]:
    for found in enclosures(tree, points, PRECISION):
        value = None if found is None else float(found)
        yield None if value is None or not abs(value) < LARGEST else float(f"{value:.6g}")


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(FINEST)


def _trail(task: Mapping[str, Any], own: Tree) -> Trail | None:
    by = tuple([task["by"]] if isinstance(task["by"], str) else task["by"])
    vocabulary = Vocabulary(frozenset(by))  # the answer is made of numbers: its own vocabulary has no names
    function = read(task["descent"], vocabulary).tree
    start = _point([read(text, vocabulary).tree for text in task["start"]])
    if len(by) > 2 or start is None or names_in(function) - set(by):
        return None
    own_points = list(_points(own, len(by), is_last=bool(task.get("last"))))
    points = own_points if own_points and own_points[0] == start else [start, *own_points]
    if len(points) < 2:
        return None
    return _over_plane(function, by, points) if len(by) == 2 else _along_curve(function, by[0], points)


def _points(own: Tree, count: int, *, is_last: bool) -> Iterator[tuple[float, ...]]:
    """The points in the first columns of the rows of a student's table."""
    tree = reduce_literals(own)
    rows: list[Sequence[Tree]] = [row.args for row in tree.args] if tree.kind == "matrix" else []
    if tree.kind in {"vector", "list"}:
        rows = [tree.args] if is_last else [[entry] for entry in tree.args]
    if is_last and tree.kind == "matrix":
        rows = [[row[0] for row in rows]]
    for row in rows[:MOST_ROWS]:
        point = _point(row[:count])
        if point is None or len(point) < count:
            return
        yield point


def _point(entries: Sequence[Tree]) -> tuple[float, ...] | None:
    """The numbers of these entries; None where one is none, or out of all bounds."""
    values: list[float] = []
    for entry in entries:
        if not _is_drawn(entry):
            return None
        value = next(_at(entry, [{}]))
        if value is None:
            return None
        values.append(value)
    return tuple(values)


def _window(values: Sequence[float]) -> Spot:
    low, high = min(values), max(values)
    margin = 0.35 * (high - low) or max(abs(high), 1.0)
    return low - margin, high + margin


def _over_plane(function: Tree, by: tuple[str, ...], points: Sequence[tuple[float, ...]]) -> Trail | None:
    """Level lines around the points."""
    x, y = _window([point[0] for point in points]), _window([point[1] for point in points])
    half = max(x[1] - x[0], y[1] - y[0]) / 2  # one scale for both, so that steps stand upright on the lines
    x, y = ((sum(ends) / 2 - half, sum(ends) / 2 + half) for ends in (x, y))
    across, up = _grid(x), _grid(y)
    values = list(_at(function, [{by[0]: _exact(one), by[1]: _exact(other)} for other in up for one in across]))
    known = sorted(value for value in values if value is not None)
    if not known or known[0] == known[-1]:
        return None
    samples = Samples(across, up, [values[row : row + GRID + 1] for row in range(0, len(values), GRID + 1)])
    at_points = _at(function, [dict(zip(by, map(_exact, point), strict=True)) for point in points])
    levels = _levels(known, [value for value in at_points if value is not None])
    lines = tuple((level, _short(spots)) for level in levels for spots in level_lines(samples, level))
    return Trail(by, x, y, lines, tuple((point[0], point[1]) for point in points))


def _levels(known: Sequence[float], passed: Sequence[float]) -> list[float]:
    """Levels at which the steps arrived, and between those more by how often values occur."""
    spread = [known[(2 * place + 1) * (len(known) - 1) // (2 * LEVELS)] for place in range(LEVELS)]
    chosen = sorted({*spread, *passed[:4]})
    return [level for level, after in pairwise([*chosen, chosen[-1] + 1]) if level < after]


def _grid(ends: Spot) -> list[float]:
    return [ends[0] + (ends[1] - ends[0]) * place / GRID for place in range(GRID + 1)]


def _short(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    return tuple((float(f"{x:.5g}"), float(f"{y:.5g}")) for x, y in spots)


def _along_curve(function: Tree, by: str, points: Sequence[tuple[float, ...]]) -> Trail | None:
    """The curve, with the points on it."""
    low, high = _window([point[0] for point in points])
    places = [low + (high - low) * place / (POINTS - 1) for place in range(POINTS)]
    curve = [(x, y) for x, y in zip(places, _values(function, by, places), strict=True) if y is not None]
    heights = _values(function, by, [point[0] for point in points])
    spots = tuple((point[0], height) for point, height in zip(points, heights, strict=True) if height is not None)
    if len(curve) < 2 or len(spots) < 2:
        return None
    return Trail((by,), (low, high), _window([y for _, y in curve]), ((0.0, _short(curve)),), spots)


def drawing_of_reply(reply: Slopes | Trail, labels: Mapping[str, str]) -> Drawing:
    """The picture of what can be drawn, for a page without script."""
    if isinstance(reply, Trail):
        role = "level" if len(reply.by) == 2 else "curve"
        lines = [Line(role, spots, number) for number, (_, spots) in enumerate(reply.lines, 1)]
        names = (reply.by[0], reply.by[1] if len(reply.by) == 2 else "")
        return Drawing(
            reply.x, reply.y, names, (*lines, Line("path", reply.spots)), (), reply.spots, (), len(reply.by) == 2
        )
    window = heights_of(reply)
    drawn = [
        Line("curve", spots, number, labels[name])
        for name, number, values in ((F, 1, reply.function), (TRUE, 3, reply.true), (OWN, 4, reply.own))
        for spots in _pieces(reply.places, values or (), window)
    ]
    return Drawing((reply.places[0], reply.places[-1]), window, (reply.by, ""), tuple(drawn))


def heights_of(reply: Slopes) -> Spot:
    """From where to where the curves are shown; what runs away at a pole or in a wrong answer is cut off."""
    known = sorted(y for values in (reply.function, reply.true) for y in values or () if y is not None)
    if not known:
        return -1.0, 1.0
    low, high = known[len(known) // 20], known[-1 - len(known) // 20]
    margin = 0.12 * (high - low) or max(abs(high), 1.0) / 2
    return low - margin, high + margin


def _pieces(places: Sequence[float], values: Values, window: Spot) -> Iterator[tuple[Spot, ...]]:
    """A curve in pieces, cut where it has no value."""
    piece: list[Spot] = []
    reach = window[1] - window[0]
    for x, y in zip(places, values, strict=False):
        if y is not None:
            piece.append((x, min(max(y, window[0] - reach), window[1] + reach)))
        elif len(piece) > 1:
            yield tuple(piece)
            piece = []
        else:
            piece = []
    if len(piece) > 1:
        yield tuple(piece)


def reply_to_json(reply: Slopes | Trail) -> dict[str, Any]:
    """The numbers that the browser's script draws."""
    if isinstance(reply, Trail):
        return {
            "kind": "trail",
            "by": [pretty(name) for name in reply.by],
            "x": reply.x,
            "y": reply.y,
            "lines": [{"level": level, "spots": spots} for level, spots in reply.lines],
            "spots": reply.spots,
        }
    return {
        "kind": "slopes",
        "by": pretty(reply.by),
        "order": reply.order,
        "window": heights_of(reply),
        "x": reply.places,
        "function": reply.function,
        "true": reply.true,
        "own": reply.own,
    }
