"""Sending statements to a learning record store, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

VERSION = "1.0.3"
CONFLICT = 409
UNFIT = frozenset({400, 413, 422})
LONGEST_REASON = 300


class Answer(StrEnum):
    """What the store's answer means."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"  # the statements are not of the form that it takes


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending, with the reason where it was not taken."""

    answer: Answer
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """A learning record store with our log-in there."""

    endpoint: str
    key: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Store({self.endpoint!r})"


def send(client: httpx.Client, store: Store, statements: Sequence[Mapping[str, Any]]) -> Sent:
    """Post statements; those that the store has under the same ids, from a try before, are taken as well."""
    headers = {"X-Experience-API-Version": VERSION, "Content-Type": "application/json"}
    body = json.dumps(list(statements)).encode()  # ASCII: names may hold what UTF-8 does not take
    auth = (store.key, store.secret) if store.key else None
    address = f"{store.endpoint.rstrip('/')}/statements"
    try:
        with client.stream("POST", address, content=body, headers=headers, auth=auth) as response:
            text = next(response.iter_raw(), b"")[:LONGEST_REASON].decode("utf-8", "replace")
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Sent(Answer.LATER, f"{type(error).__name__}: {error}"[:LONGEST_REASON])
    if 200 <= status < 300 or (status == CONFLICT and len(statements) == 1):
        return Sent(Answer.TAKEN)
    reason = f"status {status}: {text}"
    return Sent(Answer.REFUSED if status in UNFIT or status == CONFLICT else Answer.LATER, reason)
