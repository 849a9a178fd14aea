"""Invitations into courses, of which only a hash is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.courses import Course


class Invitation(Base):
    """A link by which people come into a course as `role`, so many times (None: without limit) and so long.

    With `user_id` it is that person's own: by it they choose the password that they do not have yet.
    """

    __tablename__ = "invitations"

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    role: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(reference("users"))
    created: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(reference("users"))
    expires: Mapped[datetime]
    max_uses: Mapped[int | None]
    uses: Mapped[int]
    revoked: Mapped[datetime | None]


def by_hash(session: Session, digest: str) -> tuple[Invitation, Course] | None:
    """The invitation with this hash and its course."""
    query = select(Invitation, Course).join(Course, Course.id == Invitation.course_id)
    return session.execute(query.where(Invitation.hash == digest)).first()


def of_course(session: Session, course_id: int, most: int) -> Sequence[Invitation]:
    """The invitations of a course that are nobody's own, newest first."""
    query = select(Invitation).where(Invitation.course_id == course_id, Invitation.user_id.is_(None))
    return session.scalars(query.order_by(Invitation.id.desc()).limit(most)).all()


def use(session: Session, invitation_id: int) -> bool:
    """Count one use; False when there is none left."""
    used = session.scalar(
        update(Invitation)
        .where(
            Invitation.id == invitation_id,
            or_(Invitation.max_uses.is_(None), Invitation.uses < Invitation.max_uses),
            Invitation.revoked.is_(None),
        )
        .values(uses=Invitation.uses + 1)
        .returning(Invitation.id)
    )
    return used is not None


def revoke_own(session: Session, now: datetime, user_id: int) -> None:
    """End the links that are this person's own."""
    session.execute(
        update(Invitation).where(Invitation.user_id == user_id, Invitation.revoked.is_(None)).values(revoked=now)
    )
