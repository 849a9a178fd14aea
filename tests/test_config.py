"""Settings from the environment."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from grader.config import SETTINGS, Config, describe, load_config
from grader.errors import ConfigError

SECRET = "s" * 40


def sqlite(tmp_path: Path) -> dict[str, str]:
    return {"GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/var/grader.sqlite3"}


def test_every_setting_is_a_field() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Config)][:-1]


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
