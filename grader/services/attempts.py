"""Attempts: one student at one variant of one problem of an assignment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import Conflict, NotFound
from grader.services import policies, submissions
from grader.services.access import Actor, Clock, Membership, acting_for, enter_assignment, enter_attempt
from grader.services.extensions import rules_for, rules_of
from grader.services.policies import Phase, Policy, Progress
from grader.services.seeds import EVERYBODY, seed_for
from grader.services.standings import PartStanding, points
from grader.services.submissions import SubmissionView, check_responses
from grader.store import assignments, attempts
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt, Draft, Start
from grader.store.database import writing
from grader.store.submissions import last_responses, tally


@dataclass(frozen=True, slots=True)
class AttemptView:
    """All that a page or an integrator needs to show an attempt.

    The variant is `problem_source` at `seed`. `refusal` says in a sentence why nothing more can be
    submitted ("" when something can). `submissions` are the newest fifty, newest first. `parts` is empty
    until something was judged. `role` is the actor's in the course. `draft` is what was typed after the
    last submission and not sent, `draft_saved` when; empty and None where there is nothing.
    With `is_pool` it is practice by topic.
    `policy` are the rules as they hold for the student. `held`: whoever looks is told no more than that
    answers were received. `preview`: a teacher's look through a student's eyes.
    """

    id: int
    course_id: int
    course_title: str
    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    problem_topic: str
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
    draft_saved: datetime | None
    refusal: str
    may_have_new_variant: bool
    may_see_solution: bool
    is_pool: bool
    created: datetime
    held: bool = False
    preview: bool = False


@dataclass(frozen=True, slots=True)
class InHand:
    """What the variant of an attempt is made from, and whose it is; nothing of what was submitted."""

    student_id: int
    problem_source: str
    seed: int


def open_attempt(
    session: Session,
    clock: Clock,
    actor: Actor,
    assignment_id: int,
    problem_id: str,
    student_id: int | None = None,
) -> AttemptView:
    """The student's present attempt at a problem, opened if there is none.

    `student_id` None: the actor.
    """
    return _open(session, clock(), actor, assignment_id, student_id, problem_id)[0]


def open_attempts(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, student_id: int | None = None
) -> tuple[AttemptView, ...]:
    """The student's present attempts at all problems of an assignment, in order."""
    return _open(session, clock(), actor, assignment_id, student_id, None)


def attempt(session: Session, clock: Clock, actor: Actor, attempt_id: int) -> AttemptView:
    """One attempt: the student's own, or one of a course that the actor teaches; else NotFound."""
    row, membership = enter_attempt(session, actor, attempt_id, "results:read")
    return _views(session, clock(), membership, [row])[0]


def in_hand(session: Session, actor: Actor, attempt_id: int) -> InHand:
    """The variant of an attempt that the actor may see, for what needs no more of it; else NotFound."""
    row, _ = enter_attempt(session, actor, attempt_id, "results:read")
    return InHand(row.student_id, row.variant.problem_version.source, row.variant.seed)


def new_practice_variant(session: Session, clock: Clock, actor: Actor, attempt_id: int) -> AttemptView:
    """Close the attempt and open the next, with a fresh variant (practice mode only)."""
    now = clock()
    with writing(session):
        attempts.lock(session, attempt_id)
        row, membership = enter_attempt(session, actor, attempt_id, "attempts:write")
        set_as = row.assignment_problem
        policy = rules_of(session, set_as.assignment, row.student_id)
        if not policy.practice:
            raise Conflict("New variants are given in practice mode only.")
        if closed := policies.closed_to(policy, now, membership, row.student_id):
            raise closed
        if row.state == "open":
            row.state, row.closed = "closed", now
            session.flush()
            (chosen,) = _chosen(session, set_as.assignment_id, set_as.problem.key)
            start = _start(set_as.assignment, chosen, row.student_id, row.number + 1)
            attempts.add(session, now, row.student_id, [start], preview=row.preview)
        present = attempts.present(session, set_as.assignment_id, row.student_id)
        return _views(session, now, membership, [one for one in present if one.assignment_problem_id == set_as.id])[0]


def save_draft(session: Session, clock: Clock, actor: Actor, attempt_id: int, responses: Mapping[str, str]) -> datetime:
    """Keep what the student has typed but not submitted, and say when; submitting clears it.

    What was submitted last is no draft: a save that arrives after its own submission leaves nothing behind.
    """
    typed, now = check_responses(responses), clock()
    with writing(session):
        attempts.lock(session, attempt_id)
        row, membership = enter_attempt(session, actor, attempt_id, "submissions:write")
        policy = rules_of(session, row.assignment_problem.assignment, row.student_id)
        if refused := policies.refusal(row, policy, now, membership, 0, 0):
            raise refused
        sent = last_responses(session, attempt_id)
        if sent is not None and _filled(sent) == _filled(typed):
            attempts.drop_draft(session, attempt_id)
        else:
            attempts.keep_draft(session, now, attempt_id, typed)
    return now


def _filled(responses: Mapping[str, str]) -> Mapping[str, str]:
    """The responses in which something stands."""
    return {part: text for part, text in responses.items() if text.strip()}


