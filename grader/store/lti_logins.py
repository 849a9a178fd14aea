"""Log-ins that a platform has begun, and one-time tickets into a window of one's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference


class LtiLogin(Base):
    """A log-in that awaits its launch.

    Only hashes of the state and of what the browser keeps are stored; `used` is set once, by one statement.
    """

    __tablename__ = "lti_logins"
    __table_args__ = (UniqueConstraint("state_hash"),)

    id: Mapped[Id]
    state_hash: Mapped[str]
    browser_hash: Mapped[str]
    nonce: Mapped[str]
    platform_id: Mapped[int] = mapped_column(reference("lti_platforms"))
    target: Mapped[str]
    storage: Mapped[str]
    created: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[datetime | None]


class LtiTicket(Base):
    """Lets a person who was launched in a frame go on in a window of their own, once."""

    __tablename__ = "lti_tickets"
    __table_args__ = (UniqueConstraint("ticket_hash"),)

    id: Mapped[Id]
    ticket_hash: Mapped[str]
    user_id: Mapped[int] = mapped_column(reference("users"))
    target: Mapped[str]
    created: Mapped[datetime]
    used: Mapped[datetime | None]


def use_login(session: Session, now: datetime, state_hash: str, since: datetime) -> LtiLogin | None:
    """Use up the log-in with this state; None where it is unknown, used, or from before `since`.

    Of two who try at once exactly one gets it.
    """
    used = session.scalar(
        update(LtiLogin)
        .where(LtiLogin.state_hash == state_hash, LtiLogin.used.is_(None), LtiLogin.created > since)
        .values(used=now)
        .returning(LtiLogin.id)
        .execution_options(synchronize_session=False)
    )
    return None if used is None else session.get_one(LtiLogin, used, populate_existing=True)


def waiting(session: Session, state_hash: str, since: datetime) -> LtiLogin | None:
    """The log-in with this state, if its launch is still awaited."""
    return session.scalar(
        select(LtiLogin).where(LtiLogin.state_hash == state_hash, LtiLogin.used.is_(None), LtiLogin.created > since)
    )


def use_ticket(session: Session, now: datetime, ticket_hash: str, since: datetime) -> LtiTicket | None:
    """Use up a ticket, in the same way."""
    used = session.scalar(
        update(LtiTicket)
        .where(LtiTicket.ticket_hash == ticket_hash, LtiTicket.used.is_(None), LtiTicket.created > since)
        .values(used=now)
        .returning(LtiTicket.id)
        .execution_options(synchronize_session=False)
    )
    return None if used is None else session.get_one(LtiTicket, used, populate_existing=True)


def forget_old(session: Session, before: datetime) -> None:
    """Drop log-ins and tickets that nobody can use any longer."""
    session.execute(delete(LtiLogin).where(LtiLogin.created < before))
    session.execute(delete(LtiTicket).where(LtiTicket.created < before))
