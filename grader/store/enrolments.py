"""Who is in which course, as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, case, literal, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grader.store.base import Base, Id, UtcDateTime, reference
from grader.store.courses import Course
from grader.store.database import insert
from grader.store.users import User


class Enrolment(Base):
    """A person in a course.

    `role` is "student", "assistant" or "instructor"; an `ended` one gives no access.
    `created` is when they came in, or came back last.
    """

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"))
    user_id: Mapped[int] = mapped_column(reference("users"), index=True)
    role: Mapped[str]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]

    course: Mapped[Course] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")


def of_user_in_course(session: Session, user_id: int, course_id: int) -> tuple[Enrolment, Course] | None:
    """The person's present enrolment, with the course."""
    return session.execute(
        select(Enrolment, Course)
        .join(Enrolment.course)
        .where(Enrolment.user_id == user_id, Enrolment.course_id == course_id, Enrolment.ended.is_(None))
    ).first()


def of_user(session: Session, user_id: int) -> Sequence[tuple[Enrolment, Course]]:
    """The person's present enrolments with their courses, by title."""
    rows = session.execute(
        select(Enrolment, Course)
        .join(Enrolment.course)
        .where(Enrolment.user_id == user_id, Enrolment.ended.is_(None))
        .order_by(Course.title, Course.id)
    )
    return rows.all()


def students(session: Session, course_id: int, user_id: int | None = None) -> Sequence[tuple[Enrolment, User]]:
    """The present students of a course (or the one with this id), by name."""
    query = (
        select(Enrolment, User)
        .join(Enrolment.user)
        .where(Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.ended.is_(None))
        .order_by(User.name, User.login)
    )
    if user_id is not None:
        query = query.where(User.id == user_id)
    return session.execute(query).all()


def student_ids(session: Session, course_id: int) -> Sequence[int]:
    """The present students of a course, by number."""
    query = select(Enrolment.user_id).where(
        Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.ended.is_(None)
    )
    return session.scalars(query.order_by(Enrolment.user_id)).all()


def of_person(session: Session, course_id: int, user_id: int) -> Enrolment:
    """The enrolment of a person who is known to have one."""
    query = select(Enrolment).where(Enrolment.course_id == course_id, Enrolment.user_id == user_id)
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def put(session: Session, now: datetime, course_id: int, user_id: int, role: str) -> Enrolment:
    """The person's enrolment in this role; one that there was, present or ended, is taken up again."""
    values = {"course_id": course_id, "user_id": user_id, "role": role, "created": now}
    begun = case((Enrolment.ended.is_not(None), literal(now, UtcDateTime())), else_=Enrolment.created)
    session.execute(
        insert(session, Enrolment)
        .values(values)
        .on_conflict_do_update(
            index_elements=["course_id", "user_id"], set_={"role": role, "ended": None, "created": begun}
        )
    )
    return of_person(session, course_id, user_id)


def people(session: Session, course_id: int) -> Sequence[tuple[Enrolment, User]]:
    """All who are in a course now, by name."""
    return session.execute(
        select(Enrolment, User)
        .join(Enrolment.user)
        .where(Enrolment.course_id == course_id, Enrolment.ended.is_(None))
        .order_by(User.name, User.login)
    ).all()


def ever_in(session: Session, course_id: int, user_ids: Sequence[int]) -> Mapping[int, Enrolment]:
    """The enrolments of these people in a course, ended ones too, by person."""
    query = select(Enrolment).where(Enrolment.course_id == course_id, Enrolment.user_id.in_(user_ids))
    return {row.user_id: row for row in session.scalars(query)}


def lock_instructors(session: Session, course_id: int) -> None:
    """Let nobody else change who the course's instructors are before this transaction ends."""
    query = select(Enrolment.user_id).where(Enrolment.course_id == course_id, Enrolment.role == "instructor")
    session.execute(query.order_by(Enrolment.user_id).with_for_update())


def all_of(session: Session, user_id: int) -> Sequence[tuple[Enrolment, Course]]:
    """Every enrolment of a person, ended ones too, with the courses."""
    query = select(Enrolment, Course).join(Enrolment.course).where(Enrolment.user_id == user_id)
    return session.execute(query.order_by(Enrolment.id)).all()
