"""Who is acting, and what they may do in a course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a person who is logged in, or a token that acts for one.

    `scopes` and `course_id` restrict a token; a log-in has neither (None) and may do what its roles allow.
    """

    user_id: int
    scopes: frozenset[str] | None = None
    course_id: int | None = None
