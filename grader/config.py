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

from grader.errors import ConfigError
from grader.setting_values import (
    MIN_SECRET_LENGTH,
    address,
    broker,
    database,
    endpoint,
    level,
    paths,
    plain,
    readers,
    seconds,
    secret,
    whole,
    yes_no,
)

PREFIX = "GRADER_"
SECRET_FILE = "secret"  # noqa: S105 - the name of a file, beside the SQLite database
IN_FILE = "_FILE"
"""A secret may stand in a file instead, whose path the variable with this ending names."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, each meant as its row in `SETTINGS` says.

    `set_by_environment` and `set_by_file` name those that were given.
    """

    database_url: str
    database_password: str
    secret_key: str
    problems: tuple[Path, ...]
    broker_url: str
    host: str
    port: int
    proxies: int
    public_url: str
    cookie_secure: bool
    log_level: str
    grading_seconds: float
    grading_megabytes: int
    grading_processes: int
    answers_at_once: int
    answer_seconds: float
    metrics: str
    metrics_token: str
    webhook_private_targets: bool
    api_requests_per_minute: int
    lti_timeout_seconds: float
    lti_first_pause_seconds: float
    lti_longest_pause_seconds: float
    xapi_endpoint: str
    xapi_key: str
    xapi_secret: str
    xapi_names: bool
    set_by_environment: frozenset[str]
    set_by_file: frozenset[str] = frozenset()


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


SETTINGS = (
    Setting(
        "database_url",
        "URL",
        "sqlite:///var/grader.sqlite3",
        "Where everything is stored: an SQLite file or a PostgreSQL database.",
        database,
        is_secret=True,
    ),
    Setting(
        "database_password",
        "text",
        "",
        "The password of the PostgreSQL database, where it does not stand in the URL.",
        plain,
        is_secret=True,
    ),
    Setting(
        "secret_key",
        "text",
        "",
        "Signs log-in cookies. With SQLite one is made and kept beside the database; with PostgreSQL it must be given.",
        secret,
        is_secret=True,
    ),
    Setting("problems", "paths", "problems", f"Folders of problem files, parted by {os.pathsep!r}.", paths),
    Setting(
        "broker_url",
        "URL",
        "",
        "Redis or RabbitMQ, for workers on other machines; without it the server's own worker does the work.",
        broker,
        is_secret=True,
    ),
    Setting("host", "text", "127.0.0.1", "The address that the server listens on.", plain),
    Setting("port", "number", "8000", "The port that the server listens on.", whole(1, 65535)),
    Setting("proxies", "number", "0", "How many trusted proxies stand before the server.", whole(0, 10)),
    Setting(
        "public_url",
        "URL",
        "",
        "Where people reach the server, https://host; when given, requests that name another host are refused.",
        address,
    ),
    Setting("cookie_secure", "yes/no", "no", "Send cookies over HTTPS only; yes wherever there is HTTPS.", yes_no),
    Setting("log_level", "word", "info", "How much is logged: debug, info, warning or error.", level),
    Setting(
        "grading_seconds",
        "seconds",
        "10",
        "The longest time that judging one part of a submission may take.",
        seconds(),
    ),
    Setting(
        "grading_megabytes",
        "number",
        "300",
        "The most memory that a process which judges may use, libraries included, in MB.",
        whole(128, 1_000_000),
    ),
    Setting("grading_processes", "number", "2", "How many submissions are judged at the same time.", whole(1, 256)),
    Setting(
        "answers_at_once",
        "number",
        "8",
        "How many senders of answers may wait for the judge in one server process; others get a place in the queue.",
        whole(1, 1000),
    ),
    Setting(
        "answer_seconds",
        "seconds",
        "8",
        "How long the sender of an answer waits for its marks; after that the page follows by itself.",
        seconds(),
    ),
    Setting(
        "metrics",
        "word",
        "off",
        "Who may read /metrics: off (nobody), loopback (this machine, no proxy) or token (with GRADER_METRICS_TOKEN).",
        readers,
    ),
    Setting(
        "metrics_token",
        "text",
        "",
        "What Prometheus sends as its bearer token to read /metrics.",
        secret,
        is_secret=True,
    ),
    Setting(
        "webhook_private_targets",
        "yes/no",
        "no",
        "Send webhooks to this machine and its own network too; for trying them out, never where others may add some.",
        yes_no,
    ),
    Setting(
        "api_requests_per_minute",
        "number",
        "3000",
        "How many requests a minute one token may send to one server process.",
        whole(1, 1_000_000),
    ),
    Setting(
        "lti_timeout_seconds",
        "seconds",
        "10",
        "How long a learning platform may be silent before it counts as away.",
        seconds(),
    ),
    Setting(
        "lti_first_pause_seconds",
        "seconds",
        "5",
        "After so long a grade that did not arrive is sent again; each further pause is twice as long.",
        seconds(86_400),
    ),
    Setting(
        "lti_longest_pause_seconds",
        "seconds",
        "7200",
        "The longest pause before a grade that did not arrive is sent again.",
        seconds(86_400),
    ),
    Setting(
        "xapi_endpoint", "URL", "", "A learning record store (https://host/xAPI) that is told of answers.", endpoint
    ),
    Setting("xapi_key", "text", "", "The name with which we log in to the learning record store.", plain),
    Setting("xapi_secret", "text", "", "The password for it.", plain, is_secret=True),
    Setting(
        "xapi_names", "yes/no", "no", "Tell the learning record store people's names, beside log-in names.", yes_no
    ),
)

