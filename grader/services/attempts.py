"""Attempts: one student at one variant of one problem of an assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock
from grader.services.assignments import Phase, Policy, Progress
from grader.services.submissions import SubmissionView


@dataclass(frozen=True, slots=True)
class PartStanding:
    """The best that the student has reached in one part, after penalties."""

    id: str
    score: Fraction
    max_score: Fraction
    is_right: bool
    failed_tries: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """All that a page or an integrator needs to show an attempt.

    The variant is `problem_source` at `seed`. `refusal` says in a sentence why nothing more can be
    submitted ("" when something can). `submissions` are newest first, without their evidence when held back.
    """

    id: int
    course_id: int
    course_title: str
    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    problem_version: str
    problem_source: str
    seed: int
    number: int
    student_id: int
    student_name: str
    role: str
    policy: Policy
    phase: Phase
    progress: Progress
    tries_used: int
    tries_left: int | None
    points: Fraction
    max_points: Fraction
    parts: tuple[PartStanding, ...]
    submissions: tuple[SubmissionView, ...]
    draft: Mapping[str, str]
    refusal: str
    may_have_new_variant: bool
    may_see_solution: bool
    created: datetime


def open_attempt(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, problem_id: str, student_id: int | None = None
) -> AttemptView:
    """The student's present attempt at a problem, opened if there is none; `student_id` None: the actor."""
    ...


def open_attempts(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, student_id: int | None = None
) -> tuple[AttemptView, ...]:
    """The student's present attempts at all problems of an assignment, in order."""
    ...


def attempt(session: Session, clock: Clock, actor: Actor, attempt_id: int) -> AttemptView:
    """One attempt: the student's own, or one of a course that the actor teaches; else NotFound."""
    ...


def new_practice_variant(session: Session, clock: Clock, actor: Actor, attempt_id: int) -> AttemptView:
    """Close the attempt and open the next one with a fresh variant (practice mode, else Conflict)."""
    ...


def save_draft(session: Session, clock: Clock, actor: Actor, attempt_id: int, responses: Mapping[str, str]) -> None:
    """Keep what the student has typed but not submitted; submitting clears it."""
    ...
