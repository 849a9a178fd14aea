"""Tokens for platforms' services: kept while they are good, replaced once where one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from sqlalchemy.orm import Session

from grader.errors import PlatformFailed
from grader.lti.messages import Platform
from grader.lti.tokens import AccessToken, request_token
from grader.services.access import Clock
from grader.services.lti_platforms import signing_key

Answer = TypeVar("Answer")
TOKEN_REFUSED = frozenset({401, 403})
"""Open edX says 403 to a token that is too old or signed with a key of before."""


@dataclass
class Tokens:
    """The tokens that platforms have given to whoever asks with this client and our secret."""

    clock: Clock
    client: httpx.Client
    secret: str
    _kept: dict[tuple[int, frozenset[str]], AccessToken] = field(default_factory=dict)

    def use(self, session: Session, platform: Platform, scopes: frozenset[str], ask: Callable[[str], Answer]) -> Answer:
        """What `ask` makes of a token for these scopes; of a new one, once, where it is refused."""
        try:
            return ask(self._token(session, platform, scopes))
        except PlatformFailed as failed:
            if failed.status not in TOKEN_REFUSED:
                raise
        self._kept.pop((platform.id, scopes), None)
        return ask(self._token(session, platform, scopes))

    def _token(self, session: Session, platform: Platform, scopes: frozenset[str]) -> str:
        known = self._kept.get((platform.id, scopes))
        if known is None or known.expires <= self.clock():
            key = signing_key(session, self.clock, self.secret)
            session.rollback()  # nothing is open while the platform takes its time
            known = request_token(self.client, platform, key, scopes, self.clock())
            self._kept[platform.id, scopes] = known
        return known.value
