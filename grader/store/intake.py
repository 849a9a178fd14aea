"""What must be known of an attempt before it takes a submission, read and locked by one statement.

These statements are sent for every answer, so they name what is needed of each table and make no rows of classes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from grader.bank.wording import ENGLISH
from grader.store import attempts
from grader.store.assignments import RULES, Assignment, AssignmentProblem, Rules
from grader.store.attempts import Attempt, Draft
from grader.store.base import table_of
from grader.store.courses import Course
from grader.store.enrolments import Enrolment
from grader.store.extensions import OWN_RULES, Extension, OwnRules
from grader.store.problems import ProblemVersion
from grader.store.quarantine import HELD_FROM, Quarantined
from grader.store.ready_variants import ReadyVariant
from grader.store.submissions import Submission
from grader.store.variants import Variant


class Intake(NamedTuple):
    """An attempt with the rules for it, who comes with something for it, and what is judged by.

    `parts` are those of the problem, None where they were not known when it was stored. `role` is that of whoever
    comes, None for one who is not in the course. `own` are the student's rules. `sent` submissions there are
    already, `waiting` of them are not judged yet. Without `may_be_held` no response is in quarantine. `kept` is the
    variant as the maker has packed it ahead, None where it has not.
    """

    attempt_id: int
    state: str
    student_id: int
    tries_used: int
    preview: bool
    removed: bool
    visibility: str
    course_id: int
    course_title: str
    role: str | None
    has_draft: bool
    sent: int
    waiting: int
    problem_version_id: int
    version: str
    parts: list[Any] | None
    source: str
    seed: int
    may_be_held: bool
    kept: bytes | None
    rules: Rules
    own: OwnRules


_attempt, _set_as, _assignment = map(table_of, (Attempt, AssignmentProblem, Assignment))
_course, _enrolment, _extension, _draft = map(table_of, (Course, Enrolment, Extension, Draft))
_variant, _version, _sent, _held = map(table_of, (Variant, ProblemVersion, Submission, Quarantined))
_ready = table_of(ReadyVariant)

_COUNT = select(func.count()).where(_sent.c.attempt_id == _attempt.c.id).correlate(_attempt)
_MAY_BE_HELD = (
    exists()
    .where(
        _held.c.problem_version_id == _version.c.id,
        _held.c.seed == _variant.c.seed,
        _held.c.strikes >= HELD_FROM,
    )
    .correlate(_version, _variant)
)
_IN_THE_COURSE = and_(
    _enrolment.c.course_id == _assignment.c.course_id,
    _enrolment.c.user_id == bindparam("user_id"),
    _enrolment.c.ended.is_(None),
)
_THE_STUDENTS = and_(_extension.c.assignment_id == _assignment.c.id, _extension.c.student_id == _attempt.c.student_id)
_MADE_AHEAD = and_(
    _ready.c.problem_version_id == _variant.c.problem_version_id,
    _ready.c.seed == _variant.c.seed,
    _ready.c.language == ENGLISH,
    _ready.c.maker == bindparam("maker"),
)
_INTAKE = (
    select(
        _attempt.c.id,
        _attempt.c.state,
        _attempt.c.student_id,
        _attempt.c.tries_used,
        _attempt.c.preview,
        _set_as.c.removed,
        _assignment.c.visibility,
        _assignment.c.course_id,
        _course.c.title,
        _enrolment.c.role,
        _draft.c.attempt_id.is_not(None),
        _COUNT.scalar_subquery(),
        _COUNT.where(_sent.c.state == "stored").scalar_subquery(),
        _version.c.id,
        _version.c.version,
        _version.c.parts,
        _version.c.source,
        _variant.c.seed,
        _MAY_BE_HELD,
        _ready.c.body,
        *RULES,
        *OWN_RULES,
    )
    .select_from(_attempt)
    .join(_set_as, _set_as.c.id == _attempt.c.assignment_problem_id)
    .join(_assignment, _assignment.c.id == _set_as.c.assignment_id)
    .join(_course, _course.c.id == _assignment.c.course_id)
    .join(_variant, _variant.c.id == _attempt.c.variant_id)
    .join(_version, _version.c.id == _variant.c.problem_version_id)
    .outerjoin(_enrolment, _IN_THE_COURSE)
    .outerjoin(_extension, _THE_STUDENTS)
    .outerjoin(_ready, _MADE_AHEAD)
    .outerjoin(_draft, _draft.c.attempt_id == _attempt.c.id)
    .where(_attempt.c.id == bindparam("attempt_id"))
)
_IF_FREE = _INTAKE.with_for_update(of=_attempt, skip_locked=True)
_RULES_AT = len(Intake._fields) - 2
_OWN_AT = _RULES_AT + len(RULES)


def intake(session: Session, attempt_id: int, user_id: int, maker: str, *, waits: bool) -> Intake | None:
    """The attempt as it is now, for this person, kept from all other writers until the transaction ends.

    None where there is none, and, for one who does not wait, where another writer has it just now: one who waits
    has to begin to read after the other has ended, which takes a statement more.
    """
    if waits:
        attempts.lock(session, attempt_id)
    statement = _INTAKE if waits else _IF_FREE
    given = {"attempt_id": attempt_id, "user_id": user_id, "maker": maker}
    row = session.execute(statement, given).first()
    if row is None:
        return None
    values: tuple[Any, ...] = tuple(row)
    first, rules, own = values[:_RULES_AT], values[_RULES_AT:_OWN_AT], values[_OWN_AT:]
    return Intake._make((*first, Rules._make(rules), OwnRules._make(own)))
