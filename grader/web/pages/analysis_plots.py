"""The plots of the pages of analysis, each with the sentence that reads it and with its numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from grader.services.analysis import AssignmentAnalysis
from grader.services.fairness import LEAST_IN_GROUP, Comparison, Group
from grader.services.item_figures import LEAST_STUDENTS
from grader.services.problem_analysis import ProblemAnalysis, Success
from grader.web.answer_charts import Interval, counted_columns, intervals
from grader.web.answer_charts import Mark as AxisMark
from grader.web.charts import Bar
from grader.web.formats import marks
from grader.web.pages.analysis_words import interval, minutes, percent, unfair_words

TENTHS = 10
MINUTES = (1, 2, 5, 10, 20, 60)
MOST_ROWS = 30
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its title, a sentence that reads it, and its numbers as a table of two columns."""

    title: str
    reading: str
    drawn: Markup
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Groups of students side by side."""

    title: str
    comparison: Comparison
    reading: str
    drawn: Markup
    few: str


def scores(found: AssignmentAnalysis) -> Plot:
    """How the points are spread, in tenths of what can be reached."""
    most = found.max_points or 1.0
    counts = Counter(min(int(score / most * TENTHS + 1e-9), TENTHS - 1) for score in found.scores)
    edges = [marks(round(most * place / TENTHS, 2)) for place in range(TENTHS + 1)]
    bars = [
        Bar(_("%(low)s to %(high)s", low=edges[place], high=edges[place + 1]), counts[place]) for place in range(TENTHS)
    ]
    axis = [AxisMark(0, "0"), AxisMark(0.5, marks(round(most / 2, 2))), AxisMark(1, marks(round(most, 2)))]
    median, spread = marks(round(found.spread.median, 2) if found.spread else 0), found.spread
    reading = _("Half of the students have %(points)s points or more.", points=median)
    if spread is not None and spread.count >= LEAST_STUDENTS:
        low, high = marks(round(spread.first, 2)), marks(round(spread.third, 2))
        reading += " " + _(
            "The middle half has between %(low)s and %(high)s of %(all)s.",
            low=low,
            high=high,
            all=marks(round(most, 2)),
        )
    told = _("Students by points") + ": " + ", ".join(f"{bar.label}: {bar.count}" for bar in bars if bar.count)
    rows = tuple((bar.label, bar.count) for bar in bars)
    return Plot(_("Points"), reading, counted_columns(told, bars, axis), (_("Points"), _("Students")), rows)


def tries(one: Success) -> Plot:
    """How many tries it took."""
    labels = [*map(str, range(1, len(one.tries))), f"{len(one.tries)}+"]
    bars = [
        *(Bar(label, count) for label, count in zip(labels, one.tries, strict=True)),
        Bar(_("not yet"), one.unsolved),
    ]
    solved, everybody = sum(one.tries), sum(one.tries) + one.unsolved
    reading = _(
        "%(first)s of %(all)s were right at the first try, %(solved)s in the end.",
        first=one.tries[0],
        all=everybody,
        solved=solved,
    )
    told = _("Students by tries") + ": " + ", ".join(f"{bar.label}: {bar.count}" for bar in bars)
    rows = tuple((bar.label, bar.count) for bar in bars)
    return Plot(_("Tries to success"), reading, counted_columns(told, bars), (_("Tries"), _("Students")), rows)


def times(one: Success) -> Plot | None:
    """How long it took those who got there."""
    if one.spread is None:
        return None
    counts = Counter(bisect_right(MINUTES, time) for time in one.minutes)
    labels = [
        f"< {MINUTES[0]}",
        *(f"{low}–{high}" for low, high in pairwise(MINUTES)),
        f"{MINUTES[-1]}+",
    ]
    bars = [Bar(label, counts[place]) for place, label in enumerate(labels)]
    reading = _("Half of those who solved it had it within %(median)s.", median=minutes(one.spread.median))
    if one.spread.count >= LEAST_STUDENTS:
        low, high = minutes(one.spread.first), minutes(one.spread.third)
        reading += " " + _("A quarter took no more than %(low)s, a quarter %(high)s or more.", low=low, high=high)
    told = (
        _("Students by minutes from opening to success") + ": " + ", ".join(f"{bar.label}: {bar.count}" for bar in bars)
    )
    rows = tuple((bar.label, bar.count) for bar in bars)
    return Plot(
        _("Minutes from opening to success"), reading, counted_columns(told, bars), (_("Minutes"), _("Students")), rows
    )


def variants(found: ProblemAnalysis) -> Compared:
    """The variants of the version that most students have."""
    return compared(_("Variants"), found.item.variants)


def compared(title: str, comparison: Comparison) -> Compared:
    """Groups with their plot, their sentence, and what is said of those that are too small."""
    rows = [_row(group) for group in _shown(comparison.groups)]
    reading, few = _reading(comparison), ""
    if comparison.few:
        few = _(
            "Not compared: %(groups)s with fewer than %(least)s students each, %(students)s together.",
            least=LEAST_IN_GROUP,
            groups=comparison.few,
            students=comparison.few_students,
        )
    return Compared(title, comparison, reading, intervals(f"{title}: {reading}", rows, _average(comparison)), few)


def _reading(comparison: Comparison) -> str:
    """What the comparison says: which groups are unfair, and by how much."""
    if not comparison.groups:
        return str(_("No group is large enough to compare."))
    if not comparison.unfair:
        return str(_("The differences are no larger than chance explains."))
    told = " ".join(unfair_words(group) for group in comparison.unfair[:MOST_NAMES])
    more = len(comparison.unfair) - MOST_NAMES
    return f"{told} {ngettext('%(num)s more is flagged.', '%(num)s more are flagged.', more)}" if more > 0 else told


def _shown(groups: Sequence[Group]) -> list[Group]:
    """As many as a plot holds, those that are flagged among them; the table has them all."""
    kept = {group.label for group in sorted(groups, key=lambda one: not one.is_unfair)[:MOST_ROWS]}
    return [group for group in groups if group.label in kept]


def _row(group: Group) -> Interval:
    share = group.first_try
    told = f"{group.label}: {percent(share.value)} ({interval(share)})"
    return Interval(group.label, share.low, share.value or 0.0, share.high, told, group.is_unfair)


def _average(comparison: Comparison) -> float | None:
    """The share of all who are compared."""
    total = sum(group.first_try.total for group in comparison.groups)
    return sum(group.first_try.hits for group in comparison.groups) / total if total else None
