"""What to do next: one row for each reason, and the order in which reasons come."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from grader.services.advice import Advice, Reason, Urgency, advise, urgency
from grader.services.assignments import AssignmentView, ProblemLine
from grader.services.lateness import LateKind, LateRule
from grader.services.mastery import Mastery
from grader.services.policies import Policy, Progress
from grader.services.practice import Topic
from tests.factories import START

HOUR = timedelta(hours=1)
LATE = LateRule(LateKind.DAILY, loss=Fraction(1, 10))


def view(number: int, hours: float | None, *states: Progress, topic: str = "descent", late: bool = False) -> object:
    due = None if hours is None else START + hours * HOUR
    rules = Policy(due=due, late=LATE) if late else Policy(due=due)
    lines = tuple(
        ProblemLine(f"p{place}", "T", topic, "drill", "v", state, None, 0, None, Fraction(0), Fraction(1))
        for place, state in enumerate(states)
    )
    return AssignmentView(number, 1, "C", "student", f"A{number}", rules, rules.phase(START), lines)


def topic(name: str, share: float, answered: int = 5, days: float = 1) -> Topic:
    last = START - timedelta(days=days) if answered else None
    return Topic(name, Mastery(share, answered), "standard", 3, last)


NEW, SOLVED, SPENT = Progress.NEW, Progress.SOLVED, Progress.SPENT
TOPICS = [topic("convexity", 0.8), topic("descent", 0.5), topic("limits", 0.3), topic("losses", 0, 0)]


@pytest.mark.parametrize(
    ("views", "topics", "expected"),
    [
        ([view(1, 30, SOLVED, NEW)], TOPICS, (Reason.DUE_SOON, "", 1, "p1", 1)),
        ([view(1, 90, NEW), view(2, 40, NEW), view(3, 30, NEW, NEW)], TOPICS, (Reason.DUE_SOON, "", 3, "p0", 2)),
        ([view(1, 30, NEW), view(2, -5, NEW, late=True)], TOPICS, (Reason.DUE_SOON, "", 2, "p0", 1)),
        ([view(1, 30, SOLVED, SPENT)], TOPICS, (Reason.UNSURE, "limits", 0, "", 0)),  # nothing is left there
        ([view(1, -5, NEW)], TOPICS, (Reason.UNSURE, "limits", 0, "", 0)),  # closed
        ([view(1, 90, NEW)], TOPICS, (Reason.PREPARE, "descent", 1, "", 0)),
        ([view(1, 90, NEW, topic="convexity")], TOPICS, (Reason.UNSURE, "limits", 0, "", 0)),
        ([], TOPICS, (Reason.UNSURE, "limits", 0, "", 0)),
        ([view(1, None, NEW)], TOPICS[:1] + TOPICS[3:], (Reason.UNTRIED, "losses", 0, "", 0)),
        ([], [topic("a", 0.9), topic("b", 0.9, days=20)], (Reason.FORGOTTEN, "b", 0, "", 0)),
        ([], [topic("a", 0.9), topic("b", 0.9, days=3)], (Reason.STRETCH, "b", 0, "", 0)),
        ([], [], None),
    ],
)
def test_advice(views: list[AssignmentView], topics: list[Topic], expected: tuple[object, ...] | None) -> None:
    found: Advice | None = advise(START, views, topics)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assignment = found.assignment.id if found.assignment else 0
    assert (found.reason, found.topic, assignment, found.problem_id, found.left) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (None, Urgency.UNDATED),
        (-1, Urgency.OVERDUE),
        (0, Urgency.OVERDUE),
        (48, Urgency.SOON),
        (49, Urgency.LATER),
    ],
)
def test_urgency(hours: float | None, expected: Urgency) -> None:
    made = view(1, hours, NEW)
    assert isinstance(made, AssignmentView)
    assert urgency(made, START) is expected
