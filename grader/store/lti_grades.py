"""Grades that are to be sent to a platform: one row for each link and student, so that only the latest is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Index, UniqueConstraint, and_, case, func, literal, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, UtcDateTime, reference
from grader.store.courses import Course
from grader.store.database import insert
from grader.store.lti_links import LtiLink
from grader.store.lti_platforms import LtiDeployment, LtiPlatform
from grader.store.users import User

WAITING = text("state = 'waiting'")
TICK = timedelta(milliseconds=1)


class LtiGrade(Base):
    """What is to be told of one student in one link.

    `state` is "waiting", "sent", "superseded", "refused", "held" or "nothing". `changes` counts how often the
    grade has changed, so that what changes while it is being sent waits again. `stamp` is the time that the
    platform was told last: each later message has a later one. `due` is when it may be sent; taking it moves
    `due` on.
    """

    __tablename__ = "lti_grades"
    __table_args__ = (
        UniqueConstraint("link_id", "student_id"),
        Index("ix_lti_grades_waiting", "due", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[Id]
    link_id: Mapped[int] = mapped_column(reference("lti_links"))
    student_id: Mapped[int] = mapped_column(reference("users"), index=True)
    state: Mapped[str]
    changes: Mapped[int]
    tries: Mapped[int]
    due: Mapped[datetime]
    stamp: Mapped[datetime | None]
    sent: Mapped[datetime | None]
    reason: Mapped[str]


def ask(session: Session, now: datetime, assignment_id: int, student_id: int) -> None:
    """Have a student's grade told to every link of the assignment, in the transaction that changes it.

    One that is on its way just now, or waits for its next try, keeps its time: no two messages overtake each other.
    """
    moment = literal(now, UtcDateTime())
    values = (literal(student_id), literal("waiting"), literal(1), literal(0), moment, literal(""))
    rows = select(LtiLink.id, *values).where(LtiLink.assignment_id == assignment_id)
    names = ["link_id", "student_id", "state", "changes", "tries", "due", "reason"]
    statement = insert(session, LtiGrade).from_select(names, rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["link_id", "student_id"],
            set_={
                "state": "waiting",
                "changes": LtiGrade.changes + 1,
                "tries": case((_is_begun(), LtiGrade.tries), else_=0),
                "due": case((_is_begun(), LtiGrade.due), else_=moment),
                "reason": case((_is_begun(), LtiGrade.reason), else_=""),
            },
        )
    )


def _is_begun() -> ColumnElement[bool]:
    """Whether it has been tried and has not arrived."""
    return and_(LtiGrade.state == "waiting", LtiGrade.tries > 0)


class Taken(NamedTuple):
    """A grade that was taken to be sent, as it was then; `stamp` is later than all that were sent before."""

    id: int
    link_id: int
    student_id: int
    changes: int
    tries: int
    stamp: datetime


def take(session: Session, now: datetime, lease: timedelta) -> Taken | None:
    """Take the grade that has been due longest; None: there is none. No two takers get the same one."""
    oldest = (
        select(LtiGrade.id)
        .where(LtiGrade.state == "waiting", LtiGrade.due <= now, _may_be_sent(now))
        .order_by(LtiGrade.due, LtiGrade.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = session.scalar(
        update(LtiGrade)
        .where(LtiGrade.id == oldest.scalar_subquery())
        .values(due=now + lease, tries=LtiGrade.tries + 1)
        .returning(LtiGrade.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        return None
    row = session.get_one(LtiGrade, found, populate_existing=True)
    row.stamp = now if row.stamp is None else max(now, row.stamp + TICK)
    return Taken(row.id, row.link_id, row.student_id, row.changes, row.tries, row.stamp)


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to send, asked without taking a lock."""
    query = select(LtiGrade.id).where(LtiGrade.state == "waiting", LtiGrade.due <= now, _may_be_sent(now)).limit(1)
    return session.scalar(query) is not None


def _may_be_sent(now: datetime) -> ColumnElement[bool]:
    """The grades of platforms that have not asked us to wait."""
    paused = (
        select(LtiLink.id)
        .join(LtiDeployment, LtiDeployment.id == LtiLink.deployment_id)
        .join(LtiPlatform, LtiPlatform.id == LtiDeployment.platform_id)
        .where(LtiPlatform.paused > now)
    )
    return LtiGrade.link_id.not_in(paused)


def settle(session: Session, grade: Taken, state: str, now: datetime, reason: str = "") -> bool:
    """Note what became of a grade that was sent; False where it has changed meanwhile, and is due again now."""
    values = {"state": state, "reason": reason[:500]} | ({"sent": now} if state == "sent" else {})
    done = session.scalar(
        update(LtiGrade)
        .where(_is_as_taken(grade))
        .values(values)
        .returning(LtiGrade.id)
        .execution_options(synchronize_session=False)
    )
    if done is None:
        again = update(LtiGrade).where(_is_mine(grade), LtiGrade.state == "waiting").values(due=now, tries=0)
        session.execute(again.execution_options(synchronize_session=False))
    return done is not None


def _is_as_taken(grade: Taken) -> ColumnElement[bool]:
    """Whether it has neither changed nor been taken by another since."""
    return and_(_is_mine(grade), LtiGrade.changes == grade.changes)


