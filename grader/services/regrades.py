"""Regrades: asked for, looked at, applied, undone; the work itself is done step by step by the worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from sqlalchemy.orm import Session

from grader import queue
from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services import problems as problem_texts
from grader.services.access import Actor, Clock, Membership, enter_assignment
from grader.services.problems import ProblemSource
from grader.services.regrade_plans import Line, RegradePolicy
from grader.store import assignments, audit, regrades
from grader.store.database import writing
from grader.store.regrades import APPLIED, APPLYING, READY, RUNNING, UNDOING, Regrade
from grader.store.users import User

Newest = Callable[[str], ProblemSource | None]
REGRADE = "regrade"
"""The kind of job that takes a regrade a step further; `services.regrading` does it."""
NO_REGRADE = "There is no such regrade."
LONGEST_REASON = 500
IN_HAND = frozenset({RUNNING, APPLYING, UNDOING})
MOST_SHOWN = 50
MOST_CHANGES = 2_000


class Basis(StrEnum):
    """What a regrade judges with."""

    CLUSTERS = "clusters"
    ENGINE = "engine"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: whether marks may go down, what to judge with, and why, for the record."""

    policy: RegradePolicy = RegradePolicy.NEVER_LOWER
    basis: Basis = Basis.CLUSTERS
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What happens to one student's attempt at one problem."""

    id: int
    attempt_id: int
    student_id: int
    student_name: str
    problem_title: str
    state: str
    before: Fraction
    after: Fraction
    max_score: Fraction
    lines: tuple[Line, ...]

    @property
    def direction(self) -> str:
        """Whether the marks go "up" or "down", or stay ("same")."""
        if self.after == self.before:
            return "same"
        return "up" if self.after > self.before else "down"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many attempts change and how, and how many parts of submissions keep their marks and why."""

    up: int = 0
    down: int = 0
    same: int = 0
    kept_lower: int = 0
    kept_marked: int = 0
    kept_undecided: int = 0
    outdated: int = 0
    changed_since: int = 0


@dataclass(frozen=True, slots=True)
class RegradeView:
    """One regrade; `changes` are those of the first MOST_CHANGES attempts."""

    id: int
    course_id: int
    course_title: str
    assignment_id: int
    assignment_title: str
    author: str
    policy: RegradePolicy
    basis: Basis
    reason: str
    state: str
    total: int
    done: int
    created: datetime
    applied: datetime | None
    applied_by: str
    undone: datetime | None
    undone_by: str
    counts: Counts
    changes: tuple[ChangeView, ...]

    @property
    def is_running(self) -> bool:
        """Whether the worker is at it."""
        return self.state in IN_HAND


@dataclass(frozen=True, slots=True)
class RegradeLine:
    """A regrade in a list."""

    id: int
    author: str
    policy: RegradePolicy
    basis: Basis
    reason: str
    state: str
    created: datetime


def propose(
    session: Session,
    clock: Clock,
    actor: Actor,
    assignment_id: int,
    wanted: Request,
    newest: Newest = lambda _: None,
    key: str | None = None,
) -> int:
    """Begin a dry run (instructors): the worker judges what was sent in, and nobody's marks change.

    `newest` finds the text of a problem of the bank as it is now; that of a course's own problem is known.
    The same `key` gives the same regrade again.
    """
    reason = " ".join(wanted.reason.split())
    if len(reason) > LONGEST_REASON:
        raise InvalidRequest(f"A reason has at most {LONGEST_REASON} characters.", "reason")
    if not reason.isprintable():
        raise InvalidRequest("The reason holds a character that cannot be printed.", "reason")
    now = clock()
    with writing(session):
        row, membership = enter_assignment(session, actor, assignment_id, "results:write")
        membership.require_instructor()
        if key is not None and (earlier := regrades.by_key(session, assignment_id, key)):
            if (earlier.policy, earlier.basis, earlier.reason) != (wanted.policy, wanted.basis, reason):
                raise Conflict("Another regrade was asked for with this idempotency key before.", "key")
            return earlier.id
        found = Regrade(
            assignment_id=row.id,
            author_id=actor.user_id,
            key=key,
            policy=str(wanted.policy),
            basis=str(wanted.basis),
            reason=reason,
            state=RUNNING,
            versions=_versions(session, now, row.id, newest) if wanted.basis is Basis.VERSION else {},
            total=regrades.count_attempts(session, row.id),
            done=0,
            cursor=0,
            created=now,
        )
        session.add(found)
        session.flush()
        step(session, now, found)
        about = {"policy": found.policy, "basis": found.basis, "reason": reason}
        audit.note(session, now, actor.user_id, row.course_id, "regrade.proposed", found.id, **about)
        return found.id


def _versions(session: Session, now: datetime, assignment_id: int, newest: Newest) -> dict[str, int]:
    """The newest version of each problem of the assignment, by the id of its row there."""
    rows = assignments.every_problem_of(session, assignment_id)
    shipped = [newest(row.problem.key) for row in rows if row.problem.course_id is None]
    kept = problem_texts.keep(session, now, [source for source in shipped if source is not None])
    found = {}
    for row in rows:
        known = kept.get(row.problem.key) if row.problem.course_id is None else None
        version = known.id if known is not None else regrades.newest_version(session, row.problem_id)
        if version is not None:
            found[str(row.id)] = version
    return found


def step(session: Session, now: datetime, row: Regrade, place: str = "begin") -> None:
    """Ask the worker for the next step, in the transaction of the one before.

    `place` is where it begins, so that it is another job than the one that asks for it.
    """
    queue.put(session, now, REGRADE, {"regrade": row.id}, key=f"{row.id} {row.state} {place}")


def apply(session: Session, clock: Clock, actor: Actor, regrade_id: int) -> None:
    """Let the changes count (instructors); Conflict unless the dry run is done and nobody has applied it yet."""
    _turn(session, clock, actor, regrade_id, (READY, APPLYING), "regrade.applying")


def undo(session: Session, clock: Clock, actor: Actor, regrade_id: int) -> None:
    """Give back the marks from before (instructors); Conflict unless the regrade is applied."""
    _turn(session, clock, actor, regrade_id, (APPLIED, UNDOING), "regrade.undoing")


def _turn(session: Session, clock: Clock, actor: Actor, regrade_id: int, states: tuple[str, str], action: str) -> None:
    now = clock()
    with writing(session):
        row, membership = _enter(session, actor, regrade_id, "results:write")
        membership.require_instructor()
        by = {"applied_by": actor.user_id} if states[1] == APPLYING else {"undone_by": actor.user_id}
        if not regrades.turn(session, regrade_id, states[0], states[1], **by):
            session.refresh(row)
            raise Conflict(f"The regrade is {row.state}, so this cannot be done now.")
        session.refresh(row)
        step(session, now, row)
        audit.note(session, now, actor.user_id, membership.course_id, action, row.id)


def regrade(session: Session, actor: Actor, regrade_id: int, *, is_polled: bool = False) -> RegradeView:
    """A regrade with what it changes (teachers); where that is asked again and again, not before the worker is done."""
    row, membership = _enter(session, actor, regrade_id, "results:read")
    membership.require_teacher()
    assignment = assignments.with_course(session, row.assignment_id)
    names = {each: _name(session, each) for each in (row.author_id, row.applied_by, row.undone_by)}
    found = () if is_polled and row.state in IN_HAND else regrades.changes(session, regrade_id, MOST_CHANGES)
    return RegradeView(
        id=row.id,
        course_id=membership.course_id,
        course_title=membership.course_title,
        assignment_id=row.assignment_id,
        assignment_title=assignment.title if assignment else "",
        author=names[row.author_id],
        policy=RegradePolicy(row.policy),
        basis=Basis(row.basis),
        reason=row.reason,
        state=row.state,
        total=row.total,
        done=min(row.done, row.total),
        created=row.created,
        applied=row.applied,
        applied_by=names[row.applied_by],
        undone=row.undone,
        undone_by=names[row.undone_by],
        counts=counts_of(session, regrade_id),
        changes=tuple(
            ChangeView(
                id=change.id,
                attempt_id=change.attempt_id,
                student_id=student_id,
                student_name=name,
                problem_title=title,
                state=change.state,
                before=change.before,
                after=change.after,
                max_score=change.max_score,
                lines=tuple(Line.from_json(line) for line in change.lines),
            )
            for change, student_id, name, title in found
        ),
    )


def regrades_of(session: Session, actor: Actor, assignment_id: int) -> tuple[RegradeLine, ...]:
    """The newest regrades of an assignment (teachers)."""
    row, membership = enter_assignment(session, actor, assignment_id, "results:read")
    membership.require_teacher()
    return tuple(
        RegradeLine(each.id, name, RegradePolicy(each.policy), Basis(each.basis), each.reason, each.state, each.created)
        for each, name in regrades.of_assignment(session, row.id, MOST_SHOWN)
    )


def counts_of(session: Session, regrade_id: int) -> Counts:
    """How many attempts change and how."""
    told: Counter[str] = Counter()
    for one in regrades.tally(session, regrade_id):
        told["up" if one.after > one.before else "down" if one.after < one.before else "same"] += one.number
        told["outdated"] += one.number if one.state == "outdated" else 0
        told["changed_since"] += one.number if one.state == "changed" else 0
        for kept in ("kept_lower", "kept_marked", "kept_undecided"):
            told[kept] += getattr(one, kept)
    return Counts(**told)


def _enter(session: Session, actor: Actor, regrade_id: int, scope: str) -> tuple[Regrade, Membership]:
    """The regrade and the actor's membership of its course, else NotFound."""
    row = session.get(Regrade, regrade_id, populate_existing=True)
    if row is None:
        raise NotFound(NO_REGRADE)
    try:
        _, membership = enter_assignment(session, actor, row.assignment_id, scope)
    except NotFound:
        raise NotFound(NO_REGRADE) from None
    if not membership.teaches:
        raise NotFound(NO_REGRADE)
    return row, membership


def _name(session: Session, user_id: int | None) -> str:
    person = session.get(User, user_id) if user_id is not None else None
    return person.name if person is not None else ""
