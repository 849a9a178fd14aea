"""Plots of what students have answered: columns with their counts, shares with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.web.charts import WIDTH, Bar, drawing

HEIGHT, TOP, BASE = 120, 16, 100
ROW, FOOT = 20, 18
LEFT, RIGHT = 96, WIDTH - 20
LONGEST_LABEL = 13


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on the axis under the columns, as a place from 0 to 1, with its words."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A share between its bounds, all from 0 to 1; `told` is all of it in words."""

    label: str
    low: float
    value: float
    high: float
    told: str
    is_flagged: bool = False


def counted_columns(told: str, bars: Sequence[Bar], marks: Sequence[Mark] = ()) -> Markup:
    """Columns with their counts on top; their labels stand below unless `marks` say what does."""
    highest = max((bar.count for bar in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    drawn = Markup().join(_column(bar, place * step, step, bar.count / highest) for place, bar in enumerate(bars))
    axis = Markup('<line x1="0" x2="{}" y1="{b}" y2="{b}"/>').format(WIDTH, b=BASE)
    labels = marks or [Mark((place + 0.5) / len(bars), bar.label) for place, bar in enumerate(bars)]
    return drawing(HEIGHT, told, drawn + axis + Markup().join(map(_label, labels)))


def _column(bar: Bar, left: float, step: float, share: float) -> Markup:
    height = share * (BASE - TOP)
    rect = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5"><title>{}: {}</title></rect>')
    count = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
    drawn = rect.format(left + step * 0.08, BASE - height, step * 0.84, height, bar.label, bar.count)
    return drawn + count.format(left + step / 2, BASE - height - 4, bar.count) if bar.count else drawn


def _label(mark: Mark) -> Markup:
    """Words under the axis, kept inside of the drawing."""
    anchor = "start" if mark.place <= 0 else "end" if mark.place >= 1 else "middle"
    text = Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
    return text.format(mark.place * WIDTH, BASE + 14, anchor, mark.label)


def intervals(told: str, rows: Sequence[Interval], average: float | None = None) -> Markup:
    """Each share as a dot on its interval, from 0 to 100 %, with a line where the average is."""
    base = len(rows) * ROW + 4
    grid = Markup().join(
        Markup(
            '<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y}"/>'
            '<text x="{x:.1f}" y="{t}" text-anchor="middle">{p} %</text>'
        ).format(x=_across(place), y=base, t=base + 14, p=round(place * 100))
        for place in (0.0, 0.5, 1.0)
    )
    mean = Markup()
    if average is not None:
        mean = Markup('<line class="mean" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y}"/>').format(
            x=_across(average), y=base
        )
    drawn = Markup().join(_interval(row, place * ROW + ROW / 2 + 2) for place, row in enumerate(rows))
    return drawing(base + FOOT, told, grid + mean + drawn)


def _interval(row: Interval, y: float) -> Markup:
    label = row.label if len(row.label) <= LONGEST_LABEL else row.label[: LONGEST_LABEL - 1] + "…"
    return Markup(
        '<g class="{name}"><title>{told}</title><text x="0" y="{t:.1f}">{label}</text>'
        '<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        '<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/></g>'
    ).format(
        name="flagged" if row.is_flagged else "share",
        told=row.told,
        label=label,
        low=_across(row.low),
        high=_across(row.high),
        x=_across(row.value),
        y=y,
        t=y + 4,
    )


def _across(share: float) -> float:
    """Where a share is on the axis."""
    return LEFT + share * (RIGHT - LEFT)
