"""What a person should look at: responses that are not judged, and judging that contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.services import quarantine
from grader.store import contradictions, submissions
from grader.store.contradictions import Contradicted


@dataclass(frozen=True, slots=True)
class Concern:
    """One part of one submission, and why a person should look at it."""

    submission_id: int
    part: str
    kind: str  # "quarantine" or "contradiction"
    words: str


def of_submission(session: Session, submission_id: int) -> tuple[Concern, ...]:
    """The concerns about one submission, for services that have checked who asks."""
    marked = (_contradiction(row) for row in contradictions.of_submission(session, submission_id))
    rows = quarantine.held_in(session, submissions.work(session, submission_id))
    held = (Concern(submission_id, part, "quarantine", _held_words(row.reason)) for part, row in rows.items())
    return (*marked, *held)


def _contradiction(row: Contradicted) -> Concern:
    words = f"Two ways of judging contradict each other: {row.first} {row.second}"
    return Concern(row.submission_id, row.part, "contradiction", words)


def _held_words(reason: str) -> str:
    return f"In quarantine: it is not judged again by itself, because {reason}."
