"""Submissions: what a student sent in, word for word."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Index, Select, UniqueConstraint, bindparam, exists, func, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference, table_of
from grader.store.problems import ProblemVersion
from grader.store.quarantine import HELD_FROM, Quarantined
from grader.store.variants import Variant

WAITING = text("state = 'stored'")
NO_GRACE = timedelta(0)
MAX_CLAIMS = 8
"""A submission that was begun so often and never finished waits for a person."""


class Submission(Base):
    """The responses as typed, committed before they are judged.

    `state` is "stored", then "judged".
    While it is judged it is claimed until `claimed_until`; after that another worker may take it.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("attempt_id", "number"),
        UniqueConstraint("attempt_id", "key"),
        Index("ix_submissions_waiting", "claimed_until", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(reference("attempts"))
    number: Mapped[int]
    key: Mapped[str | None]
    responses: Mapped[dict[str, str]]
    submitted_by: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]
    state: Mapped[str]
    judged: Mapped[datetime | None]
    counted: Mapped[bool]
    claims: Mapped[int]
    claimed_until: Mapped[datetime]


_TABLE = table_of(Submission)
_ADD = insert(_TABLE).returning(_TABLE.c.id)


def add(
    session: Session,
    now: datetime,
    lease: timedelta,
    attempt_id: int,
    number: int,
    responses: Mapping[str, str],
    *,
    submitted_by: int,
    key: str | None = None,
) -> int:
    """Keep the responses, claimed for the one who judges them first; the submission's id."""
    values = {
        "attempt_id": attempt_id,
        "number": number,
        "key": key,
        "responses": dict(responses),
        "submitted_by": submitted_by,
        "created": now,
        "state": "stored",
        "counted": False,
        "claims": 1,
        "claimed_until": now + lease,
    }
    return int(session.execute(_ADD, values).scalar_one())


def by_key(session: Session, attempt_id: int, key: str) -> Submission | None:
    """The submission that was sent with this idempotency key."""
    return session.scalar(select(Submission).where(Submission.attempt_id == attempt_id, Submission.key == key))


def newest(session: Session, attempt_ids: Sequence[int], most: int) -> Sequence[Submission]:
    """The submissions of these attempts, newest first, at most so many of each."""
    other = aliased(Submission)
    last = select(func.max(other.number)).where(other.attempt_id == Submission.attempt_id).scalar_subquery()
    return session.scalars(
        select(Submission)
        .where(Submission.attempt_id.in_(attempt_ids), Submission.number > last - most)
        .order_by(Submission.attempt_id, Submission.number.desc())
    ).all()


def last_responses(session: Session, attempt_id: int) -> dict[str, str] | None:
    """What was sent last in an attempt; None: nothing was."""
    query = select(Submission.responses).where(Submission.attempt_id == attempt_id)
    return session.scalar(query.order_by(Submission.number.desc()).limit(1))


