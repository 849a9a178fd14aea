"""Submissions: kept and committed first, judged after, recorded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Protocol

from sqlalchemy.orm import Session, sessionmaker

from grader.services.access import Actor, Clock


class GradedPart(Protocol):
    """What recording needs of `grading.PartResult`."""

    @property
    def id(self) -> str: ...
    @property
    def score(self) -> Fraction: ...
    @property
    def max_score(self) -> Fraction: ...
    @property
    def outcome(self) -> str: ...


class GradedResult(Protocol):
    """What recording needs of `grading.Result`."""

    @property
    def score(self) -> Fraction: ...
    @property
    def max_score(self) -> Fraction: ...
    @property
    def parts(self) -> Sequence[GradedPart]: ...
    @property
    def engine(self) -> str: ...
    def to_json(self) -> dict[str, Any]: ...


Grade = Callable[[str, int, Mapping[str, str]], GradedResult]
"""(problem source, seed, responses) -> result; in the product `isolation.grade_within` with its limits bound."""


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission; `result` is `Result.to_json()` of the latest grading, None while it waits for the judge.

    `score` is what was judged, before penalties; `counted` says whether it used up a try.
    """

    id: int
    attempt_id: int
    number: int
    state: str  # "stored" or "judged"
    responses: Mapping[str, str]
    created: datetime
    judged: datetime | None
    result: Mapping[str, Any] | None
    score: Fraction | None
    max_score: Fraction | None
    counted: bool
    engine: str | None


def submit(
    session: Session,
    clock: Clock,
    grade: Grade,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> SubmissionView:
    """Store the responses and commit, judge them with no transaction open, record the result.

    `key` makes it idempotent: the same key and responses give the first submission again, the same key
    with others is a Conflict. Raises NotFound, Closed, NoTriesLeft, InvalidRequest before anything is stored.
    """
    ...


def submission(session: Session, actor: Actor, submission_id: int) -> SubmissionView:
    """One submission: the student's own, or one of a course that the actor teaches; else NotFound."""
    ...


def judge_stored(sessions: sessionmaker[Session], clock: Clock, grade: Grade, limit: int = 100) -> int:
    """Judge submissions that were stored but not judged, each once; how many were."""
    ...
