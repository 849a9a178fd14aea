"""Webhooks: who is told what, and telling them until they have taken it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import ConfigError, Conflict, InvalidRequest, NotFound
from grader.services.access import Actor, Clock, Membership, enter, require_scope
from grader.services.courses import list_courses
from grader.services.fields import line
from grader.services.sealing import sealed, unsealed
from grader.store import audit, webhooks
from grader.store.database import writing
from grader.store.webhooks import DELETED, Taken, Webhook, WebhookDelivery
from grader.webhooks.sending import Answer, Sent, send
from grader.webhooks.signing import headers, new_secret

LOG = logging.getLogger(__name__)

GRADED = "submission.graded"
KINDS = (GRADED, "grade.changed", "regrade.applied", "regrade.undone")
LONGEST_ADDRESS = 500
MOST_OF_COURSE = 20
MOST_SHOWN = 100
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=3)
LONGEST_TROUBLE = timedelta(minutes=5)
"""So long at most a receiver that fails is left alone with all its messages; then one of them is tried."""
GIVEN_UP_AFTER = timedelta(days=1)
NOTHING_TAKEN = "the receiver took nothing for a day"
KEPT, DROPPED_EVERY = timedelta(days=30), timedelta(hours=1)
BOTH_SECRETS = timedelta(days=1)
"""So long after a rotation messages are signed with both secrets."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook as those who look after it see it; `secret` is shown once, when it is made or rotated."""

    id: int
    course_id: int
    url: str
    events: tuple[str, ...]
    is_active: bool
    reason: str
    created: datetime
    secret: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One message: `state` is "waiting", "sent" or "failed", `status` what was answered last (0: nothing yet)."""

    id: int
    message_id: str
    event: str
    state: str
    tries: int
    status: int
    reason: str
    created: datetime
    due: datetime
    sent: datetime | None


def create_webhook(
    session: Session, clock: Clock, actor: Actor, secret: str, course_id: int, url: str, events: Sequence[str]
) -> WebhookView:
    """Tell an address of a course's events from now on (instructor)."""
    _instructor(session, actor, course_id)
    row = Webhook(
        course_id=course_id,
        author_id=actor.user_id,
        url=_address(url),
        kinds=_kinds(events),
        reason="",
        created=clock(),
    )
    plain = new_secret()
    row.secret = sealed(plain, secret)
    with writing(session):
        if webhooks.count_active(session, course_id) >= MOST_OF_COURSE:
            raise Conflict(f"A course has at most {MOST_OF_COURSE} webhooks.")
        session.add(row)
        session.flush()
        audit.note(session, clock(), actor.user_id, course_id, "webhook.created", row.id, events=row.kinds)
        return _view(row, plain)


def list_webhooks(session: Session, actor: Actor) -> tuple[WebhookView, ...]:
    """The webhooks of all courses in which the actor is an instructor."""
    require_scope(actor, "webhooks:read")
    person = Actor(actor.user_id, None, actor.course_id)
    taught = [course.id for course in list_courses(session, person) if course.role == "instructor"]
    return tuple(_view(row) for row in webhooks.of_courses(session, taught) if row.reason != DELETED)


def webhook(session: Session, actor: Actor, webhook_id: int) -> WebhookView:
    """A webhook, if the actor is an instructor of its course."""
    return _view(_row(session, actor, webhook_id, "webhooks:read"))


def delete_webhook(session: Session, clock: Clock, actor: Actor, webhook_id: int) -> None:
    """Tell an address nothing any longer; from now on it looks as if it did not exist."""
    with writing(session):
        row = _row(session, actor, webhook_id)
        row.disabled, row.reason = clock(), DELETED
        audit.note(session, clock(), actor.user_id, row.course_id, "webhook.disabled", row.id)


def rotate_secret(session: Session, clock: Clock, actor: Actor, secret: str, webhook_id: int) -> WebhookView:
    """A new secret; for a day messages are signed with both, so that none is refused meanwhile."""
    plain = new_secret()
    with writing(session):
        row = _row(session, actor, webhook_id)
        row.old_secret, row.old_until = row.secret, clock() + BOTH_SECRETS
        row.secret = sealed(plain, secret)
        audit.note(session, clock(), actor.user_id, row.course_id, "webhook.rotated", row.id)
        return _view(row, plain)


