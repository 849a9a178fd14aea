"""What the pages of analysis say in words: shares, times, what is odd and what it may mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from grader.services.analysis import AssignmentAnalysis, Counted
from grader.services.fairness import Group
from grader.services.item_figures import LEAST_STUDENTS, Figures, Flag
from grader.services.item_statistics import Correlation, Share
from grader.services.problem_analysis import MOST_MINUTES
from grader.web.formats import marks

TONES: Mapping[Flag, str] = {Flag.NEGATIVE: "wrong", Flag.UNFAIR: "wrong", Flag.HARD: "notice", Flag.WEAK: "notice"}
"""Those that call for a look, with how they are coloured."""
LEAST_CHANCE = 0.001


def percent(share: float | None) -> str:
    """A share as a whole number of per cent, a dash where there is none."""
    return "–" if share is None else f"{round(share * 100)} %"


def interval(share: Share) -> str:
    """The bounds of a share."""
    return f"{round(share.low * 100)}–{round(share.high * 100)} %"


def correlation(found: Correlation | None) -> str:
    """A correlation to two places, a dash where there is none."""
    return "–" if found is None else marks(round(found.value, 2)).replace("-", "−")


def chance(value: float) -> str:
    """How likely a difference is by chance, as far as anybody cares."""
    return f"< {marks(LEAST_CHANCE)}" if value < LEAST_CHANCE else marks(round(value, 3))


def minutes(value: float) -> str:
    """A time, in words where it is the longest that is told apart."""
    if value >= MOST_MINUTES:
        return str(_("%(hours)s hours or more", hours=round(MOST_MINUTES / 60)))
    if value < 1:
        return str(_("under a minute"))
    return str(_("%(minutes)s min", minutes=round(value)))


def flag_words(flag: Flag, figures: Figures) -> str:
    """What is odd, and what it may mean."""
    share = percent(figures.difficulty)
    said = {
        Flag.NEGATIVE: _("Students who do well elsewhere do badly here: look at the key and at the wording."),
        Flag.UNFAIR: _("Some variants are harder than others."),
        Flag.HARD: _("Hard: %(share)s of the points on average.", share=share),
        Flag.WEAK: _("Says little about who is good at the rest."),
        Flag.EASY: _("Easy: %(share)s of the points on average.", share=share),
        Flag.FEW: _(
            "Too few answers to say more: %(count)s of at least %(least)s.",
            count=figures.answered,
            least=LEAST_STUDENTS,
        ),
    }
    return str(said[flag])


def unfair_words(group: Group) -> str:
    """How much harder or easier a group is than the others."""
    told = {
        "group": group.label,
        "mine": percent(group.first_try.value),
        "others": percent(group.others.value),
    }
    if group.difference < 0:
        return str(_("%(group)s is harder: %(mine)s right at the first try, %(others)s of the others.", **told))
    return str(_("%(group)s is easier: %(mine)s right at the first try, %(others)s of the others.", **told))


def group_words(group: Group) -> str:
    """What is said of a variant or a value in a table."""
    if not group.is_unfair:
        return str(_("Fair, as far as one can tell"))
    return str(_("Harder") if group.difference < 0 else _("Easier"))


def counted(counted: Counted) -> list[str]:
    """Who is in the numbers, and who is not."""
    found = [
        _(
            "Counted: %(answered)s of %(students)s students, with a judged answer.",
            answered=counted.answered,
            students=counted.students,
        ),
        _("Answers by teachers, previews, practice by topic, and people who have left the course are not counted."),
    ]
    if counted.waiting:
        found.append(
            ngettext(
                "%(num)s attempt waits for a person and is left out.",
                "%(num)s attempts wait for a person and are left out.",
                counted.waiting,
            )
        )
    return found


def items_reading(found: AssignmentAnalysis, flagged: int) -> str:
    """How many problems need a look, if that can be said."""
    if not any(item.figures.answered >= LEAST_STUDENTS for item in found.items):
        text = _(
            "No problem has enough answers yet: from %(least)s students on it is said which need a look.",
            least=LEAST_STUDENTS,
        )
        return str(text)
    if not flagged:
        return str(_("Nothing stands out."))
    return str(ngettext("%(num)s problem needs a look.", "%(num)s problems need a look.", flagged))


def flag_tone(flag: Flag) -> str:
    """The colour of a flag, "" for those that only inform."""
    return TONES.get(flag, "")


FORMATS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (percent, interval, correlation, flag_words, flag_tone, minutes, group_words, chance)
}
"""How numbers are written in the templates."""
