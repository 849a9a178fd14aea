"""Settings from the environment."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import make_url

from grader.config import SETTINGS, Config, describe, load_config
from grader.errors import ConfigError

SECRET = "s" * 40


def sqlite(tmp_path: Path) -> dict[str, str]:
    return {"GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/var/grader.sqlite3"}


def test_every_setting_is_a_field() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Config)][:-2]


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config({})
    assert config.database_url == "sqlite:///var/grader.sqlite3"
    assert config.port == 8000
    assert config.problems == (Path("problems"),)
    assert Path("var/secret").exists()


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = load_config(sqlite(tmp_path)), load_config(sqlite(tmp_path))
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600


def test_given_values(tmp_path: Path) -> None:
    given = {
        "GRADER_PORT": "9000",
        "GRADER_COOKIE_SECURE": "Yes",
        "GRADER_PROBLEMS": f"one{os.pathsep}two",
        "GRADER_GRADING_SECONDS": "2.5",
        "GRADER_PROXIES": "1",
        "GRADER_LOG_LEVEL": "DEBUG",
        "GRADER_BROKER_URL": "redis://host/0",
    }
    config = load_config(sqlite(tmp_path) | given)
    assert (config.port, config.cookie_secure, config.grading_seconds) == (9000, True, 2.5)
    assert (config.problems, config.proxies, config.log_level) == ((Path("one"), Path("two")), 1, "debug")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("GRADER_DATABASE_URL", "mysql://host/name"),
        ("GRADER_DATABASE_URL", "nonsense"),
        ("GRADER_DATABASE_URL", "sqlite://"),
        ("GRADER_SECRET_KEY", "short"),
        ("GRADER_BROKER_URL", "http://host"),
        ("GRADER_SECRET_KEY_FILE", "/nowhere/at/all"),
        ("GRADER_SECRET_KEY_FILE", "/dev/null"),
        ("GRADER_SECRET_KEY_FILES", "/dev/null"),
        ("GRADER_DATABASE_PASSWORD", "not for SQLite"),
        ("GRADER_PUBLIC_URL", "grader.example.org"),
        ("GRADER_PUBLIC_URL", "https://grader.example.org/path"),
        ("GRADER_PUBLIC_URL", "https://"),
        ("GRADER_PUBLIC_URL", "https://me@grader.example.org"),
        ("GRADER_PUBLIC_URL", "https://[bad"),
        ("GRADER_PUBLIC_URL", "ftp://grader.example.org"),
        ("GRADER_PORT", "0"),
        ("GRADER_PORT", "65536"),
        ("GRADER_PORT", "-1"),
        ("GRADER_PORT", "٨٠"),
        ("GRADER_PORT", "9" * 5000),
        ("GRADER_PROXIES", "many"),
        ("GRADER_COOKIE_SECURE", "maybe"),
        ("GRADER_LOG_LEVEL", "loud"),
        ("GRADER_GRADING_SECONDS", "nan"),
        ("GRADER_GRADING_SECONDS", "0"),
        ("GRADER_GRADING_MEGABYTES", "1"),
        ("GRADER_GRADING_PROCESSES", "0"),
        ("GRADER_DATABSE_URL", "sqlite:///x"),
    ],
)
def test_wrong_values_name_the_variable(tmp_path: Path, variable: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(sqlite(tmp_path) | {variable: text})
    assert caught.value.field == variable
    assert variable in str(caught.value)


def test_misspelt_variable_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean GRADER_COOKIE_SECURE"):
        load_config(sqlite(tmp_path) | {"GRADER_COOKIES_SECURE": "yes"})


def test_postgres_needs_a_secret() -> None:
    with pytest.raises(ConfigError, match="GRADER_SECRET_KEY is missing"):
        load_config({"GRADER_DATABASE_URL": "postgresql://host/name"})


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    secret, password = tmp_path / "secret", tmp_path / "password"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    password.write_text("hunter2/with@signs\n", encoding="utf-8")
    given = {
        "GRADER_DATABASE_URL": "postgresql://anna@host/name",
        "GRADER_DATABASE_PASSWORD_FILE": str(password),
        "GRADER_SECRET_KEY_FILE": str(secret),
    }
    config = load_config(given)
    assert (config.secret_key, make_url(config.database_url).password) == (SECRET, "hunter2/with@signs")
    lines = {line.variable: line for line in describe(config)}
    assert lines["GRADER_SECRET_KEY"].source == lines["GRADER_DATABASE_PASSWORD"].source == "file"
    assert "hunter2" not in str([line.value for line in lines.values()])
    with pytest.raises(ConfigError, match="both set"):
        load_config(given | {"GRADER_SECRET_KEY": SECRET})
    with pytest.raises(ConfigError, match="holds one already"):
        load_config(given | {"GRADER_DATABASE_URL": "postgresql://anna:other@host/name"})
    secret.write_text("short", encoding="utf-8")
    with pytest.raises(ConfigError, match="GRADER_SECRET_KEY is wrong"):
        load_config(given)


def test_a_secret_that_cannot_be_kept_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(ConfigError, match="can be neither read nor made") as caught:
        load_config(sqlite(tmp_path))
    assert caught.value.field == "GRADER_SECRET_KEY"


def test_describe_hides_secrets() -> None:
    config = load_config({"GRADER_DATABASE_URL": "postgresql://anna:hunter2@host/name", "GRADER_SECRET_KEY": SECRET})
    lines = {line.variable: line for line in describe(config)}
    assert len(lines) == len(SETTINGS)
    shown = "".join(line.value for line in lines.values())
    assert "hunter2" not in shown
    assert SECRET not in shown
    assert lines["GRADER_DATABASE_URL"].source == "environment"
    assert lines["GRADER_PORT"] == type(lines["GRADER_PORT"])(
        "GRADER_PORT", "number", "8000", "default", "The port that the server listens on."
    )
