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


@dataclass(frozen=True, slots=True)
class Standing:
    """How much there is in a minute, what is left of it, and in how many seconds it is full again."""

    limit: int
    remaining: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As callers are told."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }


class Allowances:
    """What each person has asked for within the present minute, counted in this process."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def spend(self, limit: RateLimitItemPerMinute, actor: Actor, what: str, cost: int = 1) -> None:
        """Count this much; SpentAllowance where it is more than there is."""
        self.spend_by(limit, str(actor.user_id), what, cost)

    def spend_by(self, limit: RateLimitItemPerMinute, whose: str, what: str, cost: int = 1) -> Standing:
        """Count this much for whoever it is; what is left, or SpentAllowance."""
        is_within = self._limiter.hit(limit, what, whose, cost=cost)
        window = self._limiter.get_window_stats(limit, what, whose)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        if is_within:
            return Standing(limit.amount, window.remaining, seconds)
        message = f"No more than {limit.amount} {what} a minute. Try again in {seconds} seconds."
        raise SpentAllowance(message, "", seconds)
