"""What is drawn beside a verdict: the function and the slopes, the path of a descent, in the words of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from grader.bank.variant import Variant, VariantPart
from grader.checking.verdict import Outcome
from grader.services.submissions import SubmissionView
from grader.web.figures.answering import OWN, TRUE, F, Slopes, Trail, drawing_of_reply, reply_to, reply_to_json
from grader.web.figures.planes import plane_svg

DRAWN = frozenset({Outcome.EQUAL, Outcome.DIFFERENT, Outcome.WRONG_FORM, Outcome.UNDECIDED})
SECOND = 2


@dataclass(frozen=True, slots=True)
class Reply:
    """A figure for a part: the picture without script, its height, caption and text, and what its lines are."""

    part: str
    picture: Markup
    height: int
    caption: str
    words: str
    lines: tuple[tuple[int, str], ...]


def replies_of(variant: Variant, submission: SubmissionView | None) -> Mapping[str, Reply]:
    """The figures for the parts of a judged submission, by the part's id."""
    found = {part.id: _drawn(part, submission) for part in variant.parts}
    return {part: reply for part, reply in found.items() if reply is not None}


def reply_data(part: VariantPart, submission: SubmissionView | None) -> Mapping[str, Any] | None:
    """The numbers and words for the script; None where there is nothing to draw."""
    reply = _reply(part, submission)
    if reply is None:
        return None
    names = _names(reply) | {"at": _("At"), "place": _("Place on the curve"), "start": _("start")}
    return {**reply_to_json(reply), "words": _words(reply), "names": names}


def _reply(part: VariantPart, submission: SubmissionView | None) -> Slopes | Trail | None:
    if submission is None or submission.result is None:
        return None  # nothing is shown before it is judged, or while marks are held back
    outcomes = {each["id"]: each["outcome"] for each in submission.result["parts"]}
    if outcomes.get(part.id) not in DRAWN:
        return None
    return reply_to(part, submission.responses.get(part.id, ""))


def _drawn(part: VariantPart, submission: SubmissionView | None) -> Reply | None:
    reply = _reply(part, submission)
    if reply is None:
        return None
    picture, height = plane_svg(drawing_of_reply(reply, _names(reply)), f"reply-{part.id}")
    return Reply(part.id, picture, height, _caption(reply), _words(reply), tuple(_legend(reply)))


def _names(reply: Slopes | Trail) -> dict[str, str]:
    is_second = isinstance(reply, Slopes) and reply.order == SECOND
    truth = _("true second derivative") if is_second else _("true derivative")
    if isinstance(reply, Slopes) and reply.order == 1:
        truth = _("true slope")
    return {F: _("function"), TRUE: truth, OWN: _("your answer")}


def _legend(reply: Slopes | Trail) -> Iterator[tuple[int, str]]:
    if isinstance(reply, Slopes):
        names = _names(reply)
        yield 1, names[F]
        if reply.true is not None:
            yield 3, names[TRUE]
        if reply.own is not None:
            yield 4, names[OWN]


def _caption(reply: Slopes | Trail) -> str:
    if isinstance(reply, Trail):
        return str(_("The way of your steps over the function"))
    return str(
        _("The function and your derivative") if reply.true is None else _("Your derivative beside the true one")
    )


def _words(reply: Slopes | Trail) -> str:
    """What is to be seen, for those who do not see it."""
    if isinstance(reply, Trail):
        spots = "; ".join(f"({x:.4g}, {y:.4g})" for x, y in reply.spots[:12])
        return str(_("The steps lead through the points %(spots)s.", spots=spots))
    if reply.true is None or reply.own is None:
        return str(_("The curves from %(low)s to %(high)s.", low=reply.places[0], high=reply.places[-1]))
    apart = [x for x, one, other in zip(reply.places, reply.true, reply.own, strict=True) if _differ(one, other)]
    if not apart:
        return str(_("Both curves of slopes lie on each other."))
    where = {"by": reply.by, "x": apart[len(apart) // 2]}
    return str(_("The curves of slopes differ, for instance at %(by)s = %(x)s.", **where))


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return (one is None) != (other is None)
    return abs(one - other) > 1e-3 * max(1.0, abs(one))
