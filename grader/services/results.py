"""Results as a teacher reads them: students × problems, one student, one submission, CSV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock
from grader.services.assignments import AssignmentView, Progress
from grader.services.attempts import AttemptView
from grader.services.courses import StudentView
from grader.services.submissions import SubmissionView


@dataclass(frozen=True, slots=True)
class Column:
    """One problem of an assignment as a column of the table."""

    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    max_points: Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """What one student has reached in one problem; `attempt_id` None: never opened."""

    progress: Progress
    points: Fraction
    tries_used: int
    attempt_id: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One student's line; `cells` are in the order of the columns."""

    student: StudentView
    cells: tuple[Cell, ...]
    points: Fraction


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Students × problems of one assignment, or of all of a course."""

    course_id: int
    course_title: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    max_points: Fraction


@dataclass(frozen=True, slots=True)
class StudentResults:
    """Everything that one student has done in a course."""

    student: StudentView
    assignments: tuple[AssignmentView, ...]


@dataclass(frozen=True, slots=True)
class SubmissionDetail:
    """One submission with the attempt that it belongs to; the evidence is in `submission.result`."""

    submission: SubmissionView
    attempt: AttemptView


def course_results(session: Session, actor: Actor, course_id: int) -> ResultTable:
    """The table of a whole course (teachers)."""
    ...


def assignment_results(session: Session, actor: Actor, assignment_id: int) -> ResultTable:
    """The table of one assignment (teachers)."""
    ...


def student_results(session: Session, clock: Clock, actor: Actor, course_id: int, student_id: int) -> StudentResults:
    """One student's results in a course (teachers, or the student)."""
    ...


def submission_detail(session: Session, clock: Clock, actor: Actor, submission_id: int) -> SubmissionDetail:
    """One submission with its evidence and attempt (teachers, or the student)."""
    ...


def as_csv(table: ResultTable) -> str:
    """The table as CSV with a header line; cells that a spreadsheet would run as formulas are defused."""
    ...