def list_deliveries(session: Session, actor: Actor, webhook_id: int) -> tuple[DeliveryView, ...]:
    """The newest deliveries of a webhook."""
    row = _row(session, actor, webhook_id, "webhooks:read")
    return tuple(_delivery(one) for one in webhooks.deliveries(session, row.id, MOST_SHOWN))


def send_again(session: Session, clock: Clock, actor: Actor, webhook_id: int, delivery_id: int) -> DeliveryView:
    """Send a message once more, whatever became of it."""
    with writing(session):
        row = _row(session, actor, webhook_id)
        found = session.get(WebhookDelivery, delivery_id)
        if found is None or found.webhook_id != row.id:
            raise NotFound("There is no such delivery.")
        if row.disabled is not None:
            raise Conflict(f"This webhook is disabled: {row.reason}.")
        found.state, found.due, found.tries, found.created = "waiting", clock(), 0, clock()
        return _delivery(found)


def tell(session: Session, now: datetime, course_id: int, kind: str, payload: Mapping[str, Any]) -> None:
    """Have everybody who listens told of an event, in the transaction in which it happens."""
    listening = webhooks.listening(session, course_id, kind)
    if not listening:
        return
    message_id = f"msg_{uuid4().hex}"
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": dict(payload)}, separators=(",", ":"))
    for number in listening:
        session.add(
            WebhookDelivery(
                webhook_id=number,
                message_id=message_id,
                kind=kind,
                body=body,
                state="waiting",
                tries=0,
                due=now,
                status=0,
                reason="",
                created=now,
            )
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A receiver that has failed so many times one after another, and is left alone until a moment."""

    times: int
    until: datetime


@dataclass
class Messenger:
    """Who sends webhooks; a receiver that fails is left alone for a while, so that others are told meanwhile."""

    sessions: sessionmaker[Session]
    clock: Clock
    client: httpx.Client
    secret: str
    rng: Random = field(default_factory=Random)
    dropped: datetime | None = None
    troubles: dict[int, Trouble] = field(default_factory=dict)

    def send_next(self) -> bool:
        """Send the message that has been due longest; False: there is none."""
        with self.sessions() as session:
            now = self.clock()
            troubled = [number for number, trouble in self.troubles.items() if trouble.until > now]
            if not webhooks.is_any_due(session, now, troubled):
                self._drop_old(session, now)
                return False
            with writing(session):
                taken = webhooks.take(session, now, LEASE, troubled)
            if taken is not None:
                self._send(session, taken)
            return True

    def _drop_old(self, session: Session, now: datetime) -> None:
        """Forget old deliveries, now and then."""
        if self.dropped is None or now - self.dropped >= DROPPED_EVERY:
            self.dropped = now
            with writing(session):
                webhooks.drop_old(session, now - KEPT)

    def _send(self, session: Session, taken: Taken) -> None:
        """Send it, and note what came of it."""
        row, now = session.get_one(Webhook, taken.webhook_id), self.clock()
        if row.disabled is not None:
            self._note(session, taken, "failed", 0, f"the webhook is disabled: {row.reason}")
            return
        body = taken.body.encode()
        url, course_id = row.url, row.course_id
        try:
            signed = headers(taken.message_id, now, body, self._keys(row, now))
        except ConfigError as fault:  # until the secret key is set back, or this webhook's secret rotated
            sent = Sent(Answer.LATER, reason=str(fault))
        else:
            session.rollback()  # nothing is open while somebody else's server takes its time
            sent = send(self.client, url, body, signed)
        if sent.answer is Answer.TAKEN:
            self.troubles.pop(taken.webhook_id, None)
            self._note(session, taken, "sent", sent.status)
        elif sent.answer is Answer.GONE:
            LOG.warning("webhook %d of course %d is gone, so it is disabled", taken.webhook_id, course_id)
            self._note(session, taken, "failed", sent.status, "gone", disable=True)
        elif self.clock() - taken.created > GIVEN_UP_AFTER:
            LOG.error("webhook %d of course %d: messages are given up", taken.webhook_id, course_id)
            self._leave_alone(taken.webhook_id, self.clock())
            self._note(session, taken, "failed", sent.status, sent.reason)
            with writing(session):
                webhooks.give_up(session, taken.webhook_id, self.clock() - GIVEN_UP_AFTER, NOTHING_TAKEN)
        else:
            self._note(session, taken, "waiting", sent.status, sent.reason)

    def _leave_alone(self, webhook_id: int, now: datetime) -> datetime:
        """Leave a receiver that has failed alone with all that waits for it; until when."""
        known = self.troubles.get(webhook_id)
        times = known.times + 1 if known else 1
        until: datetime = now + min(FIRST_PAUSE * 2 ** min(times - 1, 20), LONGEST_TROUBLE)
        self.troubles[webhook_id] = Trouble(times, until)
        return until

    def _keys(self, row: Webhook, now: datetime) -> list[str]:
        """The secrets that sign now; an old one that was sealed with another secret key does not."""
        found = [unsealed(row.secret, self.secret)]
        if row.old_secret is not None and row.old_until is not None and now < row.old_until:
            with suppress(ConfigError):
                found.append(unsealed(row.old_secret, self.secret))
        return found

    def _note(
        self, session: Session, taken: Taken, state: str, status: int, reason: str = "", *, disable: bool = False
    ) -> None:
        """Write down what came of a message."""
        now = self.clock()
        with writing(session):
            row = session.get_one(WebhookDelivery, taken.id, populate_existing=True)
            row.state, row.status, row.reason = state, status, reason
            if state == "sent":
                row.sent = now
            if state == "waiting":
                until = self._leave_alone(taken.webhook_id, now)
                row.due = max(until, now + self._pause(taken.tries))
                webhooks.put_off(session, taken.webhook_id, until)
            if disable:
                _disable(session.get_one(Webhook, taken.webhook_id), now, "the receiver answered 410 Gone")

    def _pause(self, tries: int) -> timedelta:
        """Twice as long each time, with some chance in it."""
        longest: timedelta = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
        return longest * self.rng.uniform(0.5, 1)


def _disable(row: Webhook, now: datetime, reason: str) -> None:
    if row.disabled is None:
        row.disabled, row.reason = now, reason


def _row(session: Session, actor: Actor, webhook_id: int, scope: str = "webhooks:write") -> Webhook:
    """The webhook, if the actor is an instructor of its course, else NotFound."""
    row = session.get(Webhook, webhook_id)
    if row is None or row.reason == DELETED:
        raise NotFound("There is no such webhook.")
    enter(session, actor, row.course_id, scope, "There is no such webhook.").require_instructor()
    return row


def _instructor(session: Session, actor: Actor, course_id: int) -> Membership:
    membership = enter(session, actor, course_id, "webhooks:write")
    membership.require_instructor()
    return membership


def _kinds(events: Sequence[str]) -> list[str]:
    unknown = [kind for kind in events if kind not in KINDS]
    if unknown or not events:
        raise InvalidRequest(f"The events are some of {', '.join(KINDS)}.", "events")
    return sorted(set(events))


def _address(url: str) -> str:
    """An http or https address with a host and without a password."""
    address = line(url, "url", LONGEST_ADDRESS)
    try:
        parts = urlsplit(address)
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
        _ = parts.port, (parts.hostname or "").encode("idna")  # which refuse what no name server could be asked for
    except ValueError:
        is_fit = False
    if not is_fit:
        raise InvalidRequest("The address begins with https:// and holds no password.", "url")
    return address


def _view(row: Webhook, secret: str = "") -> WebhookView:
    kinds = tuple(str(kind) for kind in row.kinds)
    return WebhookView(row.id, row.course_id, row.url, kinds, row.disabled is None, row.reason, row.created, secret)


def _delivery(row: WebhookDelivery) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        message_id=row.message_id,
        event=row.kind,
        state=row.state,
        tries=row.tries,
        status=row.status,
        reason=row.reason,
        created=row.created,
        due=row.due,
        sent=row.sent,
    )
