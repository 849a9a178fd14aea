"""Changing what is set: rules and problems, who sees it, when marks are told; each change noted as before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services import policies, ready_variants, restanding
from grader.services import problems as texts
from grader.services.access import NO_ASSIGNMENT, Actor, Clock, Membership, enter, enter_assignment
from grader.services.assignments import (
    AssignmentSummary,
    ChosenProblem,
    KeptProblem,
    Setting,
    check_chosen,
    check_setting,
    every_assignment_of,
    summary,
)
from grader.services.fields import line
from grader.services.policies import Policy
from grader.services.rule_columns import columns_of, differences, told_of_row
from grader.store import assignments, attempts, audit, lti_grades, lti_links
from grader.store.assignments import VISIBILITIES, Assignment, AssignmentProblem
from grader.store.database import writing

RECKONED_FROM = ("due", "penalty", "late_kind", "late_grace", "late_loss", "late_floor", "late_until", "exam")
"""The rules from which marks are reckoned."""
KEPT_BACK_BY = frozenset({"feedback_from", "visibility"})
"""What decides whether learning platforms are told of a grade."""


@dataclass(frozen=True, slots=True)
class AssignmentGiven:
    """All that can be changed of an assignment.

    `setting.revision` is that of the state from which the change was made.
    """

    title: str
    problems: Sequence[ChosenProblem | KeptProblem]
    policy: Policy
    setting: Setting


@dataclass(frozen=True, slots=True)
class SetProblemView:
    """One problem of an assignment as its authors see it; `begun` counts the students who have opened it."""

    key: str
    course_id: int | None
    title: str
    topic: str
    level: str
    version: str
    points: str
    begun: int


def edit_assignment(
    session: Session, clock: Clock, actor: Actor, assignment_id: int, given: AssignmentGiven
) -> tuple[str, ...]:
    """Change an assignment (instructor), and say which of its fields have changed.

    Attempts keep the variants that they were begun with; marks are reckoned anew where the rules ask for it, of the
    first attempts at once, of all others by the worker.
    Conflict where somebody else has changed it since the state from which this change was made.
    """
    check_chosen(given.problems)
    policies.check(given.policy)
    check_setting(given.setting)
    title, now = line(given.title, "title"), clock()
    with writing(session):
        row = _locked(session, actor, assignment_id)
        if row.revision != given.setting.revision:
            message = "Somebody else has changed this assignment meanwhile. Look at its present state beside yours."
            raise Conflict(message, "revision")
        before = {**told_of_row(row), "problems": _told(assignments.problems_of(session, [row.id]))}
        row.title, row.zone, row.visibility = title, given.setting.zone, given.setting.visibility
        for name, value in columns_of(given.policy).items():
            setattr(row, name, value)
        _set_problems(session, now, row, given.problems)
        session.flush()
        after = {**told_of_row(row), "problems": _told(assignments.problems_of(session, [row.id]))}
        changed = differences(before, after)
        if not changed[1]:
            return ()
        row.revision += 1
        ready_variants.ask(session, now, row)
        audit.note(
            session,
            now,
            actor.user_id,
            row.course_id,
            "assignment.changed",
            row.id,
            before=changed[0],
            after=changed[1],
        )
        is_reckoned_anew = any(name in changed[1] for name in RECKONED_FROM)
        if is_reckoned_anew:
            restanding.ask(session, now, row.id)
        if "problems" in changed[1]:  # the points, or their sum
            lti_grades.ask_again(session, now, lti_links.ids_to(session, row.id))
        elif KEPT_BACK_BY.intersection(changed[1]):
            lti_grades.ask_untold(session, now, lti_links.ids_to(session, row.id))
    if is_reckoned_anew:
        restanding.begin(session, clock, assignment_id)
    return tuple(changed[1])


def set_visibility(session: Session, clock: Clock, actor: Actor, assignment_id: int, visibility: str) -> None:
    """Show, hide or delete an assignment, or bring a deleted one back (instructor); nothing of it is lost."""
    if visibility not in VISIBILITIES:
        raise InvalidRequest(f"An assignment is {', '.join(VISIBILITIES)}.", "visibility")
    now = clock()
    with writing(session):
        row = _locked(session, actor, assignment_id)
        before, row.visibility = row.visibility, visibility
        if before != visibility:
            row.revision += 1
            ready_variants.ask(session, now, row)
            lti_grades.ask_untold(session, now, lti_links.ids_to(session, assignment_id))
            _note(session, now, actor, row, "assignment.visibility", before, visibility)


def release(session: Session, clock: Clock, actor: Actor, assignment_id: int, *, released: bool) -> None:
    """Tell the students of an exam their marks, or hold them back again (instructor)."""
    now = clock()
    with writing(session):
        row = _locked(session, actor, assignment_id)
        if not row.exam:
            raise InvalidRequest("Only the marks of an exam are held back.", "released")
        before = row.released
        if released == (before is not None):
            return
        row.released = now if released else None
        row.revision += 1
        lti_grades.ask_again(session, now, lti_links.ids_to(session, assignment_id))
        _note(session, now, actor, row, "assignment.released", _moment(before), _moment(row.released))


def all_assignments(session: Session, clock: Clock, actor: Actor, course_id: int) -> tuple[AssignmentSummary, ...]:
    """Every assignment of a course, hidden and deleted ones too (teachers)."""
    membership = enter(session, actor, course_id, "courses:read")
    membership.require_teacher()
    return tuple(summary(view) for view in every_assignment_of(session, clock(), membership))


def set_problems(session: Session, actor: Actor, assignment_id: int) -> tuple[SetProblemView, ...]:
    """The problems of an assignment, with how many students have begun each (teachers)."""
    row, membership = enter_assignment(session, actor, assignment_id, "courses:read")
    membership.require_teacher()
    begun = attempts.begun(session, row.id)
    return tuple(
        SetProblemView(
            key=one.problem.key,
            course_id=one.problem.course_id,
            title=one.problem_version.title,
            topic=one.problem_version.topic,
            level=one.problem_version.level,
            version=one.problem_version.version,
            points=str(one.points),
            begun=begun.get(one.id, 0),
        )
        for one in assignments.problems_of(session, [row.id])
    )


def _locked(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """The assignment, deleted or not, if the actor is an instructor of its course; else NotFound or Forbidden."""
    assignments.lock(session, assignment_id)
    row = assignments.with_course(session, assignment_id)
    if row is None or row.is_pool:
        raise NotFound(NO_ASSIGNMENT)
    membership: Membership = enter(session, actor, row.course_id, "courses:write", NO_ASSIGNMENT)
    membership.require_instructor()
    session.refresh(row)
    return row


def _set_problems(
    session: Session, now: datetime, row: Assignment, given: Sequence[ChosenProblem | KeptProblem]
) -> None:
    """Bring the problems in line with what is given, in its order; those left out are marked as removed."""
    known = {one.problem.key: one for one in assignments.every_problem_of(session, row.id)}
    sources = [one.problem for one in given if isinstance(one, ChosenProblem)]
    versions = texts.keep(session, now, sources)
    for position, one in enumerate(given):
        present = known.pop(one.id, None)
        if isinstance(one, ChosenProblem):
            version = versions[one.id]
            worth = one.problem.max_score if one.points is None else one.points
            if present is None:
                present = AssignmentProblem(
                    assignment_id=row.id, problem_id=version.problem_id, problem_version_id=version.id
                )
                session.add(present)
            present.problem_version_id = version.id
        elif present is None or present.removed:
            raise InvalidRequest(f"There is no problem {one.id!r} in this assignment.", "problems")
        else:
            worth = present.points if one.points is None else one.points
        present.position, present.points, present.removed = position, worth, False
    for left_out in known.values():
        left_out.removed = True


def _told(rows: Sequence[AssignmentProblem]) -> list[dict[str, Any]]:
    """The problems as the audit log compares them."""
    return [
        {"id": row.problem.key, "points": str(row.points), "version": row.problem_version.version[:12]} for row in rows
    ]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _note(
    session: Session, now: datetime, actor: Actor, row: Assignment, action: str, before: str | None, after: str | None
) -> None:
    audit.note(session, now, actor.user_id, row.course_id, action, row.id, before=before, after=after)
