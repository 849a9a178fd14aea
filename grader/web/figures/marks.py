"""The elements that figures are made of, as strings with every text escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

_RAISED = str.maketrans("0123456789-+abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_POWER = re.compile(r"\^(?:(-?(?:[0-9]+|[a-pr-z]))(?![\w(])|\((-?[0-9]*[a-pr-z]?)\))")
_ROOT = re.compile(r"sqrt(?:\((\w)\)|(?=\())")
_INDEX = re.compile(r"_\{?(\d+)\}?")


def number(value: float) -> str:
    """A coordinate, short."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def pretty(text: str) -> str:
    """Mathematics in plain notation with raised powers and lowered indices.

    >>> pretty("3*x_1^2 - 1")
    '3x₁² − 1'
    """
    text = _ROOT.sub(lambda match: f"√{match[1] or ''}", text)
    text = _POWER.sub(lambda match: (match[1] or match[2]).translate(_RAISED), text)
    text = _INDEX.sub(lambda match: match[1].translate(_LOWERED), text)
    return re.sub(r"(?<=[\w)₀-₉⁰-⁹])\*(?=[^\W\d_(])|(?<=\d)\*(?=\()", "", text).replace("*", "·").replace("-", "−")


def path(spots: Sequence[tuple[float, float]], name: str, *, closed: bool = False) -> Markup:
    """A line through points of the picture."""
    points = "L".join(f"{number(x)} {number(y)}" for x, y in spots)
    return Markup('<path class="{}" d="M{}{}"/>').format(name, points, "Z" if closed else "")


def bow(spots: Sequence[tuple[float, float]], name: str, *, is_across: bool) -> Markup:
    """A smooth line through points of the picture that leaves and meets each of them along the layers' direction."""
    parts = [f"M{number(spots[0][0])} {number(spots[0][1])}"]
    for (x, y), (other, above) in pairwise(spots):
        middle = (x + other) / 2 if is_across else (y + above) / 2
        bends = ((middle, y), (middle, above)) if is_across else ((x, middle), (other, middle))
        parts.append("C" + " ".join(f"{number(a)} {number(b)}" for a, b in (*bends, (other, above))))
    return Markup('<path class="{}" d="{}"/>').format(name, "".join(parts))


def text(x: float, y: float, words: str, name: str, anchor: str = "middle") -> Markup:
    """Words at a point of the picture."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, number(x), number(y), anchor, words
    )


def box(left: float, top: float, width: float, height: float) -> Markup:
    """A box with round corners."""
    return Markup('<rect class="node" x="{}" y="{}" width="{}" height="{}" rx="8"/>').format(
        number(left), number(top), number(width), number(height)
    )


def dot(x: float, y: float, name: str = "dot") -> Markup:
    """A point."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="3.6"/>').format(name, number(x), number(y))


def arrow(tail: tuple[float, float], head: tuple[float, float], name: str) -> Markup:
    """A line with a tip, both drawn, so that no marker has to be defined."""
    across, up = head[0] - tail[0], head[1] - tail[1]
    length = (across**2 + up**2) ** 0.5
    if length < 1:
        return Markup()
    along = (across / length, up / length)
    size = min(8.0, length / 2)
    base = (head[0] - size * along[0], head[1] - size * along[1])
    left = (base[0] - size / 2 * along[1], base[1] + size / 2 * along[0])
    right = (base[0] + size / 2 * along[1], base[1] - size / 2 * along[0])
    return path([tail, base], name) + path([head, left, right], f"{name}-tip", closed=True)
