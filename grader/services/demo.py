"""The demo course: one instructor, three students, an assignment for each topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.services.access import Clock
from grader.services.problems import ProblemSource

DEMO_PASSWORD = "calculus"  # noqa: S105 - printed by `make demo`; the demo course holds nothing worth guarding


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made: the course's id and the log-ins (name, password, role)."""

    course_id: int
    logins: tuple[tuple[str, str, str], ...]


def create_demo(session: Session, clock: Clock, problems: Sequence[ProblemSource]) -> Demo:
    """The demo course, made once; a second call changes nothing and returns the same."""
    ...
