"""Assignments: what is set, when, and under which rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services import policies, ready_variants
from grader.services import problems as texts
from grader.services.access import STUDENT, Actor, Clock, Membership, acting_for, enter, enter_assignment
from grader.services.extensions import rules_for
from grader.services.fields import line
from grader.services.policies import Phase, Policy, Progress, Work, group_attempts, tries_left
from grader.services.preferences import time_zones
from grader.services.problems import ProblemSource
from grader.services.rule_columns import columns_of, told_of
from grader.store import assignments, attempts, audit
from grader.store.assignments import HIDDEN, SHOWN, Assignment, AssignmentProblem
from grader.store.attempts import AttemptMarks
from grader.store.database import writing

MOST_PROBLEMS = 200
NO_RULES = Policy()


@dataclass(frozen=True, slots=True)
class Setting:
    """What an assignment has beside its rules: the time zone of its dates, who sees it, how often it was changed."""

    zone: str = "UTC"
    visibility: str = SHOWN
    revision: int = 1


USUAL = Setting()


@dataclass(frozen=True, slots=True)
class ChosenProblem:
    """A problem picked for an assignment; without `points` it counts what its parts add up to."""

    problem: ProblemSource
    points: Fraction | None = None

    @property
    def id(self) -> str:
        """The id of the problem."""
        return self.problem.id


@dataclass(frozen=True, slots=True)
class KeptProblem:
    """A problem that is in the assignment already, and stays in the version in which it is set."""

    id: str
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
    held: bool = False
    visibility: str = SHOWN


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
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment with its problems in order; `role` is the actor's in the course.

    The one with `is_pool` holds what is practised by topic, and is in no list.
    `held`: whoever looks is told no more than that answers were received.
    """

    id: int
    course_id: int
    course_title: str
    role: str
    title: str
    policy: Policy
    phase: Phase
    problems: tuple[ProblemLine, ...]
    is_pool: bool = False
    held: bool = False
    setting: Setting = USUAL

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
    setting: Setting = USUAL,
) -> AssignmentView:
    """A new assignment (instructor)."""
    membership = enter(session, actor, course_id, "courses:write")
    membership.require_instructor()
    check_chosen(problems)
    policies.check(policy)
    now = clock()
    with writing(session):
        check_setting(setting)
        values = {**columns_of(policy), "zone": setting.zone, "visibility": setting.visibility}
        row = Assignment(course_id=course_id, title=line(title, "title"), created=now, **values)
        session.add(row)
        session.flush()
        add_problems(session, now, row, problems)
        ready_variants.ask(session, now, row)
        told = {"title": row.title, "problems": [chosen.problem.id for chosen in problems], **told_of(policy)}
        audit.note(session, now, actor.user_id, course_id, "assignment.created", row.id, after=told)
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
    return tuple(summary(view) for view in assignments_of(session, now, membership, student))


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
    return assignments_in(session, now, {membership.course_id: membership}, student_id)


def every_assignment_of(session: Session, now: datetime, membership: Membership) -> tuple[AssignmentView, ...]:
    """All assignments of a course as its teachers list them, deleted ones too."""
    rows = assignments.of_course(session, membership.course_id, with_deleted=True)
    return _views(session, now, {membership.course_id: membership}, rows, membership.actor.user_id)


def assignments_in(
    session: Session, now: datetime, memberships: Mapping[int, Membership], student_id: int
) -> tuple[AssignmentView, ...]:
    """All assignments of these courses as one student has done them, the one that is due first on top.

    For services that have checked who asks.
    """
    return _views(session, now, memberships, assignments.of_courses(session, list(memberships)), student_id)


