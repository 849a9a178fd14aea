"""What a new result of a submission bears on, read by one statement, so that nothing is asked or written in vain."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.extensions import Extension
from grader.store.lti_links import LtiLink
from grader.store.manual_marks import ManualMark
from grader.store.problems import Problem
from grader.store.statements import ONLY, StatementStore
from grader.store.waiting import WaitingPart
from grader.store.webhooks import Webhook


class Consequences(NamedTuple):
    """The attempt of a submission, the rules for it, and who is concerned.

    `has_marks`: people have marked parts of the submission; `has_waiting`: parts of the attempt wait for a person;
    `has_links`: platforms are told grades of the assignment; `has_webhooks`: its course is listened to;
    `has_store`: there is a learning record store.
    """

    attempt: Attempt
    assignment: Assignment
    extension: Extension | None
    problem_id: str
    has_marks: bool
    has_waiting: bool
    has_links: bool
    has_webhooks: bool
    has_store: bool


_QUERY = (
    select(
        Attempt,
        Assignment,
        Extension,
        Problem.key,
        exists().where(ManualMark.submission_id == bindparam("submission_id"), ManualMark.ended.is_(None)),
        exists().where(WaitingPart.attempt_id == Attempt.id).correlate(Attempt),
        exists().where(LtiLink.assignment_id == Assignment.id).correlate(Assignment),
        exists().where(Webhook.course_id == Assignment.course_id, Webhook.disabled.is_(None)).correlate(Assignment),
        exists().where(StatementStore.id == ONLY, StatementStore.is_on.is_(True)),
    )
    .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
    .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
    .join(Problem, Problem.id == AssignmentProblem.problem_id)
    .outerjoin(Extension, and_(Extension.assignment_id == Assignment.id, Extension.student_id == Attempt.student_id))
    .where(Attempt.id == bindparam("attempt_id"))
    .execution_options(populate_existing=True)
)


def of_result(session: Session, submission_id: int, attempt_id: int) -> Consequences:
    """What a result of this submission of the attempt bears on; the caller holds the attempt's lock."""
    return Consequences(*session.execute(_QUERY, {"submission_id": submission_id, "attempt_id": attempt_id}).one())
