"""Results as a teacher reads them: students × problems, one student, one submission, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services.access import Actor, Clock, Membership, enter, enter_assignment
from grader.services.assignments import AssignmentView, assignments_of
from grader.services.attempts import AttemptView, attempt
from grader.services.courses import StudentView, students_of
from grader.services.policies import Policy, Progress, Work, group_attempts, policy_of
from grader.services.submissions import SubmissionView, submission
from grader.store import assignments, attempts
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import AttemptMarks


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
    """One submission with the attempt that it belongs to.

    The evidence is in `submission.result`.
    """

    submission: SubmissionView
    attempt: AttemptView


def course_results(session: Session, actor: Actor, course_id: int) -> ResultTable:
    """The table of a whole course (teachers)."""
    membership = enter(session, actor, course_id, "results:read")
    membership.require_teacher()
    rows = assignments.of_course(session, course_id)
    return _table(session, membership, rows, membership.course_title)


def assignment_results(session: Session, actor: Actor, assignment_id: int) -> ResultTable:
    """The table of one assignment (teachers)."""
    row, membership = enter_assignment(session, actor, assignment_id, "results:read")
    membership.require_teacher()
    return _table(session, membership, [row], row.title)


def student_results(session: Session, clock: Clock, actor: Actor, course_id: int, student_id: int) -> StudentResults:
    """One student's results in a course (teachers, or the student)."""
    membership = enter(session, actor, course_id, "results:read")
    found = students_of(session, course_id, student_id) if membership.may_see(student_id) else ()
    if not found:
        raise NotFound("There is no such student in this course.", "student_id")
    return StudentResults(found[0], assignments_of(session, clock(), membership, student_id))


def submission_detail(session: Session, clock: Clock, actor: Actor, submission_id: int) -> SubmissionDetail:
    """One submission with its evidence and attempt (teachers, or the student)."""
    found = submission(session, actor, submission_id)
    return SubmissionDetail(found, attempt(session, clock, actor, found.attempt_id))


def as_csv(table: ResultTable) -> str:
    """The table as CSV with a header line.

    Cells that a spreadsheet would run as formulas are defused.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    titles = [f"{column.assignment_title}: {column.problem_title}" for column in table.columns]
    writer.writerow([_defused(text) for text in ("Log-in", "Name", *titles, "Points")])
    writer.writerow(
        ["", "Maximum", *(decimal(column.max_points) for column in table.columns), decimal(table.max_points)]
    )
    for row in table.rows:
        names = (_defused(row.student.login), _defused(row.student.name))
        writer.writerow([*names, *(_cell_text(cell) for cell in row.cells), decimal(row.points)])
    return out.getvalue()


def decimal(number: Fraction) -> str:
    """Points as a decimal with at most four places.

    >>> decimal(Fraction(7, 2)), decimal(Fraction(2, 3)), decimal(Fraction(10))
    ('3.5', '0.6667', '10')
    """
    text = f"{round(number * 10**4):+06d}"
    whole = f"{text[1:-4]}.{text[-4:]}".rstrip("0").rstrip(".")
    return f"-{whole}" if number < 0 else whole


def _table(session: Session, membership: Membership, rows: Sequence[Assignment], title: str) -> ResultTable:
    """The table of these assignments, in three statements however many students there are."""
    ids = [row.id for row in rows]
    by_id = {row.id: row for row in rows}
    order = {row.id: place for place, row in enumerate(rows)}
    chosen = sorted(assignments.problems_of(session, ids), key=lambda one: (order[one.assignment_id], one.position))
    work: dict[int, list[AttemptMarks]] = {}
    for row in attempts.of_assignments(session, ids):
        work.setdefault(row.student_id, []).append(row)
    columns = tuple(_column(problem, by_id[problem.assignment_id]) for problem in chosen)
    rules = {row.id: policy_of(row) for row in rows}
    lines = tuple(
        _row(student, chosen, rules, work.get(student.id, [])) for student in students_of(session, membership.course_id)
    )
    total = sum((column.max_points for column in columns), Fraction(0))
    return ResultTable(membership.course_id, membership.course_title, title, columns, lines, total)


def _column(problem: AssignmentProblem, assignment: Assignment) -> Column:
    """The head of one column."""
    version = problem.problem_version
    return Column(assignment.id, assignment.title, problem.problem.key, version.title, problem.points)


def _row(
    student: StudentView,
    chosen: Sequence[AssignmentProblem],
    rules: Mapping[int, Policy],
    done: Sequence[AttemptMarks],
) -> Row:
    """One student's line."""
    by_problem = group_attempts(done)
    work = [Work(problem, rules[problem.assignment_id], by_problem.get(problem.id, ())) for problem in chosen]
    cells = tuple(_cell(one) for one in work)
    return Row(student, cells, sum((cell.points for cell in cells), Fraction(0)))


def _cell(work: Work) -> Cell:
    """What the student has reached in one problem."""
    present = work.present
    return Cell(work.progress, work.points, work.tries_used, present.id if present else None)


def _cell_text(cell: Cell) -> str:
    """Points, or nothing where nothing was tried: zero and not attempted are different things."""
    return "" if cell.progress in (Progress.NEW, Progress.STARTED) else decimal(cell.points)


def _defused(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