def of_students(
    session: Session, now: datetime, assignment_id: int, student_ids: Sequence[int]
) -> Mapping[int, AssignmentView]:
    """An assignment as each of these students has it, in a few statements however many they are; hidden ones nobody.

    For services that have checked who asks, and that they are students of the course.
    """
    row = assignments.with_course(session, assignment_id)
    if row is None or row.visibility != SHOWN:
        return {}
    chosen, rules = assignments.problems_of(session, [row.id]), rules_for(session, [row], student_ids)
    done: dict[int, list[AttemptMarks]] = {}
    for one in attempts.of_assignments(session, [row.id]):
        done.setdefault(one.student_id, []).append(one)
    return {
        student: _one_view(
            now,
            Membership(Actor(student), row.course_id, row.course.title, STUDENT),
            row,
            rules[row.id, student],
            chosen,
            group_attempts(done.get(student, ())),
        )
        for student in student_ids
    }


def summary(view: AssignmentView) -> AssignmentSummary:
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
        held=view.held,
        visibility=view.setting.visibility,
    )


def check_setting(setting: Setting) -> None:
    """Refuse a time zone or a visibility that there is not."""
    if setting.zone not in time_zones():
        raise InvalidRequest("There is no such time zone. Write one such as Europe/Berlin.", "zone")
    if setting.visibility not in (SHOWN, HIDDEN):
        raise InvalidRequest("An assignment is shown or hidden.", "visibility")


def check_chosen(problems: Sequence[ChosenProblem | KeptProblem]) -> None:
    """Refuse a choice that makes no sense."""
    ids = [chosen.id for chosen in problems]
    if not 1 <= len(ids) <= MOST_PROBLEMS:
        raise InvalidRequest(f"An assignment has 1 to {MOST_PROBLEMS} problems.", "problems")
    if len(set(ids)) < len(ids):
        raise InvalidRequest("A problem can be in an assignment only once.", "problems")
    if any(chosen.points is not None and chosen.points < 0 for chosen in problems):
        raise InvalidRequest("Points cannot be negative.", "problems")


def add_problems(session: Session, now: datetime, row: Assignment, problems: Sequence[ChosenProblem]) -> None:
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
                removed=False,
            )
        )


def _view(session: Session, now: datetime, membership: Membership, row: Assignment, student_id: int) -> AssignmentView:
    """One assignment as the student has done it."""
    (view,) = _views(session, now, {row.course_id: membership}, [row], student_id)
    return view


def _views(
    session: Session, now: datetime, memberships: Mapping[int, Membership], rows: Sequence[Assignment], student_id: int
) -> tuple[AssignmentView, ...]:
    """Assignments as a student has done them, in three statements however many there are.

    Those that are hidden are left out where the actor does not teach.
    """
    rows = [row for row in rows if row.visibility == SHOWN or memberships[row.course_id].teaches]
    ids = [row.id for row in rows]
    rules = rules_for(session, rows, [student_id])
    by_problem = group_attempts(attempts.of_assignments(session, ids, student_id))
    chosen: dict[int, list[AssignmentProblem]] = {}
    for problem in assignments.problems_of(session, ids):
        chosen.setdefault(problem.assignment_id, []).append(problem)
    return tuple(
        _one_view(now, memberships[row.course_id], row, rules[row.id, student_id], chosen.get(row.id, []), by_problem)
        for row in rows
    )


def _one_view(
    now: datetime,
    membership: Membership,
    row: Assignment,
    policy: Policy,
    chosen: Sequence[AssignmentProblem],
    by_problem: Mapping[int, Sequence[AttemptMarks]],
) -> AssignmentView:
    """One assignment from its rows."""
    phase, held = policy.phase(now), policies.holds_back_from(policy, now, membership)
    shown = chosen if membership.teaches or phase is not Phase.UPCOMING else ()
    lines = tuple(_line(Work(problem, policy, by_problem.get(problem.id, ()), held)) for problem in shown)
    where = (row.course_id, membership.course_title, membership.role)
    setting = Setting(row.zone, row.visibility, row.revision)
    return AssignmentView(row.id, *where, row.title, policy, phase, lines, row.is_pool, held, setting)


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
        is_own=work.chosen.problem.course_id is not None,
    )
