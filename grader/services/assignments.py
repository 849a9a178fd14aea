"""Assignments: what is set, when, and under which rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock
from grader.services.problems import ProblemSource


class ShowSolution(StrEnum):
    """When a student sees the worked solution."""

    NEVER = "never"
    DONE = "done"  # once solved, or with no tries left
    DUE = "due"  # once the due date is past


class Phase(StrEnum):
    """Where an assignment is in its life."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


class Progress(StrEnum):
    """How far a student has come with one problem."""

    NEW = "new"  # not opened
    STARTED = "started"  # opened, nothing judged that counts
    TRIED = "tried"  # at least one try used, some left
    SPENT = "spent"  # not right in all parts, no tries left
    SOLVED = "solved"  # every part right


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of an assignment; None for `opens`, `due`, `tries`: always, never, without limit.

    `penalty` is the share of a part's points lost for each failed try of that part.
    In practice mode a student may ask for new variants without end.
    """

    opens: datetime | None = None
    due: datetime | None = None
    tries: int | None = None
    penalty: Fraction = Fraction(0)
    practice: bool = False
    show_solution: ShowSolution = ShowSolution.DONE


@dataclass(frozen=True, slots=True)
class ChosenProblem:
    """A problem picked for an assignment; without `points` it counts what its parts add up to."""

    problem: ProblemSource
    points: Fraction | None = None


@dataclass(frozen=True, slots=True)
class AssignmentSummary:
    """One line of a list of assignments; the counts are the student's (zero for a teacher)."""

    id: int
    course_id: int
    title: str
    policy: Policy
    phase: Phase
    problems: int
    solved: int
    tried: int
    points: Fraction
    max_points: Fraction


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One problem of an assignment with how far the student has come; `problem_id` is the bank's id."""

    problem_id: str
    title: str
    topic: str
    level: str
    version: str
    progress: Progress
    attempt_id: int | None
    tries_used: int
    tries_left: int | None
    points: Fraction
    max_points: Fraction


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment with its problems in order."""

    id: int
    course_id: int
    course_title: str
    role: str
    title: str
    policy: Policy
    phase: Phase
    problems: tuple[ProblemLine, ...]

    @property
    def points(self) -> Fraction:
        """The points that the student has."""
        return sum((line.points for line in self.problems), Fraction(0))

    @property
    def max_points(self) -> Fraction:
        """The points that there are."""
        return sum((line.max_points for line in self.problems), Fraction(0))


def create_assignment(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    title: str,
    problems: Sequence[ChosenProblem],
    policy: Policy = Policy(),
) -> AssignmentView:
    """A new assignment (instructor)."""
    ...


def list_assignments(
    session: Session, clock: Clock, actor: Actor, course_id: int, student_id: int | None = None
) -> tuple[AssignmentSummary, ...]:
    """A course's assignments by due date with the student's progress; `student_id` None: the actor's own."""
    ...


def assignment(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, student_id: int | None = None
) -> AssignmentView:
    """One assignment with the student's progress; before it opens a student sees no problems."""
    ...
