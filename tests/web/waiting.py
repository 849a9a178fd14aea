"""Something that waits for a person, and an invitation, for pages that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from grader.grading import Result, grade
from grader.services import assignments, attempts, invitations, reviews, submissions
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.problems import source_of
from grader.web.variants import variant_at
from tests.small_bank import small_bank

BEN, TEACHER, COURSE = Actor(3), Actor(1), 1
WRITTEN = "explain-two-modes"


def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(variant_at(source, seed), responses)


def add_what_waits(sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> dict[str, str]:
    """An answer of Ben's in words and an invitation into the demo course; what they are called in addresses."""
    with sessions() as session:
        chosen = [ChosenProblem(source_of(small_bank().problems[WRITTEN]))]
        made = assignments.create_assignment(session, clock, TEACHER, COURSE, "In words", chosen)
        attempt = attempts.open_attempt(session, clock, BEN, made.id, WRITTEN)
        answers = {"matrix": "1/2", "compare": "Row by row.\nIt costs memory."}
        submissions.submit(session, clock, judge, BEN, attempt.id, answers)
        secret, _ = invitations.invite(session, clock, TEACHER, COURSE, 3)
        review = reviews.first(session, TEACHER, COURSE, None)
        return {"review_id": str(review), "secret": secret, "person_id": "2"}
