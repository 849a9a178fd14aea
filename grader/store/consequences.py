"""What a new result of a submission bears on, read by one statement, so that nothing is asked or written in vain."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from grader.store.assignments import RULES, Assignment, AssignmentProblem, Rules
from grader.store.attempts import Attempt
from grader.store.base import table_of
from grader.store.clusters import ClusterRule
from grader.store.extensions import OWN_RULES, Extension, OwnRules
from grader.store.lti_links import LtiLink
from grader.store.manual_marks import ManualMark
from grader.store.problems import Problem
from grader.store.statements import ONLY, StatementStore
from grader.store.variants import Variant
from grader.store.waiting import WaitingPart
from grader.store.webhooks import Webhook


class Consequences(NamedTuple):
    """The attempt of a submission and where it stands, the rules for it, and who is concerned.

    `has_marks`: people have marked parts of the submission; `has_waiting`: parts of the attempt wait for a person;
    `has_decisions`: teachers have decided about clusters of answers to its problem; `has_links`: platforms are told
    grades of the assignment; `has_webhooks`: its course is listened to; `has_store`: there is a learning record store.
    """

    attempt_id: int
    student_id: int
    preview: bool
    tries_used: int
    score: Fraction
    max_score: Fraction
    is_solved: bool
    parts: list[Any]
    assignment_id: int
    course_id: int
    problem_id: str
    has_marks: bool
    has_waiting: bool
    has_decisions: bool
    has_links: bool
    has_webhooks: bool
    has_store: bool
    rules: Rules
    own: OwnRules


_attempt, _set_as, _assignment = map(table_of, (Attempt, AssignmentProblem, Assignment))
_problem, _extension, _variant, _mark = map(table_of, (Problem, Extension, Variant, ManualMark))
_waiting, _rule, _link, _hook = map(table_of, (WaitingPart, ClusterRule, LtiLink, Webhook))
_store = table_of(StatementStore)

_DECIDED = and_(
    _rule.c.course_id == _assignment.c.course_id,
    _rule.c.problem_version_id == _variant.c.problem_version_id,
    _rule.c.ended.is_(None),
)
_THE_STUDENTS = and_(_extension.c.assignment_id == _assignment.c.id, _extension.c.student_id == _attempt.c.student_id)
_QUERY = (
    select(
        _attempt.c.id,
        _attempt.c.student_id,
        _attempt.c.preview,
        _attempt.c.tries_used,
        _attempt.c.score,
        _attempt.c.max_score,
        _attempt.c.is_solved,
        _attempt.c.parts,
        _assignment.c.id,
        _assignment.c.course_id,
        _problem.c.key,
        exists().where(_mark.c.submission_id == bindparam("submission_id"), _mark.c.ended.is_(None)),
        exists().where(_waiting.c.attempt_id == _attempt.c.id).correlate(_attempt),
        exists().where(_DECIDED).correlate(_assignment, _variant),
        exists().where(_link.c.assignment_id == _assignment.c.id).correlate(_assignment),
        exists().where(_hook.c.course_id == _assignment.c.course_id, _hook.c.disabled.is_(None)).correlate(_assignment),
        exists().where(_store.c.id == ONLY, _store.c.is_on.is_(True)),
        *RULES,
        *OWN_RULES,
    )
    .select_from(_attempt)
    .join(_set_as, _set_as.c.id == _attempt.c.assignment_problem_id)
    .join(_assignment, _assignment.c.id == _set_as.c.assignment_id)
    .join(_problem, _problem.c.id == _set_as.c.problem_id)
    .join(_variant, _variant.c.id == _attempt.c.variant_id)
    .outerjoin(_extension, _THE_STUDENTS)
    .where(_attempt.c.id == bindparam("attempt_id"))
)
_RULES_AT = len(Consequences._fields) - 2
_OWN_AT = _RULES_AT + len(RULES)


def of_result(session: Session, submission_id: int, attempt_id: int) -> Consequences:
    """What a result of this submission of the attempt bears on; the caller holds the attempt's lock."""
    row = session.execute(_QUERY, {"submission_id": submission_id, "attempt_id": attempt_id}).one()
    values: tuple[Any, ...] = tuple(row)
    first, rules, own = values[:_RULES_AT], values[_RULES_AT:_OWN_AT], values[_OWN_AT:]
    return Consequences._make((*first, Rules._make(rules), OwnRules._make(own)))
