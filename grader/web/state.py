"""What the running application holds: one frozen value, and the database session of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, g
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.config import Config
from grader.services.access import Clock
from grader.services.admission import JudgeNew
from grader.services.examining import Examine

KEY = "grader"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that pages and API reach for; made once, when the application is."""

    config: Config
    sessions: sessionmaker[Session]
    bank: Bank
    clock: Clock
    judge_new: JudgeNew
    examine: Examine
    judge_runs: Callable[[], bool] = lambda: True


def state() -> State:
    """The state of the application that handles this request."""
    return cast("State", current_app.extensions[KEY])


def database() -> Session:
    """The database session of this request, opened at its first use."""
    if "database" not in g:
        g.database = state().sessions()
    return cast("Session", g.database)


def close_database(_error: BaseException | None = None) -> None:
    """Give the session of this request back."""
    session = g.pop("database", None)
    if session is not None:
        session.close()
