"""Doing once what is asked for twice with the same key, and answering the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from grader.errors import Conflict
from grader.services.access import Actor, Clock
from grader.services.sealing import sealed, unsealed
from grader.store import idempotency
from grader.store.database import writing
from grader.store.idempotency import KeyedRequest

KEPT = timedelta(days=1)
TAKEN_OVER_AFTER = timedelta(minutes=1)
"""So long a request may take; what has not come back by then was cut off, and may be done by whoever asks again."""


@dataclass
class OtherBody(Conflict):
    """A key that was sent before, with something else."""


@dataclass
class StillRunning(Conflict):
    """A key whose first request is not done yet."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with a key: `route` is its method and address, `body` its bytes."""

    route: str
    key: str
    body: bytes

    @property
    def digest(self) -> str:
        """What tells this body from others; how JSON is laid out does not matter."""
        try:
            text = json.dumps(json.loads(self.body), sort_keys=True).encode()
        except (ValueError, RecursionError):
            text = self.body
        return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def once(
    session: Session, clock: Clock, actor: Actor, secret: str, request: Keyed, work: Callable[[], Answered]
) -> Answered:
    """What `work` answers, which is done once for each key.

    OtherBody where the key came with something else before, StillRunning while the first is not done.
    What is done and what is answered are committed together; where `work` fails, the key is free again.
    """
    claim = uuid4().hex
    earlier = _claim(session, clock, actor, request, claim)
    if earlier is not None:
        return Answered(**json.loads(unsealed(earlier, secret)))
    try:
        with writing(session):
            answered = work()
            session.flush()
            if not idempotency.finish(session, claim, sealed(json.dumps(asdict(answered)), secret)):
                raise StillRunning("The same request was taken over by another. Ask again.", "key")
    except BaseException:
        with writing(session):
            idempotency.release(session, claim)
        raise
    return answered


def _claim(session: Session, clock: Clock, actor: Actor, request: Keyed, claim: str) -> str | None:
    """Take the request on; the reply where it was answered before."""
    now = clock()
    with writing(session):
        idempotency.drop_old(session, now - KEPT)
        row = KeyedRequest(
            user_id=actor.user_id,
            route=request.route,
            key=request.key,
            body_hash=request.digest,
            claim=claim,
            claimed=now,
            reply=None,
            created=now,
        )
        if idempotency.add(session, row):
            return None
        found = idempotency.find(session, actor.user_id, request.route, request.key)
        if found is None:
            raise StillRunning("The first request with this key has just failed. Send it again.", "key")
        if found.body_hash != row.body_hash:
            raise OtherBody("This idempotency key was sent with another body before. Use a new one.", "key")
        if found.reply is None and now - found.claimed < TAKEN_OVER_AFTER:
            raise StillRunning("The first request with this key is still running. Ask again in a moment.", "key")
        if found.reply is None:
            found.claim, found.claimed = claim, now
        return found.reply
