"""Webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Index, Select, UniqueConstraint, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, JsonText, reference

WAITING = text("state = 'waiting'")
DELETED = "deleted"
"""Why a webhook is disabled that was deleted: its row stays, for a message that is just being written refers to it."""


class Webhook(Base):
    """An address that is told of a course's events of some kinds.

    Secrets are encrypted; `old_secret` signs as well until `old_until`. `disabled` says since when and `reason` why
    nothing is sent any longer.
    """

    __tablename__ = "webhooks"

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)
    author_id: Mapped[int] = mapped_column(reference("users"))
    url: Mapped[str]
    kinds: Mapped[list[Any]] = mapped_column(JsonText())
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_until: Mapped[datetime | None]
    disabled: Mapped[datetime | None]
    reason: Mapped[str]
    created: Mapped[datetime]


class WebhookDelivery(Base):
    """One message to one address.

    `state` is "waiting", "sent" or "failed". `due` is when it may be sent; taking it moves `due` on.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "message_id"),
        Index("ix_webhook_deliveries_waiting", "due", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[Id]
    webhook_id: Mapped[int] = mapped_column(reference("webhooks"))
    message_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    tries: Mapped[int]
    due: Mapped[datetime]
    status: Mapped[int]
    reason: Mapped[str]
    created: Mapped[datetime]
    sent: Mapped[datetime | None]


class Taken(NamedTuple):
    """A delivery that was taken to be sent."""

    id: int
    webhook_id: int
    message_id: str
    body: str
    tries: int
    created: datetime


def listening(session: Session, course_id: int, kind: str) -> list[int]:
    """The webhooks of a course that are told of this kind of event."""
    query = select(Webhook.id, Webhook.kinds).where(Webhook.course_id == course_id, Webhook.disabled.is_(None))
    return [number for number, kinds in session.execute(query) if kind in kinds]


def count_active(session: Session, course_id: int) -> int:
    """How many webhooks of a course are told of something."""
    query = select(func.count()).select_from(Webhook)
    return session.scalar(query.where(Webhook.course_id == course_id, Webhook.disabled.is_(None))) or 0


def of_courses(session: Session, course_ids: Sequence[int]) -> Sequence[Webhook]:
    """The webhooks of these courses, the newest last."""
    return session.scalars(select(Webhook).where(Webhook.course_id.in_(course_ids)).order_by(Webhook.id)).all()


def deliveries(session: Session, webhook_id: int, most: int) -> Sequence[WebhookDelivery]:
    """The newest deliveries of a webhook."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    return session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(most)).all()


def is_any_due(session: Session, now: datetime, left_alone: Collection[int] = ()) -> bool:
    """Whether there is anything to send, but to these webhooks, asked without taking a lock."""
    return session.scalar(_due(now, left_alone).limit(1)) is not None


def _due(now: datetime, left_alone: Collection[int]) -> Select[int]:
    table = WebhookDelivery
    query = select(table.id).where(table.state == "waiting", table.due <= now)
    return query.where(table.webhook_id.not_in(left_alone)) if left_alone else query


def put_off(session: Session, webhook_id: int, until: datetime) -> None:
    """Send nothing that waits for a webhook before this moment."""
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state == "waiting", WebhookDelivery.due < until
    )
    session.execute(waiting.values(due=until).execution_options(synchronize_session=False))


def give_up(session: Session, webhook_id: int, before: datetime, reason: str) -> None:
    """Give up what waits for a webhook since before this moment."""
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == "waiting",
        WebhookDelivery.created < before,
    )
    session.execute(waiting.values(state="failed", reason=reason).execution_options(synchronize_session=False))


def drop_old(session: Session, before: datetime) -> None:
    """Forget what was sent or given up and was created before a moment."""
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.created < before, WebhookDelivery.state != "waiting"))


def take(session: Session, now: datetime, lease: timedelta, left_alone: Collection[int] = ()) -> Taken | None:
    """Take the delivery that has been due longest, but for these webhooks; None: there is none.

    No two takers get the same one.
    """
    table = WebhookDelivery
    oldest = _due(now, left_alone).order_by(table.due, table.id).limit(1).with_for_update(skip_locked=True)
    found = session.execute(
        update(table)
        .where(table.id == oldest.scalar_subquery())
        .values(due=now + lease, tries=table.tries + 1)
        .returning(table.id, table.webhook_id, table.message_id, table.body, table.tries, table.created)
        .execution_options(synchronize_session=False)
    ).first()
    return None if found is None else Taken(*found)


def depth(session: Session) -> int:
    """How many wait to be sent, now or later."""
    return session.scalar(select(func.count()).where(WebhookDelivery.state == "waiting")) or 0
