"""People and their log-ins."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.services.access import Actor, Clock


@dataclass(frozen=True, slots=True)
class UserView:
    """A person as others see them; `is_staff` people may create courses."""

    id: int
    login: str
    name: str
    email: str | None
    is_staff: bool


def register(
    session: Session,
    clock: Clock,
    login: str,
    name: str,
    password: str | None,
    *,
    email: str | None = None,
    is_staff: bool = False,
) -> UserView:
    """A new person; Conflict when the log-in name is taken, InvalidRequest when a value cannot be used."""
    ...


def authenticate(session: Session, clock: Clock, login: str, password: str) -> Actor:
    """The actor behind a log-in name and password, else Unauthenticated (in the same time, whatever is wrong)."""
    ...


def user(session: Session, user_id: int) -> UserView:
    """The person with this id, else NotFound (also when the account is closed)."""
    ...


def change_password(session: Session, clock: Clock, actor: Actor, old: str, new: str) -> None:
    """Replace the actor's own password."""
    ...
