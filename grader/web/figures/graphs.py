"""Computation graphs: nodes in layers, from what is given on the left (or above) to what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.bank.figures import Figure
from grader.web.figures.marks import arrow, bow, box, pretty, text

WIDTH = 360
MARGIN = 8
LETTER = 7.6
NODE_HEIGHT = 32
GAP, LEAST_GAP = 30, 22
ROW = 56
TIP = 12
"""How long the straight end of a bent edge is."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box with its words and its middle."""

    words: str
    x: float
    y: float
    width: float


def graph_svg(figure: Figure) -> tuple[Markup, int]:
    """The inside of the picture, and how high it is."""
    inputs: Mapping[str, Sequence[str]] = figure.data["graph"]
    words = {node: pretty(figure.labels.get(node, node)) for node in inputs}
    layers, ways = with_bends(inputs)
    widths = [max((_width(words[node]) for node in layer if node in words), default=0) for layer in layers]
    is_across = sum(widths) + LEAST_GAP * (len(layers) - 1) <= WIDTH - 2 * MARGIN
    nodes = _across(layers, words, widths) if is_across else _down(layers, words)
    height = round(max(node.y for node in nodes.values()) + NODE_HEIGHT / 2 + MARGIN)
    edges = [_edge([nodes[node] for node in way], is_across=is_across) for way in ways]
    return Markup().join((*edges, *_boxes(nodes))), height


def with_bends(inputs: Mapping[str, Sequence[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """The layers with a place kept in each for the edges that pass through it, and the way of each edge."""
    layers = layered(inputs)
    depth = {node: level for level, layer in enumerate(layers) for node in layer}
    ways = []
    for node, given in inputs.items():
        for one in given:
            bends = [f"{one} > {node} {level}" for level in range(depth[one] + 1, depth[node])]
            for level, bend in enumerate(bends, depth[one] + 1):
                layers[level].append(bend)
            ways.append([one, *bends, node])
    return layers, ways


def layered(inputs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The nodes by the length of the longest way to them, in the order of the file."""
    depth: dict[str, int] = {}

    def depth_of(node: str) -> int:
        if node not in depth:
            depth[node] = 1 + max((depth_of(other) for other in inputs[node]), default=-1)
        return depth[node]

    deepest = max(map(depth_of, inputs))
    return [[node for node in inputs if depth[node] == level] for level in range(deepest + 1)]


def _width(words: str) -> float:
    return max(NODE_HEIGHT, LETTER * len(words) + 16)


def _node(words: str, x: float, y: float, widest: float) -> Node:
    """A box, or without words a bend of an edge."""
    return Node(words, x, y, min(_width(words), widest) if words else 0)


def _across(layers: list[list[str]], words: Mapping[str, str], widths: list[float]) -> dict[str, Node]:
    """Layers side by side, over the whole width."""
    free = WIDTH - 2 * MARGIN - sum(widths)
    gap = min(free / max(len(layers) - 1, 1), 3 * GAP)
    left = (WIDTH - sum(widths) - gap * (len(layers) - 1)) / 2
    tallest = max(map(len, layers))
    nodes: dict[str, Node] = {}
    for layer, width in zip(layers, widths, strict=True):
        top = MARGIN + (tallest - len(layer)) * ROW / 2 + NODE_HEIGHT / 2
        for place, node in enumerate(layer):
            nodes[node] = _node(words.get(node, ""), left + width / 2, top + place * ROW, WIDTH)
        left += width + gap
    return nodes


def _down(layers: list[list[str]], words: Mapping[str, str]) -> dict[str, Node]:
    """Layers below each other, where they are too many or their words too long."""
    nodes: dict[str, Node] = {}
    for depth, layer in enumerate(layers):
        share = (WIDTH - 2 * MARGIN) / len(layer)
        for place, node in enumerate(layer):
            y = MARGIN + NODE_HEIGHT / 2 + depth * (NODE_HEIGHT + GAP)
            nodes[node] = _node(words.get(node, ""), MARGIN + (place + 0.5) * share, y, share - 6)
    return nodes


def _edge(way: Sequence[Node], *, is_across: bool) -> Markup:
    """An arrow from the side of one box to the side of the next, past the boxes between them."""
    one, *bends, other = way
    if is_across:
        spots = [(one.x + one.width / 2, one.y), *((bend.x, bend.y) for bend in bends)]
        head = (other.x - other.width / 2 - 1, other.y)
    else:
        half = NODE_HEIGHT / 2
        spots = [(one.x, one.y + half), *((bend.x, bend.y) for bend in bends)]
        head = (other.x, other.y - half - 1)
    if not bends:
        return arrow(spots[0], head, "edge")
    before = (head[0] - TIP, head[1]) if is_across else (head[0], head[1] - TIP)
    return bow([*spots, before], "edge", is_across=is_across) + arrow(before, head, "edge")


def _boxes(nodes: Mapping[str, Node]) -> Iterator[Markup]:
    for node in nodes.values():
        if not node.words:
            continue
        left, top = node.x - node.width / 2, node.y - NODE_HEIGHT / 2
        yield box(left, top, node.width, NODE_HEIGHT)
        name = "node-words" if len(node.words) * LETTER + 4 <= node.width else "node-words small"
        yield text(node.x, node.y + 5, node.words, name)
