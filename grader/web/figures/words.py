"""What a figure shows, in words: its caption, and the text for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator

from grader.bank.drawings import Drawing, Line
from grader.bank.figures import Figure
from grader.bank.wording import say
from grader.web.figures.marks import pretty

LISTED = 5
MOST_SPOTS = 12


def title_of(figure: Figure, language: str) -> str:
    """The caption of a figure that has none of its own."""
    if figure.kind == "graph":
        return say("graph-title", language)
    if figure.kind == "contour":
        return say("contour-title", language)
    names = [pretty(words) for _, words in sorted(figure.labels.items()) if words]
    if not names:
        return say("plot-title" if len(figure.data["plot"]) == 1 else "plots-title", language)
    return say("plot-title-of", language, names=", ".join(names))


def alternative(figure: Figure, drawing: Drawing, language: str) -> str:
    """The text alternative of a plot or contour figure: where, which values, which marks."""
    low, high = map(_number, drawing.x)
    said = [say("range", language, name=figure.by[0], low=low, high=high)]
    if figure.kind == "contour":
        bottom, top = map(_number, drawing.y)
        said += [say("range", language, name=figure.by[1], low=bottom, high=top)]
        levels = len({line.number for line in drawing.lines if line.role == "level"})
        said += [say("levels", language, count=levels)]
    else:
        said += _curves(figure, drawing, language)
    said += _marks(figure, drawing, language)
    return " ".join(said)


def _curves(figure: Figure, drawing: Drawing, language: str) -> Iterator[str]:
    """A few values of each curve."""
    by = figure.by[0]
    numbers = sorted({line.number for line in drawing.lines if line.role == "curve"})
    for curve in numbers:
        spots = [spot for line in drawing.lines if _is_of(line, curve) for spot in line.spots]
        wanted = [spots[place * (len(spots) - 1) // (LISTED - 1)] for place in range(LISTED)]
        values = ", ".join(f"({_number(x)}, {_number(y)})" for x, y in wanted)
        label = pretty(figure.labels.get(str(curve - 1), "")) or (str(curve) if len(numbers) > 1 else "")
        yield say("curve", language, label=f" {label}" if label else "", by=by, values=values)


def _is_of(line: Line, curve: int) -> bool:
    return line.role == "curve" and line.number == curve


def _marks(figure: Figure, drawing: Drawing, language: str) -> Iterator[str]:
    """Lines that touch or cut, what is shaded, arrows and points."""
    for key in ("tangent", "secant", "shade"):
        if key in figure.data:
            given = figure.data[key]
            places = ", ".join(given if isinstance(given, list) else [given])
            yield say(key, language, name=figure.by[0], places=places)
    for tail, head in drawing.arrows:
        along, up = head[0] - tail[0], head[1] - tail[1]
        yield say("gradient", language, at=_spot(tail), way=_spot((along, up)))
    paths = [line for line in drawing.lines if line.role == "path"]
    for line in paths:
        yield say("path", language, spots=", ".join(map(_spot, line.spots[:MOST_SPOTS])))
    on_path = {spot for line in paths for spot in line.spots} | {tail for tail, _ in drawing.arrows}
    alone = [spot for spot in drawing.marks if spot not in on_path]
    if alone:
        yield say("marked", language, spots=", ".join(map(_spot, alone)))
    if drawing.holes:
        yield say("holes", language, spots=", ".join(map(_spot, drawing.holes)))


def of_graph(figure: Figure, language: str) -> str:
    """The text alternative of a computation graph: each node and what goes into it."""
    said = []
    for node, inputs in figure.data["graph"].items():
        shown = pretty(figure.labels.get(node, node))
        words = node if shown == pretty(node) else f"{node} ({shown})"
        said.append(say("node" if inputs else "input", language, node=words, inputs=", ".join(inputs)))
    return " ".join(said)


def _spot(spot: tuple[float, float]) -> str:
    return f"({_number(spot[0])}, {_number(spot[1])})"


def _number(value: float) -> str:
    return f"{value:.3g}"
