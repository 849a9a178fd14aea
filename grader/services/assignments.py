"""Assignments: what is set, when, and under which rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services import policies
from grader.services import problems as texts
from grader.services.access import Actor, Clock, Membership, acting_for, enter, enter_assignment
from grader.services.fields import line
from grader.services.policies import Phase, Policy, Progress, Work, group_attempts, policy_of, tries_left
from grader.services.problems import ProblemSource
from grader.store import assignments, attempts, audit
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import AttemptMarks
from grader.store.database import writing

MOST_PROBLEMS = 200
NO_RULES = Policy()


@dataclass(frozen=True, slots=True)
class ChosenProblem:
    """A problem picked for an assignment; without `points` it counts what its parts add up to."""

    problem: ProblemSource
    points: Fraction | None = None


@dataclass(frozen=True, slots=True)
class AssignmentSummary:
    """One line of a list of assignments; the counts are those of the person in question."""

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
    """One problem of an assignment with how far the student has come.

    `problem_id` is the bank's id.
    `points` are those of the best attempt, the tries those of the present one.
    """

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
    """An assignment with its problems in order; `role` is the actor's in the course."""

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
    policy: Policy = NO_RULES,
) -> AssignmentView:
    """A new assignment (instructor)."""
    membership = enter(session, actor, course_id, "courses:write")
    membership.require_instructor()
    _check(problems)
    policies.check(policy)
    now = clock()
    with writing(session):
        row = Assignment(
            course_id=course_id,
            title=line(title, "title"),
            opens=policy.opens,
            due=policy.due,
            tries=policy.tries,
            penalty=policy.penalty,
            practice=policy.practice,
            show_solution=policy.show_solution.value,
            created=now,
        )
        session.add(row)
        session.flush()
        _add_problems(session, now, row, problems)
        audit.note(session, now, actor.user_id, course_id, "assignment.created", row.id)
        session.flush()
        return _view(session, now, membership, row, actor.user_id)


def list_assignments(
    session: Session, clock: Clock, actor: Actor, course_id: int, student_id: int | None = None
) -> tuple[AssignmentSummary, ...]:
    """A course's assignments by due date with the student's progress.

    `student_id` None: the actor's own.
    """
    membership = enter(session, actor, course_id, "courses:read")
    student = acting_for(session, membership, student_id)
    now = clock()
    views = _views(session, now, membership, assignments.of_course(session, course_id), student)
    return tuple(_summary(view) for view in views)


def assignment(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, student_id: int | None = None
) -> AssignmentView:
    """One assignment with the student's progress; before it opens a student sees no problems."""
    row, membership = enter_assignment(session, actor, assignment_id, "courses:read")
    return _view(session, clock(), membership, row, acting_for(session, membership, student_id))


def assignments_of(
    session: Session, now: datetime, membership: Membership, student_id: int
) -> tuple[AssignmentView, ...]:
    """All assignments of a course as one student has done them.

    For services that have checked who asks.
    """
    return _views(session, now, membership, assignments.of_course(session, membership.course_id), student_id)


def _check(problems: Sequence[ChosenProblem]) -> None:
    """Refuse a choice that makes no sense."""
    ids = [chosen.problem.id for chosen in problems]
    if not 1 <= len(ids) <= MOST_PROBLEMS:
        raise InvalidRequest(f"An assignment has 1 to {MOST_PROBLEMS} problems.", "problems")
    if len(set(ids)) < len(ids):
        raise InvalidRequest("A problem can be in an assignment only once.", "problems")
    if any(chosen.points is not None and chosen.points < 0 for chosen in problems):
        raise InvalidRequest("Points cannot be negative.", "problems")


def _add_problems(session: Session, now: datetime, row: Assignment, problems: Sequence[ChosenProblem]) -> None:
    """The problems of a new assignment, in order."""
    kept = texts.keep(session, now, [chosen.problem for chosen in problems])
    for position, chosen in enumerate(problems):
        version = kept[chosen.problem.id]
        session.add(
            AssignmentProblem(
                assignment_id=row.id,
                problem_id=version.problem_id,
                problem_version_id=version.id,
                position=position,
                points=chosen.problem.max_score if chosen.points is None else chosen.points,
            )
        )


def _view(session: Session, now: datetime, membership: Membership, row: Assignment, student_id: int) -> AssignmentView:
    """One assignment as the student has done it."""
    (view,) = _views(session, now, membership, [row], student_id)
    return view


def _views(
    session: Session, now: datetime, membership: Membership, rows: Sequence[Assignment], student_id: int
) -> tuple[AssignmentView, ...]:
    """Assignments as a student has done them, in two statements however many there are."""
    ids = [row.id for row in rows]
    by_problem = group_attempts(attempts.of_assignments(session, ids, student_id))
    chosen: dict[int, list[AssignmentProblem]] = {}
    for problem in assignments.problems_of(session, ids):
        chosen.setdefault(problem.assignment_id, []).append(problem)
    return tuple(_one_view(now, membership, row, chosen.get(row.id, []), by_problem) for row in rows)


def _one_view(
    now: datetime,
    membership: Membership,
    row: Assignment,
    chosen: Sequence[AssignmentProblem],
    by_problem: Mapping[int, Sequence[AttemptMarks]],
) -> AssignmentView:
    """One assignment from its rows."""
    policy = policy_of(row)
    phase = policy.phase(now)
    shown = chosen if membership.teaches or phase is not Phase.UPCOMING else ()
    lines = tuple(_line(Work(problem, policy, by_problem.get(problem.id, ()))) for problem in shown)
    return AssignmentView(
        row.id, row.course_id, membership.course_title, membership.role, row.title, policy, phase, lines
    )


def _line(work: Work) -> ProblemLine:
    """One problem with how far the student has come."""
    version = work.chosen.problem_version
    return ProblemLine(
        problem_id=work.chosen.problem.key,
        title=version.title,
        topic=version.topic,
        level=version.level,
        version=version.version,
        progress=work.progress,
        attempt_id=work.present.id if work.present else None,
        tries_used=work.tries_used,
        tries_left=tries_left(work.policy, work.tries_used),
        points=work.points,
        max_points=work.chosen.points,
    )


def _summary(view: AssignmentView) -> AssignmentSummary:
    """An assignment in one line."""
    done = [line.progress for line in view.problems]
    return AssignmentSummary(
        id=view.id,
        course_id=view.course_id,
        title=view.title,
        policy=view.policy,
        phase=view.phase,
        problems=len(done),
        solved=done.count(Progress.SOLVED),
        tried=len(done) - done.count(Progress.NEW) - done.count(Progress.STARTED),
        points=view.points,
        max_points=view.max_points,
    )
