"""Asking platforms for their keys: by one request at a time, and not at once again where that has just failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from grader.errors import PlatformFailed
from grader.lti.messages import Platform
from grader.services.access import Clock

FetchKeys = Callable[[Platform], Mapping[str, Any]]
KEYS_PAUSE = timedelta(seconds=2)
"""So long an unknown key does not make us ask the platform again."""
FAILURE_PAUSE = timedelta(seconds=3)
"""So long a platform that has just failed is not asked: who makes keys up cannot keep our threads waiting for it."""
LONGEST_TURN = 3.0
"""Seconds that a launch waits while another one asks the same platform."""


@dataclass
class _Place:
    """What a platform said last; `keys` is None where it failed."""

    lock: Lock = field(default_factory=Lock)
    asked: datetime | None = None
    keys: Mapping[str, Any] | None = None


class KeyFetcher:
    """Fetches the keys of platforms for the launches of one process."""

    def __init__(self, fetch: FetchKeys, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._places: defaultdict[int, _Place] = defaultdict(_Place)

    def __call__(self, platform: Platform) -> Mapping[str, Any]:
        """The platform's keys, or PlatformFailed."""
        place = self._places[platform.id]
        if not place.lock.acquire(timeout=LONGEST_TURN):
            raise PlatformFailed(f"{platform.name} takes long to tell its keys.")
        try:
            return self._known(place, platform) or self._asked(place, platform)
        finally:
            place.lock.release()

    def _known(self, place: _Place, platform: Platform) -> Mapping[str, Any] | None:
        """What was told to the launch before, if that is just now."""
        age = None if place.asked is None else self._clock() - place.asked
        if age is None or age >= (FAILURE_PAUSE if place.keys is None else KEYS_PAUSE):
            return None
        if place.keys is None:
            raise PlatformFailed(f"{platform.name} did not tell its keys just now.")
        return place.keys

    def _asked(self, place: _Place, platform: Platform) -> Mapping[str, Any]:
        place.keys = None
        try:
            place.keys = self._fetch(platform)
        finally:
            place.asked = self._clock()
        return place.keys
