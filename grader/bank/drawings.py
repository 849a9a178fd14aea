"""The geometry of a figure: curves, level lines, arrows and points as numbers, still without any look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from grader.bank.figures import Figure
from grader.bank.level_lines import Samples, level_lines
from grader.calculus.derivatives import differentiate
from grader.checking.bounding import enclosures
from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree

Spot = tuple[float, float]
PRECISION = 64
CURVE_POINTS = 180
TRIAL_POINTS = 45
GRID = 40
TRIAL_GRID = 10
LEVELS = 8
FINEST = 10**6
SHORTEST_ARROW, LONGEST_ARROW = 0.07, 0.2
"""Of the range: an arrow ends at the border, unless nothing would be left of it."""
LEAST_SHARE = 0.1
"""Of the range, on which a function must have a value to be worth a drawing."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined in their order; `role` says what it is, `number` counts the curves from 1."""

    role: str
    spots: tuple[Spot, ...]
    number: int = 1
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be seen in a window of the plane; `areas` are outlines of what is shaded.

    `marks` are points, `holes` points that do not belong to the curve on which they lie.
    """

    x: Spot
    y: Spot
    names: tuple[str, str]
    lines: tuple[Line, ...] = ()
    areas: tuple[tuple[Spot, ...], ...] = ()
    marks: tuple[Spot, ...] = ()
    arrows: tuple[tuple[Spot, Spot], ...] = ()
    is_square: bool = False
    holes: tuple[Spot, ...] = ()


def drawing_of(figure: Figure, *, is_trial: bool = False) -> Drawing:
    """The geometry of a plot or contour figure; raises AnswerError where it has no values to show.

    A trial looks at fewer places of a curve and at a coarser grid: for those who ask only whether there is
    something to show.
    """
    if figure.kind == "plot":
        return _plot(figure, TRIAL_POINTS if is_trial else CURVE_POINTS)
    return _contour(figure, TRIAL_GRID if is_trial else GRID)


def _tree(text: str, *names: str) -> Tree:
    return read(text, Vocabulary(frozenset(names))).tree


def number_of(text: str) -> float:
    """The value of an expression without names; raises AnswerError where it has none."""
    tree = _tree(text)
    value = next(_values(tree, [{}]))
    if value is None:
        raise AnswerError(f"{text[:60]} has no real value.")
    return value


def _values(tree: Tree, points: Sequence[Mapping[str, Fraction]]) -> Iterator[float | None]:
    """The values at these points, None where there is none."""
    for found in enclosures(tree, points, PRECISION):
        yield None if found is None else float(found)


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(FINEST)


def _ends(pair: Sequence[str]) -> Spot:
    low, high = map(number_of, pair)
    if not low < high:
        raise AnswerError(f"The range from {pair[0]} to {pair[1]} is empty.")
    return low, high


def _steps(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * place / count for place in range(count + 1)]


class _Curve:
    """A function of one variable that can be looked at anywhere."""

    def __init__(self, text: str, by: str) -> None:
        self.text, self.tree, self.by = text, _tree(text, by), by

    def at(self, x: float) -> float:
        """The value at a place where there must be one."""
        (value,) = _values(self.tree, [{self.by: _exact(x)}])
        if value is None:
            raise AnswerError(f"{self.text[:60]} has no real value at {self.by} = {x:g}.")
        return value

    def slope(self, x: float) -> float:
        """The derivative at a place where there must be one."""
        (value,) = _values(differentiate(self.tree, self.by).tree, [{self.by: _exact(x)}])
        if value is None:
            raise AnswerError(f"{self.text[:60]} has no tangent at {self.by} = {x:g}.")
        return value

    def sampled(self, low: float, high: float, count: int) -> list[tuple[float, float | None]]:
        """Places with their values."""
        places = _steps(low, high, count)
        return list(zip(places, _values(self.tree, [{self.by: _exact(x)} for x in places]), strict=True))


def _plot(figure: Figure, count: int) -> Drawing:
    data, by = figure.data, figure.by[0]
    low, high = _ends(data["range"][0])
    curves = [_Curve(text, by) for text in data["plot"]]
    sampled = [curve.sampled(low, high, count) for curve in curves]
    for curve, samples in zip(curves, sampled, strict=True):
        if sum(y is not None for _, y in samples) < LEAST_SHARE * len(samples):
            raise AnswerError(f"{curve.text[:60]} has no real value on most of the range.")
    first = curves[0]
    lines: list[Line] = []
    marks = [_spot(point, first) for point in data.get("points", ())]
    holes = tuple(_spot(point, first) for point in data.get("holes", ()))
    for key in ("tangent", "secant"):
        if key in data:
            touched, line = _straight(key, data[key], first, (low, high))
            marks += touched
            lines.append(line)
    if "path" in data:
        spots = tuple((x, first.at(x)) for x, *_ in _rows(data["path"]))
        lines.append(Line("path", spots))
        marks += spots
    areas = (_area(data["shade"], first),) if "shade" in data else ()
    heights = [y for samples in sampled for _, y in samples if y is not None]
    window = _ends(data["window"]) if "window" in data else _window(heights, [y for _, y in (*marks, *holes)])
    labels = figure.labels
    drawn = [
        Line("curve", spots, number, labels.get(str(number - 1), ""))
        for number, samples in enumerate(sampled, 1)
        for spots in _pieces(samples, window)
    ]
    return Drawing((low, high), window, (by, ""), (*drawn, *lines), areas, tuple(marks), holes=holes)


def _spot(point: Sequence[str], curve: _Curve) -> Spot:
    """A point that is given, or the one above a place."""
    x = number_of(point[0])
    return x, number_of(point[1]) if len(point) > 1 else curve.at(x)


def _straight(key: str, given: Any, curve: _Curve, ends: Spot) -> tuple[list[Spot], Line]:
    """A tangent or secant from end to end, and where it meets the curve."""
    places = [number_of(text) for text in (given if isinstance(given, list) else [given])]
    touched = [(x, curve.at(x)) for x in places]
    (x, y), (other, above) = touched[0], touched[-1]
    if key == "secant" and other == x:
        raise AnswerError("A secant needs two different places.")
    slope = curve.slope(x) if key == "tangent" else (above - y) / (other - x)
    return touched, Line(key, tuple((end, y + slope * (end - x)) for end in ends))


def _rows(given: Any) -> list[tuple[float, ...]]:
    """The points of a path: a list of points, or the rows of a table."""
    if isinstance(given, list):
        return [tuple(map(number_of, point)) for point in given]
    tree = _tree(given)
    if tree.kind not in {"matrix", "vector"}:
        raise AnswerError("A path is a list of points or a table of steps.")
    rows = [row.args if row.kind == "row" else (row,) for row in tree.args]
    found = [[next(_values(entry, [{}])) for entry in row[:2]] for row in rows]
    if any(value is None for row in found for value in row):
        raise AnswerError("A point of the path has no real value.")
    return [tuple(value for value in row if value is not None) for row in found]


def _area(pair: Sequence[str], curve: _Curve) -> tuple[Spot, ...]:
    """The outline of what lies between the curve and the axis."""
    low, high = _ends(pair)
    spots = [(x, y) for x, y in curve.sampled(low, high, 60) if y is not None]
    if not spots:
        raise AnswerError(f"{curve.text[:60]} has no real value on the shaded range.")
    return ((spots[0][0], 0.0), *spots, (spots[-1][0], 0.0))


def _window(heights: list[float], wanted: list[float]) -> Spot:
    """A window that shows the values, without the last of what runs away at a pole."""
    ordered = sorted(heights)
    low, high = ordered[0], ordered[-1]
    inner_low, inner_high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    if high - low > 8 * (inner_high - inner_low) > 0:
        low, high = inner_low, inner_high
    low, high = min([low, *wanted]), max([high, *wanted])
    margin = 0.08 * (high - low) or max(abs(high), 1.0) / 2
    return low - margin, high + margin


def _pieces(samples: Sequence[tuple[float, float | None]], window: Spot) -> Iterator[tuple[Spot, ...]]:
    """The curve in pieces, cut where it has no value and where it jumps across the window."""
    low, high = window
    reach = high - low
    piece: list[Spot] = []
    for x, y in samples:
        is_jump = (
            y is not None
            and piece
            and {y > high, piece[-1][1] > high} == {True, False}
            and ({y < low, piece[-1][1] < low} == {True, False})
        )
        if (y is None or is_jump) and piece:
            yield tuple(piece)
            piece = []
        if y is not None:
            piece.append((x, min(max(y, low - reach), high + reach)))
    if piece:
        yield tuple(piece)


def _contour(figure: Figure, grid: int) -> Drawing:
    data, (first, second) = figure.data, figure.by
    x = _ends(data["range"][0])
    y = _ends(data["range"][-1])
    tree = _tree(data["contour"], first, second)
    across, up = _steps(*x, grid), _steps(*y, grid)
    points = [{first: _exact(one), second: _exact(other)} for other in up for one in across]
    values = list(_values(tree, points))
    samples = Samples(across, up, [values[row : row + grid + 1] for row in range(0, len(values), grid + 1)])
    known = sorted(value for value in values if value is not None)
    if len(known) < LEAST_SHARE * len(values):
        raise AnswerError(f"{data['contour'][:60]} has no real value on most of the range.")
    if known[0] == known[-1]:
        raise AnswerError(f"{data['contour'][:60]} is constant on the range, so it has no level lines.")
    levels, is_named = _levels(data.get("levels"), known)
    lines = [
        Line("level", spots, number, f"{level:.3g}" if is_named else "")
        for number, level in enumerate(levels, 1)
        for spots in level_lines(samples, level)
    ]
    start = [tuple(map(number_of, data["start"]))] if "start" in data else []
    path = [row[:2] for row in (*start, *(_rows(data["path"]) if "path" in data else ()))]
    if any(len(row) < 2 for row in path):
        raise AnswerError("A path over level lines has two coordinates.")
    spots = tuple((row[0], row[1]) for row in path)
    marks = (*spots, *((number_of(point[0]), number_of(point[-1])) for point in data.get("points", ())))
    arrows: tuple[tuple[Spot, Spot], ...] = ()
    if "gradient" in data:
        arrows = (_gradient(tree, (first, second), data["gradient"], (x, y)),)
        marks = (*marks, arrows[0][0])
    drawn = (*lines, *([Line("path", spots)] if spots else []))
    return Drawing(x, y, (first, second), drawn, marks=marks, arrows=arrows, is_square=True)


def _levels(given: Sequence[str] | None, known: Sequence[float]) -> tuple[list[float], bool]:
    """The levels, and whether the author named them; a single number says how many."""
    if given is not None and len(given) > 1:
        return sorted(map(number_of, given)), True
    count = LEVELS if given is None else int(number_of(given[0]))
    if not 1 <= count <= 20:
        raise AnswerError(f"{count} level lines cannot be drawn; at most 20 can.")
    places = [(2 * place + 1) * (len(known) - 1) // (2 * count) for place in range(count)]
    chosen = [known[place] for place in places]
    return [level for level, after in pairwise([*chosen, known[-1] + 1]) if level < after], False


def _gradient(tree: Tree, by: tuple[str, str], at: Sequence[str], window: tuple[Spot, Spot]) -> tuple[Spot, Spot]:
    """An arrow of a length that is well seen, along the gradient."""
    x, y = map(number_of, at)
    point = {by[0]: _exact(x), by[1]: _exact(y)}
    parts = [next(_values(differentiate(tree, name).tree, [point])) for name in by]
    along, up = parts
    if along is None or up is None:
        raise AnswerError(f"There is no gradient at ({x:g}, {y:g}).")
    norm = (along**2 + up**2) ** 0.5
    if norm == 0:
        raise AnswerError(f"The gradient at ({x:g}, {y:g}) is zero, so there is no arrow.")
    size = min(high - low for low, high in window)
    ahead = ((along / norm, x, window[0]), (up / norm, y, window[1]))
    room = min((((high if way > 0 else low) - at) / way for way, at, (low, high) in ahead if way), default=size)
    length = max(SHORTEST_ARROW * size, min(LONGEST_ARROW * size, room))
    return (x, y), (x + length * along / norm, y + length * up / norm)
