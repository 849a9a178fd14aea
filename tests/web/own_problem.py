"""A problem that the demo's course has written itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from grader.services import authoring
from grader.services.access import Actor
from grader.services.examining import examine
from tests.bank.samples import SOUND

OWN = "slope-of-a-parabola"


def add_own_problem(sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> dict[str, str]:
    """The values of addresses that lead to it."""
    with sessions() as session:
        authoring.add_problem(session, clock, Actor(1), 1, SOUND, examine(SOUND, 1))
    return {"own_id": OWN}
