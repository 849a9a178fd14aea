"""What a person has set for themselves: name, time zone, language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from grader.bank.wording import LANGUAGES
from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.services.access import Actor, Clock
from grader.services.fields import line
from grader.store import audit
from grader.store.database import writing
from grader.store.users import User

NOT_A_PLACE = ("Etc/", "SystemV/", "posix/", "right/")
NO_ZONE = {"Factory", "localtime"}


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's settings; None for `time_zone` and `language`: not known yet."""

    name: str
    login: str
    time_zone: str | None
    language: str | None
    has_password: bool


def preferences(session: Session, actor: Actor) -> Preferences:
    """The actor's own settings."""
    row = _own(session, actor)
    return Preferences(row.name, row.login, row.time_zone, row.language, row.password_hash is not None)


def change_preferences(
    session: Session, clock: Clock, actor: Actor, name: str, time_zone: str | None, language: str | None
) -> None:
    """Keep the actor's settings; InvalidRequest names the one that cannot be."""
    name = line(name, "name")
    if time_zone is not None and time_zone not in time_zones():
        raise InvalidRequest("There is no such time zone. Choose one from the list.", "time_zone")
    if language is not None and language not in LANGUAGES:
        raise InvalidRequest("There is no such language. Choose one from the list.", "language")
    with writing(session):
        row = _own(session, actor)
        if row.name != name:
            audit.note(session, clock(), actor.user_id, None, "user.renamed", row.id)
        row.name, row.time_zone, row.language = name, time_zone, language


def suggest_time_zone(session: Session, actor: Actor, time_zone: str) -> None:
    """Keep the zone that a browser names, where the person has none yet; one that there is not is ignored."""
    if time_zone in time_zones() and _own(session, actor).time_zone is None:
        with writing(session):
            _own(session, actor).time_zone = time_zone


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones that this machine knows."""
    return frozenset(available_timezones() - NO_ZONE)


@cache
def places() -> tuple[str, ...]:
    """The time zones to choose from, by name: UTC, and those that are named after a place."""
    named = (zone for zone in time_zones() if "/" in zone and not zone.startswith(NOT_A_PLACE))
    return ("UTC", *sorted(named))


def _own(session: Session, actor: Actor) -> User:
    """The actor's row."""
    if actor.scopes is not None:
        raise Forbidden("A token has no settings.")
    row = session.get(User, actor.user_id)
    if row is None or row.closed is not None:
        raise NotFound("There is no such person.")
    return row
