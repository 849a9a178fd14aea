"""How much a person may ask of the API within a minute."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from grader.errors import TooManyRequests
from grader.services.access import Actor

CHECKS = RateLimitItemPerMinute(600)
VARIANTS = RateLimitItemPerMinute(300)


@dataclass
class SpentAllowance(TooManyRequests):
    """A limit was passed; after so many seconds there is room again."""

    seconds: int = 60


class Allowances:
    """What each person has asked for within the present minute, counted in this process."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def spend(self, limit: RateLimitItemPerMinute, actor: Actor, what: str, cost: int = 1) -> None:
        """Count this much; SpentAllowance where it is more than there is."""
        person = str(actor.user_id)
        if self._limiter.hit(limit, what, person, cost=cost):
            return
        window = self._limiter.get_window_stats(limit, what, person)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        message = f"No more than {limit.amount} {what} a minute. Try again in {seconds} seconds."
        raise SpentAllowance(message, "", seconds)
