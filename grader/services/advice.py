"""What a student may best do next, with the reason: pure choosing, no tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from grader.services.assignments import AssignmentView
from grader.services.mastery import Stage
from grader.services.policies import Phase, Progress
from grader.services.practice import Topic

SOON = timedelta(hours=48)
FORGOTTEN = timedelta(days=14)
"""After so long without an answer a mastered topic is worth a look."""
UNSURE = (Stage.BEGINNING, Stage.ON_THE_WAY)
LEFT = (Progress.NEW, Progress.STARTED, Progress.TRIED)


class Urgency(StrEnum):
    """How near a due date is."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    UNDATED = "undated"


class Reason(StrEnum):
    """Why something is advised."""

    DUE_SOON = "due-soon"  # problems of the assignment are left, and it is due soon or overdue
    PREPARE = "prepare"  # a topic that is not sure yet comes up in an assignment that is open
    UNSURE = "unsure"  # a topic with mixed results
    UNTRIED = "untried"  # a topic without any
    FORGOTTEN = "forgotten"  # a topic that was good and has had no answer for long
    STRETCH = "stretch"  # all is well: harder problems


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: an assignment's problem, or a topic to practise (and the assignment that it is for)."""

    reason: Reason
    topic: str = ""
    assignment: AssignmentView | None = None
    problem_id: str = ""
    left: int = 0


def urgency(view: AssignmentView, now: datetime) -> Urgency:
    """How near the due date of an assignment is."""
    due = view.policy.due
    if due is None:
        return Urgency.UNDATED
    if due <= now:
        return Urgency.OVERDUE
    return Urgency.SOON if due - now <= SOON else Urgency.LATER


def left_in(view: AssignmentView) -> Sequence[str]:
    """The problems of an assignment with which something can still be done."""
    return [line.problem_id for line in view.problems if line.progress in LEFT]


def advise(now: datetime, views: Iterable[AssignmentView], topics: Sequence[Topic]) -> Advice | None:
    """What to do next in a course: what is due first, then what is not sure yet, then what is new."""
    open_views = [view for view in views if view.phase in (Phase.OPEN, Phase.LATE) and left_in(view)]
    dated = sorted((view for view in open_views if view.policy.due), key=lambda view: view.policy.due or now)
    pressing = next((view for view in dated if urgency(view, now) in (Urgency.OVERDUE, Urgency.SOON)), None)
    if pressing is not None:
        left = left_in(pressing)
        return Advice(Reason.DUE_SOON, assignment=pressing, problem_id=left[0], left=len(left))
    return _preparing(dated, topics) or _practising(now, topics)


def _preparing(dated: Sequence[AssignmentView], topics: Sequence[Topic]) -> Advice | None:
    """The least sure topic of the assignment that is due first and has one."""
    for view in dated:
        coming = {line.topic for line in view.problems if line.progress in LEFT}
        unsure = [topic for topic in topics if topic.topic in coming and topic.mastery.stage in UNSURE]
        if unsure:
            return Advice(Reason.PREPARE, _weakest(unsure).topic, view)
    return None


def _practising(now: datetime, topics: Sequence[Topic]) -> Advice | None:
    """A topic: the least sure, else one that was never tried, else one that is long ago, else the hardest there is."""
    if unsure := [topic for topic in topics if topic.mastery.stage in UNSURE]:
        return Advice(Reason.UNSURE, _weakest(unsure).topic)
    if untried := [topic for topic in topics if topic.mastery.stage is Stage.NEW]:
        return Advice(Reason.UNTRIED, untried[0].topic)
    if not topics:
        return None
    oldest = min(topics, key=lambda topic: topic.last or now)
    is_long_ago = oldest.last is not None and now - oldest.last >= FORGOTTEN
    return Advice(Reason.FORGOTTEN if is_long_ago else Reason.STRETCH, oldest.topic)


def _weakest(topics: Sequence[Topic]) -> Topic:
    return min(topics, key=lambda topic: topic.mastery.share)
