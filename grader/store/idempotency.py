"""Requests that were sent with a key, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.database import insert


class KeyedRequest(Base):
    """A request of a person at a route with a key of their own.

    `claim` names who is at it since `claimed`; `reply` is what was answered, encrypted, and null until then.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("user_id", "route", "key"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(reference("users"))
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[str]
    claim: Mapped[str]
    claimed: Mapped[datetime]
    reply: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(index=True)


def drop_old(session: Session, before: datetime) -> None:
    """Forget what was sent before a moment."""
    session.execute(delete(KeyedRequest).where(KeyedRequest.created < before))


def add(session: Session, row: KeyedRequest) -> bool:
    """Add the request, unless it is known; of two at once, one waits and finds it known."""
    names = [column.name for column in KeyedRequest.__table__.columns if column.name != "id"]
    values = {name: getattr(row, name) for name in names}
    added = insert(session, KeyedRequest).values(values).on_conflict_do_nothing().returning(KeyedRequest.id)
    return session.execute(added).first() is not None


def find(session: Session, user_id: int, route: str, key: str) -> KeyedRequest | None:
    """The request that was sent with this key, kept from all other writers until the transaction ends."""
    query = select(KeyedRequest).filter_by(user_id=user_id, route=route, key=key).with_for_update()
    return session.scalar(query, execution_options={"populate_existing": True})


def finish(session: Session, claim: str, reply: str) -> bool:
    """Keep the reply; False: somebody else has taken the request over."""
    query = update(KeyedRequest).where(KeyedRequest.claim == claim, KeyedRequest.reply.is_(None))
    return session.execute(query.values(reply=reply).returning(KeyedRequest.id)).first() is not None


def release(session: Session, claim: str) -> None:
    """Forget a request that came to nothing."""
    session.execute(delete(KeyedRequest).where(KeyedRequest.claim == claim, KeyedRequest.reply.is_(None)))
