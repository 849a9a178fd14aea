"""The settings of an installation, read from environment variables with the prefix GRADER_."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from grader.errors import ConfigError

PREFIX = "GRADER_"
SECRET_FILE = "secret"  # noqa: S105 - the name of a file, beside the SQLite database
MIN_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, each meant as its row in `SETTINGS` says.

    `set_by_environment` names those that were given.
    """

    database_url: str
    secret_key: str
    problems: tuple[Path, ...]
    broker_url: str
    host: str
    port: int
    proxies: int
    cookie_secure: bool
    log_level: str
    grading_seconds: float
    grading_megabytes: int
    grading_processes: int
    set_by_environment: frozenset[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings.

    `read` raises ValueError with a sentence for a wrong text.
    """

    name: str
    kind: str
    default: str
    meaning: str
    read: Callable[[str], Any]
    is_secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One line of `grader config`; `source` is "environment", "default" or "file"."""

    variable: str
    kind: str
    value: str
    source: str
    meaning: str


def _text(text: str) -> str:
    """Any text."""
    return text


def _database(text: str) -> str:
    """A URL of SQLite or PostgreSQL."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        message = "It must be a URL, sqlite:///path/to/file or postgresql://user@host/name."
        raise ValueError(message) from None
    if url.get_backend_name() not in ("sqlite", "postgres", "postgresql"):
        message = "It must begin with sqlite:/// or postgresql://."
        raise ValueError(message)
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        message = "An SQLite database must be a file, sqlite:///path/to/file."
        raise ValueError(message)
    return text


def _secret(text: str) -> str:
    """A long secret."""
    if text and len(text) < MIN_SECRET_LENGTH:
        message = f"It must have at least {MIN_SECRET_LENGTH} characters."
        raise ValueError(message)
    return text


def _paths(text: str) -> tuple[Path, ...]:
    """Folders or files, parted as in PATH."""
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def _broker(text: str) -> str:
    """A URL of Redis or RabbitMQ, or nothing."""
    if text and not text.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        message = "It must begin with redis://, rediss://, amqp:// or amqps://, or be empty."
        raise ValueError(message)
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        message = f"It must be a whole number from {low} to {high}."
        if not text.isascii() or not text.isdigit() or not low <= int(text[:12]) <= high:
            raise ValueError(message)
        return int(text)

    return read


def _seconds(text: str) -> float:
    """A time that is neither nothing nor for ever."""
    message = "It must be a number of seconds from 0.1 to 600."
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(message) from None
    if not 0.1 <= seconds <= 600:
        raise ValueError(message)
    return seconds


def _yes_no(text: str) -> bool:
    """Yes or no in the usual words."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        message = "It must be yes or no."
        raise ValueError(message)
    return words[text.lower()]


def _level(text: str) -> str:
    """How much is logged."""
    if text.lower() not in ("debug", "info", "warning", "error"):
        message = "It must be debug, info, warning or error."
        raise ValueError(message)
    return text.lower()


SETTINGS = (
    Setting(
        "database_url",
        "URL",
        "sqlite:///var/grader.sqlite3",
        "Where everything is stored: an SQLite file or a PostgreSQL database.",
        _database,
        is_secret=True,
    ),
    Setting(
        "secret_key",
        "text",
        "",
        "Signs log-in cookies. With SQLite one is made and kept beside the database; with PostgreSQL it must be given.",
        _secret,
        is_secret=True,
    ),
    Setting("problems", "paths", "problems", f"Folders of problem files, parted by {os.pathsep!r}.", _paths),
    Setting(
        "broker_url",
        "URL",
        "",
        "Redis or RabbitMQ, for workers on other machines; without it the server's own worker does the work.",
        _broker,
        is_secret=True,
    ),
    Setting("host", "text", "127.0.0.1", "The address that the server listens on.", _text),
    Setting("port", "number", "8000", "The port that the server listens on.", _whole(1, 65535)),
    Setting("proxies", "number", "0", "How many trusted proxies stand before the server.", _whole(0, 10)),
    Setting("cookie_secure", "yes/no", "no", "Send cookies over HTTPS only; yes wherever there is HTTPS.", _yes_no),
    Setting("log_level", "word", "info", "How much is logged: debug, info, warning or error.", _level),
    Setting("grading_seconds", "seconds", "10", "The longest time that judging one submission may take.", _seconds),
    Setting(
        "grading_megabytes",
        "number",
        "1024",
        "The most memory that judging one submission may take, in MB.",
        _whole(128, 1_000_000),
    ),
    Setting("grading_processes", "number", "2", "How many submissions are judged at the same time.", _whole(1, 256)),
)

NOT_SETTINGS = ("GRADER_REQUIRE",)  # names the services that the tests must find


def load_config(environ: Mapping[str, str]) -> Config:
    """The configuration that these variables give.

    ConfigError names the first one that is wrong.
    """
    _refuse_misspelt(environ)
    values = {setting.name: _value(setting, environ) for setting in SETTINGS}
    given = frozenset(setting.name for setting in SETTINGS if environ.get(setting.variable))
    if not values["secret_key"]:
        values["secret_key"] = _kept_secret(values["database_url"])
    return Config(**values, set_by_environment=given)


def describe(config: Config) -> tuple[SettingLine, ...]:
    """Every setting: its value (secrets hidden), its source, its meaning."""
    return tuple(
        SettingLine(
            setting.variable,
            setting.kind,
            _shown(setting, getattr(config, setting.name)),
            _source(setting, config),
            setting.meaning,
        )
        for setting in SETTINGS
    )


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """A variable that looks like one of ours but is none would otherwise be ignored in silence."""
    known = [setting.variable for setting in SETTINGS]
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known or name in NOT_SETTINGS:
            continue
        if nearest := get_close_matches(name, known, n=1, cutoff=0.85):
            raise ConfigError(f"There is no setting {name}. Did you mean {nearest[0]}?", name)


def _value(setting: Setting, environ: Mapping[str, str]) -> Any:
    """The setting's value; an empty variable counts as not set."""
    try:
        return setting.read(environ.get(setting.variable) or setting.default)
    except ValueError as fault:
        raise ConfigError(f"{setting.variable} is wrong. {fault}", setting.variable) from None


def _kept_secret(database_url: str) -> str:
    """The secret beside the SQLite database, made at the first use."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        message = "GRADER_SECRET_KEY is missing. With PostgreSQL it must be given, the same one on every machine."
        raise ConfigError(message, "GRADER_SECRET_KEY")
    path = Path(url.database or "").parent / SECRET_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < MIN_SECRET_LENGTH:
        raise ConfigError(f"The secret in {path} is too short. Remove the file and start again.", "GRADER_SECRET_KEY")
    return kept


def _shown(setting: Setting, value: Any) -> str:
    """The value for a person to read, without passwords."""
    if setting.name == "database_url":
        return make_url(value).render_as_string(hide_password=True)
    if setting.is_secret:
        return "(hidden)" if value else ""
    if isinstance(value, tuple):
        return os.pathsep.join(str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _source(setting: Setting, config: Config) -> str:
    """Where the value comes from."""
    if setting.name in config.set_by_environment:
        return "environment"
    return "file" if setting.name == "secret_key" else "default"
