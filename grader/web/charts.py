"""Small plots as SVG, coloured by the style sheet, each bar with its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from markupsafe import Markup

MOST_BARS = 24
MOST_ROWS = 10
WIDTH, HEIGHT, BASE = 320, 96, 78
ROW = 22
_NUMBER = re.compile(r"-?\d+(?:\.\d+|/[1-9]\d*)?")
_ENTRIES = re.compile(r"[\[\]()\s,;]|" + _NUMBER.pattern)


@dataclass(frozen=True, slots=True)
class Bar:
    """How often something was seen; `label` says what."""

    label: str
    count: int


def histogram(title: str, texts: Iterable[str]) -> Markup:
    """How often each value was drawn: numbers in their order, all else by how often."""
    found = list(texts)
    numbers = _numbers(found)
    if numbers is not None:
        return columns(title, numbers)
    counted = Counter(found).most_common()
    bars = [Bar(text, count) for text, count in counted[:MOST_ROWS]]
    if len(counted) > MOST_ROWS:
        bars.append(Bar(f"{len(counted) - MOST_ROWS} others", sum(count for _, count in counted[MOST_ROWS:])))
    return rows(title, bars)


def _numbers(texts: Sequence[str]) -> list[float] | None:
    """The numbers that the texts are, or the entries of vectors and matrices; None for all else."""
    if not texts or any(_ENTRIES.sub("", text) for text in texts):
        return None
    return [float(Fraction(number)) for text in texts for number in _NUMBER.findall(text)]


def columns(title: str, values: Sequence[float]) -> Markup:
    """Numbers as columns: one for each value where these are few whole numbers, else for ranges of them."""
    bars = _bins(values)
    highest = max((bar.count for bar in bars), default=1) or 1
    step = WIDTH / max(len(bars), 1)
    drawn = Markup().join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}: {}</title></rect>').format(
            _short(place * step + min(step * 0.08, 2)),
            _short(BASE - (height := bar.count / highest * (BASE - 6))),
            _short(max(min(step * 0.84, 28), 1)),
            _short(height),
            bar.label,
            bar.count,
        )
        for place, bar in enumerate(bars)
    )
    ends = (min(values), max(values)) if values else (0.0, 0.0)
    axis = Markup(
        '<line x1="0" x2="{w}" y1="{b}" y2="{b}"/><text x="0" y="{t}">{low}</text>'
        '<text x="{w}" y="{t}" text-anchor="end">{high}</text>'
    ).format(w=WIDTH, b=BASE, t=BASE + 14, low=_shown(ends[0]), high=_shown(ends[1]))
    told = f"{title}: from {_shown(ends[0])} to {_shown(ends[1])}, {len(values)} values"
    return drawing(HEIGHT, told, drawn + axis)


def rows(title: str, bars: Sequence[Bar]) -> Markup:
    """Words with bars beside them."""
    highest = max((bar.count for bar in bars), default=1) or 1
    drawn = Markup().join(
        Markup(
            '<text x="0" y="{y}">{label}</text><rect x="150" y="{top}" width="{width}" height="12" rx="1.5">'
            '<title>{full}: {count}</title></rect><text x="{end}" y="{y}" text-anchor="end">{count}</text>'
        ).format(
            y=place * ROW + 14,
            label=bar.label if len(bar.label) <= 20 else bar.label[:19] + "…",
            full=bar.label,
            top=place * ROW + 4,
            width=_short(bar.count / highest * 130),
            end=WIDTH,
            count=bar.count,
        )
        for place, bar in enumerate(bars)
    )
    told = f"{title}: " + ", ".join(f"{bar.label} {bar.count}" for bar in bars)
    return drawing(max(len(bars), 1) * ROW + 4, told, drawn)


def drawing(height: int, told: str, inside: Markup) -> Markup:
    """A drawing of this height, with what it shows in words."""
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, told, inside
    )


def _bins(values: Sequence[float]) -> list[Bar]:
    if not values:
        return []
    low, high = min(values), max(values)
    if all(value == floor(value) for value in values) and high - low < MOST_BARS:
        counted = Counter(values)
        return [Bar(str(each), counted.get(each, 0)) for each in range(int(low), int(high) + 1)]
    count = min(MOST_BARS, max(4, ceil(len(set(values)))))
    size = (high - low) / count or 1.0
    places = Counter(min(int((value - low) / size), count - 1) for value in values)
    return [
        Bar(f"{_shown(low + place * size)} to {_shown(low + (place + 1) * size)}", places.get(place, 0))
        for place in range(count)
    ]


def _shown(value: float) -> str:
    return f"{value:.4g}"


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
