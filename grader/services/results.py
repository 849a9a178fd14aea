"""Results as a teacher reads them: students × problems, one student, one submission."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services import concerns
from grader.services.access import NO_ASSIGNMENT, STUDENT, Actor, Clock, Membership, enter, enter_assignment
from grader.services.assignments import AssignmentView, assignments_of
from grader.services.attempts import AttemptView, attempt
from grader.services.concerns import Concern
from grader.services.courses import StudentView, students_of
from grader.services.marking import Marking, marking_of
from grader.services.policies import Policy, Progress, policy_of, progress_of
from grader.services.standings import points
from grader.services.submissions import SubmissionView, submission
from grader.store import assignments, attempts, extensions, waiting
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import AttemptMarks


@dataclass(frozen=True, slots=True)
class Column:
    """One problem of an assignment as a column of the table; `id` is that of the problem in the assignment."""

    id: int
    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    max_points: Fraction


class Cell(NamedTuple):
    """What one student has reached in one problem; `attempt_id` None: never opened.

    It is `waiting` when a person has still to look at some answer. Plain values, since there are many of them.
    """

    progress: Progress
    points: Fraction
    tries_used: int
    attempt_id: int | None
    waiting: bool = False


UNTOUCHED = Cell(Progress.NEW, Fraction(0), 0, None)


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

    The evidence is in `submission.result`. Only teachers see `concerns`.
    """

    submission: SubmissionView
    attempt: AttemptView
    concerns: tuple[Concern, ...]
    marking: Marking


def course_results(session: Session, actor: Actor, course_id: int) -> ResultTable:
    """The table of a whole course (teachers)."""
    membership = enter(session, actor, course_id, "results:read")
    membership.require_teacher()
    rows = assignments.of_course(session, course_id)
    return _table(session, membership, rows, membership.course_title)


def assignments_results(session: Session, actor: Actor, course_id: int, assignment_ids: Collection[int]) -> ResultTable:
    """The table of some of a course's assignments (teachers); NotFound where one is none of them."""
    membership = enter(session, actor, course_id, "results:read")
    membership.require_teacher()
    rows = [row for row in assignments.of_course(session, course_id) if row.id in assignment_ids]
    if len(rows) < len(set(assignment_ids)):
        raise NotFound(NO_ASSIGNMENT)
    return _table(session, membership, rows, ", ".join(row.title for row in rows))


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
    found = submission(session, clock, actor, submission_id)
    whole = attempt(session, clock, actor, found.attempt_id)
    found_concerns = () if whole.role == STUDENT else concerns.of_submission(session, submission_id)
    marking = Marking() if found.held else marking_of(session, submission_id)
    return SubmissionDetail(found, whole, found_concerns, marking)


def _table(session: Session, membership: Membership, rows: Sequence[Assignment], title: str) -> ResultTable:
    """The table of these assignments, in five statements however many students there are."""
    ids = [row.id for row in rows]
    by_id = {row.id: row for row in rows}
    order = {row.id: place for place, row in enumerate(rows)}
    chosen = sorted(assignments.problems_of(session, ids), key=lambda one: (order[one.assignment_id], one.position))
    work: dict[int, dict[int, list[AttemptMarks]]] = {}
    for row in attempts.of_assignments(session, ids):
        work.setdefault(row.student_id, {}).setdefault(row.assignment_problem_id, []).append(row)
    columns = tuple(_column(problem, by_id[problem.assignment_id]) for problem in chosen)
    rules = {row.id: policy_of(row) for row in rows}
    own = extensions.of_assignments(session, ids)
    ways = _Ways(rules, {key: policy_of(by_id[key[0]], found) for key, found in own.items()}, {})
    open_attempts = waiting.attempts_waiting(session, membership.course_id)
    students = students_of(session, membership.course_id)
    sets = [_Set(one.id, one.assignment_id, one.points) for one in chosen]
    lines = tuple(_row(student, sets, ways, work.get(student.id, {}), open_attempts) for student in students)
    most = sum((column.max_points for column in columns), Fraction(0))
    return ResultTable(membership.course_id, membership.course_title, title, columns, lines, most)


def _column(problem: AssignmentProblem, assignment: Assignment) -> Column:
    """The head of one column."""
    version = problem.problem_version
    return Column(
        id=problem.id,
        assignment_id=assignment.id,
        assignment_title=assignment.title,
        problem_id=problem.problem.key,
        problem_title=version.title,
        max_points=problem.points,
    )


class _Set(NamedTuple):
    """A problem as it is set: plain values, since each is asked for by every student."""

    id: int
    assignment_id: int
    points: Fraction


@dataclass(frozen=True, slots=True)
class _Ways:
    """What many cells share: the rules of each assignment, those of students with an extension, sums done before."""

    rules: Mapping[int, Policy]
    own: Mapping[tuple[int, int], Policy]
    points: dict[tuple[int, int, int], Fraction]

    def policies(self, student_id: int) -> Mapping[int, Policy]:
        """The rules that hold for the student, by assignment."""
        if not self.own:
            return self.rules
        return {key: self.own.get((key, student_id), rules) for key, rules in self.rules.items()}

    def worth(self, attempt: AttemptMarks, worth: Fraction) -> Fraction:
        """The points of an attempt; there are few different ones, and fractions are slow.

        They are known by their identity, which is theirs as long as the attempts are held.
        """
        key = (id(attempt.score), id(attempt.max_score), id(worth))
        known = self.points.get(key)
        if known is None:
            known = self.points[key] = points(attempt.score, attempt.max_score, worth)
        return known


def _row(
    student: StudentView,
    chosen: Sequence[_Set],
    ways: _Ways,
    done: Mapping[int, Sequence[AttemptMarks]],
    open_attempts: Collection[int],
) -> Row:
    """One student's line; `done` are the attempts by the problem that they belong to."""
    rules = ways.policies(student.id)
    cells = tuple(
        _cell(one, rules[one.assignment_id], ways, done[one.id], open_attempts) if one.id in done else UNTOUCHED
        for one in chosen
    )
    return Row(student, cells, total(cells))


def total(cells: Sequence[Cell]) -> Fraction:
    """The points of these cells, over one common denominator: much faster than adding fraction to fraction."""
    pairs = [cell.points.as_integer_ratio() for cell in cells]
    below = lcm(*(denominator for _, denominator in pairs))
    return Fraction(sum(numerator * (below // denominator) for numerator, denominator in pairs), below)


def _cell(
    chosen: _Set, policy: Policy, ways: _Ways, done: Sequence[AttemptMarks], open_attempts: Collection[int]
) -> Cell:
    """What the student has reached in one problem: the points of the best attempt, the tries of the present one."""
    present = done[-1]
    if len(done) == 1:
        best, is_solved, waits = ways.worth(present, chosen.points), present.is_solved, present.id in open_attempts
    else:
        best = max(ways.worth(attempt, chosen.points) for attempt in done)
        is_solved = any(attempt.is_solved for attempt in done)
        waits = any(attempt.id in open_attempts for attempt in done)
    progress = Progress.SOLVED if is_solved else progress_of(present, policy)
    return Cell(progress, best, present.tries_used, present.id, waits)
