"""The installation that a command works on: its settings, its database, and who is acting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from grader import logs
from grader.config import Config, load_config
from grader.errors import ConfigError, InvalidRequest, NotFound
from grader.isolation import Limits
from grader.services.access import Actor
from grader.services.lti_grades import Pace
from grader.store import schema, users
from grader.store.database import open_engine, open_sessions

as_whom = click.option(
    "--as", "login", metavar="LOGIN", help="Act as this person (default: the only one of the staff)."
)


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings with the opened database."""

    config: Config
    engine: Engine
    sessions: sessionmaker[Session]


def now() -> datetime:
    """The clock of the command line."""
    return datetime.now(UTC)


def configured() -> Config:
    """The settings that the environment gives."""
    return load_config(os.environ)


def start_logging(config: Config) -> None:
    """The log of the commands that run until they are stopped."""
    logs.configure(config.log_level)


def judging_limits(config: Config) -> Limits:
    """What judging may use under these settings."""
    return Limits(seconds=config.grading_seconds, mebibytes=config.grading_megabytes, workers=config.grading_processes)


def pace_of(config: Config) -> Pace:
    """How long grades that did not arrive wait under these settings."""
    seconds = (config.lti_first_pause_seconds, config.lti_longest_pause_seconds)
    return Pace(*(timedelta(seconds=each) for each in seconds))


def home_of(config: Config) -> str:
    """The address at which people reach the server, without a slash at its end."""
    return config.public_url.rstrip("/") or f"http://{config.host}:{config.port}"


def opened(config: Config) -> Installation:
    """The installation behind these settings, whatever state its database is in."""
    try:
        engine = open_engine(config.database_url)
    except OSError as error:
        message = f"The folder of the SQLite file cannot be made: {error.strerror}."
        raise ConfigError(message, "GRADER_DATABASE_URL") from None
    try:
        with engine.connect():
            return Installation(config, engine, open_sessions(engine))
    except DatabaseError as error:
        raise ConfigError(f"The database does not answer: {error.orig}".strip(), "GRADER_DATABASE_URL") from None


@contextmanager
def opened_here() -> Iterator[Installation]:
    """The configured installation, whatever state its database is in, closed at the end."""
    installation = opened(configured())
    try:
        yield installation
    finally:
        installation.engine.dispose()


def ready() -> Installation:
    """The configured installation, its database up to date, else ConfigError with what to do."""
    installation = opened(configured())
    _require_current(installation)
    return installation


def require_current(config: Config) -> None:
    """Refuse to go on with a database that is not up to date."""
    installation = opened(config)
    _require_current(installation)
    installation.engine.dispose()


def _require_current(installation: Installation) -> None:
    if not schema.is_current(installation.engine):
        message = "The database is not up to date. Run `grader db upgrade`."
        raise ConfigError(message, "GRADER_DATABASE_URL")


def acting(session: Session, login: str | None) -> Actor:
    """The person named by --as; without it the only one of the staff."""
    if login is not None:
        person = users.by_login(session, login.strip().lower())
        if person is None or person.closed is not None:
            raise NotFound(f"There is nobody with the log-in name {login}.", "--as")
        return Actor(person.id)
    staff = users.staff(session, 2)
    if not staff:
        message = "There are no staff yet. Add one: grader user add LOGIN --name NAME --staff"
        raise NotFound(message)
    if len(staff) > 1:
        message = "There are several people who could do this: say as whom, with --as LOGIN."
        raise InvalidRequest(message, "--as")
    return Actor(staff[0].id)