NOT_SETTINGS = ("GRADER_REQUIRE",)  # names the services that the tests must find


def load_config(environ: Mapping[str, str]) -> Config:
    """The configuration that these variables give.

    ConfigError names the first one that is wrong.
    """
    _refuse_misspelt(environ)
    in_files = {setting.name: text for setting in SETTINGS if (text := _from_file(setting, environ)) is not None}
    values = {setting.name: _value(setting, environ, in_files.get(setting.name)) for setting in SETTINGS}
    values["database_url"] = _with_password(values["database_url"], values["database_password"])
    if values["metrics"] == "token" and not values["metrics_token"]:
        message = "GRADER_METRICS_TOKEN is missing. Set it, or set GRADER_METRICS to off or loopback."
        raise ConfigError(message, "GRADER_METRICS_TOKEN")
    if not values["secret_key"]:
        values["secret_key"] = _kept_secret(values["database_url"])
    given = frozenset(setting.name for setting in SETTINGS if environ.get(setting.variable))
    return Config(**values, set_by_environment=given, set_by_file=frozenset(in_files))


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
    known += [setting.variable + IN_FILE for setting in SETTINGS if setting.is_secret]
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known or name in NOT_SETTINGS:
            continue
        if nearest := get_close_matches(name, known, n=1, cutoff=0.85):
            raise ConfigError(f"There is no setting {name}. Did you mean {nearest[0]}?", name)


def _from_file(setting: Setting, environ: Mapping[str, str]) -> str | None:
    """What stands in the file that is named for a secret; None where none is."""
    variable = setting.variable + IN_FILE
    path = environ.get(variable) if setting.is_secret else None
    if not path:
        return None
    if environ.get(setting.variable):
        raise ConfigError(f"{setting.variable} and {variable} are both set. Set one of them.", variable)
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"{variable} names a file that cannot be read, {path}: {reason}.", variable) from None
    if not text:
        raise ConfigError(f"{variable} names an empty file, {path}.", variable)
    return text


def _with_password(database_url: str, password: str) -> str:
    """The URL with the password in it; ConfigError where it has one, or none is needed."""
    if not password:
        return database_url
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" or url.password is not None:
        reason = "SQLite needs none" if url.password is None else "GRADER_DATABASE_URL holds one already"
        raise ConfigError(f"GRADER_DATABASE_PASSWORD is not needed: {reason}.", "GRADER_DATABASE_PASSWORD")
    return url.set(password=password).render_as_string(hide_password=False)


def _value(setting: Setting, environ: Mapping[str, str], in_file: str | None) -> Any:
    """The setting's value; an empty variable counts as not set."""
    try:
        return setting.read(in_file or environ.get(setting.variable) or setting.default)
    except ValueError as fault:
        raise ConfigError(f"{setting.variable} is wrong. {fault}", setting.variable) from None


def _kept_secret(database_url: str) -> str:
    """The secret beside the SQLite database, made at the first use."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        message = "GRADER_SECRET_KEY is missing. With PostgreSQL it must be given, the same one on every machine."
        raise ConfigError(message, "GRADER_SECRET_KEY")
    path = Path(url.database or "").parent / SECRET_FILE
    try:
        kept = _made_once(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        message = f"The secret in {path} can be neither read nor made: {reason}. Set GRADER_SECRET_KEY, or mend it."
        raise ConfigError(message, "GRADER_SECRET_KEY") from None
    if len(kept) < MIN_SECRET_LENGTH:
        raise ConfigError(f"The secret in {path} is too short. Remove the file and start again.", "GRADER_SECRET_KEY")
    return kept


def _made_once(path: Path) -> str:
    """The text of a private file, filled with a new secret where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


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
    is_in_file = setting.name in config.set_by_file or setting.name == "secret_key"
    return "file" if is_in_file else "default"