def _is_mine(grade: Taken) -> ColumnElement[bool]:
    """Whether nobody else has taken it since."""
    return and_(LtiGrade.id == grade.id, LtiGrade.stamp == grade.stamp)


def postpone(session: Session, grade: Taken, due: datetime, reason: str) -> None:
    """Try again at this time."""
    session.execute(
        update(LtiGrade)
        .where(_is_mine(grade), LtiGrade.state == "waiting")
        .values(due=due, reason=reason[:500])
        .execution_options(synchronize_session=False)
    )


def hurry(session: Session, now: datetime, link_id: int) -> None:
    """Try what waits in a link now: its platform has just been heard of."""
    query = update(LtiGrade).where(LtiGrade.link_id == link_id, LtiGrade.state == "waiting", LtiGrade.tries > 0)
    session.execute(query.values(due=now).execution_options(synchronize_session=False))


class Stuck(NamedTuple):
    """A grade that does not arrive, with where it belongs."""

    grade: LtiGrade
    assignment_id: int
    assignment: str
    course: str
    platform: str
    student: str


def stuck(session: Session, tries: int, most: int) -> Sequence[Stuck]:
    """Grades that were refused, or tried so often in vain, the oldest first."""
    is_tired = and_(LtiGrade.state == "waiting", LtiGrade.tries >= tries)
    query = (
        select(LtiGrade, Assignment.id, Assignment.title, Course.title, LtiPlatform.name, User.name)
        .join(LtiLink, LtiLink.id == LtiGrade.link_id)
        .join(LtiDeployment, LtiDeployment.id == LtiLink.deployment_id)
        .join(LtiPlatform, LtiPlatform.id == LtiDeployment.platform_id)
        .join(Assignment, Assignment.id == LtiLink.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .join(User, User.id == LtiGrade.student_id)
        .where(or_(LtiGrade.state == "refused", is_tired))
        .order_by(LtiGrade.id)
        .limit(most)
    )
    return [Stuck(*row) for row in session.execute(query)]


def ask_everybody(session: Session, now: datetime, link_id: int, assignment_id: int) -> None:
    """Have the grades of all who have tried an assignment told to a link that leads there from now on."""
    tried = (
        select(Attempt.student_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .where(AssignmentProblem.assignment_id == assignment_id, Attempt.tries_used > 0, Attempt.preview.is_(False))
    )
    ask_students(session, now, link_id, session.scalars(tried.distinct()).all())


def ask_rows(session: Session, now: datetime, ids: Sequence[int]) -> int:
    """Have these grades told once more; how many those are."""
    return _ask(session, now, LtiGrade.id.in_(ids))


def ask_students(session: Session, now: datetime, link_id: int, student_ids: Sequence[int]) -> int:
    """Have the grades of these students in a link told, also where none was told before; how many those are."""
    for student_id in student_ids:
        values = {"link_id": link_id, "student_id": student_id, "state": "waiting", "changes": 0}
        rest = {"tries": 0, "due": now, "reason": ""}
        session.execute(insert(session, LtiGrade).values(values | rest).on_conflict_do_nothing())
    return _ask(session, now, and_(LtiGrade.link_id == link_id, LtiGrade.student_id.in_(student_ids)))


def ask_again(session: Session, now: datetime, link_ids: Sequence[int], student_id: int | None = None) -> int:
    """Have all grades of these links (of one student) told once more; how many those are."""
    which = LtiGrade.link_id.in_(link_ids)
    return _ask(session, now, which if student_id is None else and_(which, LtiGrade.student_id == student_id))


def ask_untold(session: Session, now: datetime, link_ids: Sequence[int]) -> int:
    """Have the grades of these links told of which their platform was not told when they changed; how many."""
    return _ask(session, now, and_(LtiGrade.link_id.in_(link_ids), LtiGrade.state.in_(("held", "nothing"))))


def ask_held(session: Session, now: datetime) -> int:
    """Have the grades told that exams hold back until a moment which is known; how many those are."""
    links = select(LtiLink.id).join(Assignment, Assignment.id == LtiLink.assignment_id)
    dated = links.where(Assignment.feedback_from.is_not(None))
    return _ask(session, now, and_(LtiGrade.link_id.in_(dated), LtiGrade.state == "held"))


def _ask(session: Session, now: datetime, which: ColumnElement[bool]) -> int:
    values = {"state": "waiting", "changes": LtiGrade.changes + 1, "tries": 0, "due": now, "reason": ""}
    query = update(LtiGrade).where(which).values(values).returning(LtiGrade.id)
    return len(session.scalars(query.execution_options(synchronize_session=False)).all())


def of_links(session: Session, link_ids: Sequence[int], student_id: int | None = None) -> Sequence[LtiGrade]:
    """What became of the grades of these links (of one student)."""
    query = select(LtiGrade).where(LtiGrade.link_id.in_(link_ids)).order_by(LtiGrade.link_id, LtiGrade.student_id)
    return session.scalars(query if student_id is None else query.where(LtiGrade.student_id == student_id)).all()


def depth(session: Session) -> int:
    """How many wait to be sent, now or later."""
    return session.scalar(select(func.count()).where(LtiGrade.state == "waiting")) or 0
