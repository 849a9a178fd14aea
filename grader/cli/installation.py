"""The installation that a command works on: its settings, its database, and who is acting."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from grader.config import Config, load_config
from grader.errors import ConfigError, InvalidRequest, NotFound
from grader.isolation import Limits
from grader.services.access import Actor
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
    """Lines of our own log, for the commands that run until they are stopped."""
    logging.basicConfig(level=config.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def judging_limits(config: Config) -> Limits:
    """What judging may use under these settings."""
    return Limits(seconds=config.grading_seconds, mebibytes=config.grading_megabytes, workers=config.grading_processes)


def opened(config: Config) -> Installation:
    """The installation behind these settings, whatever state its database is in."""
    engine = open_engine(config.database_url)
    try:
        with engine.connect():
            return Installation(config, engine, open_sessions(engine))
    except OperationalError as error:
        raise ConfigError(f"The database does not answer: {error.orig}".strip(), "GRADER_DATABASE_URL") from None


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