def tally(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """How many submissions each of these attempts has, and how many of them wait for the judge.

    Attempts without any are left out.
    """
    waiting = func.count().filter(Submission.state == "stored")
    rows = session.execute(
        select(Submission.attempt_id, func.count(), waiting)
        .where(Submission.attempt_id.in_(attempt_ids))
        .group_by(Submission.attempt_id)
    )
    return {attempt_id: (sent, stored) for attempt_id, sent, stored in rows}


class Work(NamedTuple):
    """What judging a submission needs.

    With `one_variant` many have the same variant in hand; without `may_be_held` no response to it is in quarantine.
    """

    problem_version_id: int
    source: str
    seed: int
    responses: dict[str, str]
    attempt_id: int
    course_id: int
    one_variant: bool = False
    may_be_held: bool = True


_WORK = (
    select(
        ProblemVersion.id,
        ProblemVersion.source,
        Variant.seed,
        Submission.responses,
        Attempt.id,
        Assignment.course_id,
        Assignment.one_variant,
        exists()
        .where(
            Quarantined.problem_version_id == ProblemVersion.id,
            Quarantined.seed == Variant.seed,
            Quarantined.strikes >= HELD_FROM,
        )
        .correlate(ProblemVersion, Variant),
    )
    .select_from(Submission)
    .join(Attempt, Attempt.id == Submission.attempt_id)
    .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
    .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
    .join(Variant, Variant.id == Attempt.variant_id)
    .join(ProblemVersion, ProblemVersion.id == Variant.problem_version_id)
    .where(Submission.id == bindparam("submission_id"))
)


def work(session: Session, submission_id: int) -> Work:
    """The problem's text, the seed and the responses of a submission."""
    return Work(*session.execute(_WORK, {"submission_id": submission_id}).one())


def lock_attempts(session: Session, submission_ids: Collection[int]) -> None:
    """Keep the attempts of these submissions from all other writers until the transaction ends.

    Always in the same order, so that no two who lock several wait for each other.
    """
    wanted = select(Submission.attempt_id).where(Submission.id.in_(submission_ids))
    session.execute(select(Attempt.id).where(Attempt.id.in_(wanted)).order_by(Attempt.id).with_for_update())


def of_course(course_id: int) -> Select[int]:
    """A query for the ids of all submissions in a course."""
    return (
        select(Submission.id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(Assignment.course_id == course_id)
    )


def waiting(now: datetime, after: int, *, at_start: bool) -> Select[Submission]:
    """Submissions with a later id than `after` that may be judged now, the oldest first.

    `at_start` also those that are claimed: their worker may have died with the server.
    """
    query = (
        select(Submission)
        .where(Submission.state == "stored", Submission.claims < MAX_CLAIMS, Submission.id > after)
        .order_by(Submission.id)
        .limit(1)
    )
    return query if at_start else query.where(Submission.claimed_until <= now)


def claim_one(session: Session, now: datetime, lease: timedelta, submission_id: int) -> int | None:
    """Claim this submission, by one statement: how often it has been; None where it is judged or somebody has it."""
    return session.scalar(
        update(Submission)
        .where(
            Submission.id == submission_id,
            Submission.state == "stored",
            Submission.claims < MAX_CLAIMS,
            Submission.claimed_until <= now,
        )
        .values(claims=Submission.claims + 1, claimed_until=now + lease)
        .returning(Submission.claims)
        .execution_options(synchronize_session=False)
    )


def hand_back(session: Session, now: datetime, submission_id: int, claims: int) -> bool:
    """End the claim of one that was not judged, through no fault of its own.

    False where it is judged by now, or somebody has claimed it since.
    """
    given = session.scalar(
        update(Submission)
        .where(Submission.id == submission_id, Submission.state == "stored", Submission.claims == claims)
        .values(claims=Submission.claims - 1, claimed_until=now)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    )
    return given is not None


def ahead_of(session: Session, submission_id: int) -> int:
    """How many that wait for the judge came in before this one."""
    query = select(func.count()).where(Submission.state == "stored", Submission.id < submission_id)
    return session.scalar(query) or 0


def depth(session: Session) -> tuple[int, int]:
    """How many wait for the judge, and how many have been given up."""
    given_up = Submission.claims >= MAX_CLAIMS
    waiting_, stuck = session.execute(
        select(func.count().filter(~given_up), func.count().filter(given_up)).where(Submission.state == "stored")
    ).one()
    return waiting_, stuck


def is_any_waiting(session: Session, now: datetime, after: int, *, at_start: bool) -> bool:
    """Whether there is anything to claim, asked without taking a lock."""
    return session.scalar(waiting(now, after, at_start=at_start)) is not None


def claim(
    session: Session,
    now: datetime,
    lease: timedelta,
    after: int,
    *,
    at_start: bool,
    grace: timedelta = NO_GRACE,
) -> tuple[int, int] | None:
    """Claim the next submission that waits, and has waited for `grace` at least: its id and its claims.

    None: there is none. No two workers get the same one.
    Each time the claim lasts twice as long: what a busy machine could not do now is not tried at once again.
    """
    query = waiting(now - grace, after, at_start=at_start).with_for_update(skip_locked=True)
    found = session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        return None
    found.claimed_until = now + lease * 2**found.claims
    found.claims += 1
    return found.id, found.claims


_HELD = select(table_of(Attempt).c.id).where(table_of(Attempt).c.id == bindparam("of_attempt")).with_for_update()
_LOCKED = _HELD.cte("locked")
_MARK_JUDGED = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("submission_id"),
        _TABLE.c.state == "stored",
        _TABLE.c.attempt_id == _LOCKED.c.id,
    )
    .values(state="judged", judged=bindparam("now"))
    .returning(_TABLE.c.id)
)


def mark_judged(session: Session, submission_id: int, attempt_id: int, now: datetime) -> bool:
    """Turn "stored" into "judged"; False when somebody else has.

    The attempt is kept from all other writers until the transaction ends; what is read after this is present.
    """
    given = {"submission_id": submission_id, "of_attempt": attempt_id, "now": now}
    return session.execute(_MARK_JUDGED, given).first() is not None


_COUNTED = update(_TABLE).where(_TABLE.c.id == bindparam("submission_id")).values(counted=bindparam("counts"))


def write_counted(session: Session, counted: Mapping[int, bool]) -> None:
    """Write into submissions whether they used up a try; the caller holds the locks of their attempts."""
    values = [{"submission_id": one, "counts": counts} for one, counts in counted.items()]
    if values:
        session.execute(_COUNTED, values if len(values) > 1 else values[0])
