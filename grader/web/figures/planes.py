"""Plots and contour figures: a window of the plane with its axes, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import ceil, floor, log10

from markupsafe import Markup

from grader.bank.drawings import Drawing, Line, Spot
from grader.web.figures.marks import arrow, dot, path, pretty, text

WIDTH = 360
LEFT, RIGHT, TOP, BOTTOM = 38, 12, 12, 30
PLOT_HEIGHT = 210
LOWEST, HIGHEST = 150, 420
COLOURS = 4
ROOM = 36
"""What the name of a level takes up along x, in the units of the picture."""
LETTER, CAP = 8.0, 11.0
"""The width of a letter of a curve's name, and its height above the line."""
CLEAR = 2.0
SEAT_STEP = 3
DENSEST = 400

ToPicture = Callable[[Spot], Spot]


def plane_svg(drawing: Drawing, id: str) -> tuple[Markup, int]:
    """The inside of the picture, and how high it is; `id` names the window that cuts off what is outside."""
    (low, high), (bottom, top) = drawing.x, drawing.y
    wide = WIDTH - LEFT - RIGHT
    tall = PLOT_HEIGHT
    if drawing.is_square:
        tall = round(min(max(wide * (top - bottom) / (high - low), LOWEST), HIGHEST))

    def place(spot: Spot) -> Spot:
        return LEFT + (spot[0] - low) / (high - low) * wide, TOP + (top - spot[1]) / (top - bottom) * tall

    frame = Markup('<clipPath id="{}-window"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>')
    inside = Markup().join(_inside(drawing, place))
    window = Markup('<g clip-path="url(#{}-window)">{}</g>').format(id, inside)
    shown = (
        *_axes(drawing, place),
        frame.format(id, LEFT, TOP, wide, tall),
        window,
        *_on_top(drawing, place),
        *_labels(drawing, place),
    )
    return Markup().join(shown), TOP + tall + BOTTOM


def _axes(drawing: Drawing, place: ToPicture) -> Iterator[Markup]:
    """Lines at round numbers with the numbers beside them, the zero lines stronger."""
    (low, high), (bottom, top) = drawing.x, drawing.y
    for x in ticks(low, high):
        yield path([place((x, bottom)), place((x, top))], "zero" if x == 0 else "grid")
        at, below = place((x, bottom))
        yield text(at, below + 15, _shown(x), "tick")
    for y in ticks(bottom, top):
        yield path([place((low, y)), place((high, y))], "zero" if y == 0 else "grid")
        before, at = place((low, y))
        yield text(before - 5, at + 4, _shown(y), "tick", "end")
    right, below = place((high, bottom))
    yield text(right, below + 27, pretty(drawing.names[0]), "name", "end")
    if drawing.names[1]:
        yield text(4, TOP + 8, pretty(drawing.names[1]), "name", "start")


def ticks(low: float, high: float) -> list[float]:
    """Between four and nine round numbers within a range.

    >>> ticks(-3, 3)
    [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    """
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.75)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(count * step, 12) for count in range(first, last + 1)]


def _shown(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _inside(drawing: Drawing, place: ToPicture) -> Iterator[Markup]:
    for area in drawing.areas:
        yield path([place(spot) for spot in area], "area", closed=True)
    for line in drawing.lines:
        spots = [place(spot) for spot in line.spots]
        if line.role == "path":
            for tail, head in pairwise(spots):
                yield arrow(tail, head, "path")
        else:
            yield path(spots, _class(line))


def _on_top(drawing: Drawing, place: ToPicture) -> Iterator[Markup]:
    """What is not cut off at the border: an arrow, and points."""
    for tail, head in drawing.arrows:
        yield arrow(place(tail), place(head), "gradient")
    (low, high), (bottom, top) = drawing.x, drawing.y
    for name, spots in (("dot", drawing.marks), ("hole", drawing.holes)):
        yield from (dot(*place((x, y)), name) for x, y in spots if low <= x <= high and bottom <= y <= top)


def _class(line: Line) -> str:
    return f"curve curve-{(line.number - 1) % COLOURS + 1}" if line.role == "curve" else line.role


def _labels(drawing: Drawing, place: ToPicture) -> Iterator[Markup]:
    """The names of curves near their right ends, those of levels on their lines, each once."""
    named: set[str] = set()
    taken: list[Spot] = []
    drawn = [
        spot for line in drawing.lines if line.label or line.role != "level" for spot in _filled(_placed(line, place))
    ]
    for line in reversed(drawing.lines):
        if not line.label or f"{line.role}{line.number}" in named:
            continue
        seats = [place(spot) for spot in _seats(line, drawing)]
        if not seats:
            continue
        named.add(f"{line.role}{line.number}")
        words = pretty(line.label)
        if line.role == "curve":
            x, y = _beside(seats, LETTER * len(words), [*drawn, *taken])
            taken += [(x - step, y - CAP / 2) for step in range(0, round(LETTER * len(words)) + 1, 4)]
            yield text(x, y, words, f"label {_class(line)}-label", "end")
        else:
            x, y = next((seat for seat in seats if all(_is_apart(seat, other) for other in taken)), seats[0])
            taken.append((x, y))
            yield text(min(x, WIDTH - RIGHT - 4), y + (16 if y < TOP + 22 else -7), words, "tick level-label", "end")


def _beside(seats: Sequence[Spot], width: float, drawn: Sequence[Spot]) -> Spot:
    """Where a name of a curve ends so that no line runs through it: near the first seat that has such a place."""
    best, most = (min(seats[0][0], WIDTH - RIGHT - 4), seats[0][1] - 7), -1.0
    for x, y in seats[::SEAT_STEP]:
        for right, base in ((x - 5, y - 5), (x + width + 5, y - 5), (x - 5, y + CAP + 5), (x + width + 5, y + CAP + 5)):
            if right > WIDTH - RIGHT - 2 or base - CAP < TOP or right - width < LEFT:
                continue
            room = min(
                (max(right - width - at, at - right, base - CAP - up, up - base) for at, up in drawn), default=CLEAR
            )
            if room >= CLEAR:
                return right, base
            if room > most:
                best, most = (right, base), room
    return best


def _placed(line: Line, place: ToPicture) -> list[Spot]:
    return [place(spot) for spot in line.spots]


def _filled(spots: Sequence[Spot]) -> Iterator[Spot]:
    """The points of a line with others between those that are far apart."""
    for (x, y), (other, above) in pairwise(spots):
        parts = max(1, min(DENSEST, ceil(max(abs(other - x), abs(above - y)) / 3)))
        yield from ((x + (other - x) * part / parts, y + (above - y) * part / parts) for part in range(parts))
    yield from spots[-1:]


def _is_apart(one: Spot, other: Spot) -> bool:
    return abs(one[0] - other[0]) > ROOM or abs(one[1] - other[1]) > ROOM / 2


def _seats(line: Line, drawing: Drawing) -> list[Spot]:
    """Points of the line well inside the window at which its name can stand, the best first."""
    (low, high), (bottom, top) = drawing.x, drawing.y
    margin = 0.04 * (top - bottom)
    inner = [spot for spot in line.spots if bottom + margin < spot[1] < top - margin and low < spot[0] <= high]
    if line.role == "level":
        return inner[len(inner) // 3 :]
    return inner[: len(inner) - len(inner) // 20][::-1]