def _open(
    session: Session,
    now: datetime,
    actor: Actor,
    assignment_id: int,
    student_id: int | None,
    problem_id: str | None,
) -> tuple[AttemptView, ...]:
    """The student's present attempts at an assignment (at one problem); missing ones are opened."""
    assignment, membership = enter_assignment(session, actor, assignment_id, "attempts:write")
    student = acting_for(session, membership, student_id)
    policy = rules_of(session, assignment, student)
    closed = policies.closed_to(policy, now, membership, student)
    if closed and policy.phase(now) is Phase.UPCOMING:
        raise closed
    wanted = {problem.id for problem in _chosen(session, assignment_id, problem_id)}
    present = _present(session, assignment_id, student, wanted)
    if len(present) < len(wanted):
        if closed:
            raise closed
        _add_missing(session, now, assignment_id, problem_id, student)
        present = _present(session, assignment_id, student, wanted)
    return _views(session, now, membership, present)


def _present(session: Session, assignment_id: int, student_id: int, wanted: Collection[int]) -> list[Attempt]:
    """The student's open attempts at these problems of an assignment."""
    rows = attempts.present(session, assignment_id, student_id)
    return [row for row in rows if row.assignment_problem_id in wanted]


def _add_missing(session: Session, now: datetime, assignment_id: int, problem_id: str | None, student: int) -> None:
    """First attempts at the problems that the student has not opened.

    Another request may do the same meanwhile.
    """
    with writing(session):
        assignment = assignments.with_course(session, assignment_id)
        opened = attempts.opened(session, assignment_id, student)
        if assignment is not None:
            new = [chosen for chosen in _chosen(session, assignment_id, problem_id) if chosen.id not in opened]
            attempts.add(session, now, student, [_start(assignment, chosen, student, 1) for chosen in new])


def _start(assignment: Assignment, chosen: AssignmentProblem, student: int, number: int) -> Start:
    """An attempt with the seed that belongs to it: the student's own, or that of everybody."""
    whose = EVERYBODY if assignment.one_variant else student
    return Start(chosen, number, seed_for(assignment.course.secret, whose, assignment.id, chosen.problem.key, number))


def _chosen(session: Session, assignment_id: int, problem_id: str | None) -> Sequence[AssignmentProblem]:
    """The problems of an assignment, or the one with this id, else NotFound."""
    rows = assignments.problems_of(session, [assignment_id])
    chosen = [row for row in rows if problem_id in (None, row.problem.key)]
    if problem_id is not None and not chosen:
        raise NotFound("There is no such problem in this assignment.", "problem_id")
    return chosen


def _views(session: Session, now: datetime, membership: Membership, rows: Sequence[Attempt]) -> tuple[AttemptView, ...]:
    """The views of whole attempts, in five statements at most however many there are."""
    ids = [row.id for row in rows]
    set_in = {row.assignment_problem.assignment_id: row.assignment_problem.assignment for row in rows}
    rules = rules_for(session, [*set_in.values()], [*{row.student_id for row in rows}])
    drafts = attempts.drafts(session, ids)
    tallies = tally(session, ids)
    sent = submissions.newest_of(session, [*tallies]) if tallies else {}
    return tuple(
        _view(
            row,
            now,
            membership,
            rules[row.assignment_problem.assignment_id, row.student_id],
            sent.get(row.id, []),
            drafts.get(row.id),
            tallies.get(row.id, (0, 0)),
        )
        for row in rows
    )


def _view(
    row: Attempt,
    now: datetime,
    membership: Membership,
    policy: Policy,
    sent: Sequence[SubmissionView],
    draft: Draft | None,
    counts: tuple[int, int],
) -> AttemptView:
    """One attempt from its rows."""
    set_as, version = row.assignment_problem, row.variant.problem_version
    held = policies.holds_back_from(policy, now, membership)
    used = max(row.tries_used, counts[0]) if policy.exam else row.tries_used
    refusal = policies.refusal(row, policy, now, membership, *counts)
    is_closed = policies.closed_to(policy, now, membership, row.student_id) is not None
    return AttemptView(
        id=row.id,
        course_id=membership.course_id,
        course_title=membership.course_title,
        assignment_id=set_as.assignment_id,
        assignment_title=set_as.assignment.title,
        problem_id=set_as.problem.key,
        problem_title=version.title,
        problem_topic=version.topic,
        problem_version=version.version,
        problem_source=version.source,
        seed=row.variant.seed,
        number=row.number,
        student_id=row.student_id,
        student_name=row.student.name,
        role=membership.role,
        policy=policy,
        phase=policy.phase(now),
        progress=policies.progress_of(row, policy, held=held, received=bool(counts[0])),
        tries_used=used,
        tries_left=policies.tries_left(policy, used),
        points=Fraction(0) if held else points(row.score, row.max_score, set_as.points),
        max_points=set_as.points,
        parts=() if held else tuple(PartStanding.from_json(part) for part in row.parts),
        submissions=tuple(map(submissions.withheld, sent) if held else sent),
        draft=draft.responses if draft else {},
        draft_saved=draft.updated if draft else None,
        refusal=str(refusal or ""),
        may_have_new_variant=policy.practice and row.state == "open" and not is_closed,
        may_see_solution=policies.may_see_solution(row, policy, now, membership),
        is_pool=set_as.assignment.is_pool,
        created=row.created,
        held=held,
        preview=row.preview,
    )
