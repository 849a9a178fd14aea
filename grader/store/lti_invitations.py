"""Links by which a platform may register itself, each good for once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference


class LtiInvitation(Base):
    """A link that an administrator has made; `platform_id` is the platform that it brought."""

    __tablename__ = "lti_invitations"

    id: Mapped[Id]
    hash: Mapped[str] = mapped_column(unique=True)
    author_id: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]
    used: Mapped[datetime | None]
    platform_id: Mapped[int | None] = mapped_column(reference("lti_platforms"))


def use(session: Session, now: datetime, hashed: str, since: datetime) -> int | None:
    """Use up an invitation that was made after `since`; its id, None where there is none. Of two at once one wins."""
    return session.scalar(
        update(LtiInvitation)
        .where(LtiInvitation.hash == hashed, LtiInvitation.used.is_(None), LtiInvitation.created > since)
        .values(used=now)
        .returning(LtiInvitation.id)
        .execution_options(synchronize_session=False)
    )


def is_open(session: Session, hashed: str, since: datetime) -> bool:
    """Whether an invitation can still be used."""
    query = select(LtiInvitation.id).where(
        LtiInvitation.hash == hashed, LtiInvitation.used.is_(None), LtiInvitation.created > since
    )
    return session.scalar(query) is not None


def of_platforms(session: Session) -> Sequence[LtiInvitation]:
    """The invitations that brought a platform."""
    return session.scalars(select(LtiInvitation).where(LtiInvitation.platform_id.is_not(None))).all()
