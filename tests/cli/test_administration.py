"""db, user, course, token and config on a real SQLite database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.config import SETTINGS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {"GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/grader.sqlite3"}

    def call(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)

    return call


@pytest.fixture
def staffed(run: Run) -> Run:
    assert run("db", "upgrade").exit_code == 0
    assert (
        run("user", "add", "emmy", "--name", "Emmy Noether", "--staff", "--password", "invariants of rings").exit_code
        == 0
    )
    assert run("user", "add", "ada", "--name", "Ada Lovelace", "--password", "bernoulli-numbers").exit_code == 0
    return run


def test_an_empty_installation_says_what_to_do_next(run: Run) -> None:
    done = run("course", "list")
    assert done.exit_code == 8
    assert "grader db upgrade" in done.stderr
    assert run("db", "upgrade").exit_code == 0
    assert "was up to date already" in run("db", "upgrade").stdout
    done = run("course", "list")
    assert done.exit_code == 4
    assert "grader user add" in done.stderr


def test_a_course_from_nothing_to_its_results(staffed: Run) -> None:
    assert staffed("course", "create", "Calculus").stdout == "Course 1: Calculus\n"
    assert staffed("course", "enrol", "1", "ada").stdout == "Ada Lovelace is student in course 1.\n"
    assert staffed("course", "list").stdout == "1\tCalculus\tinstructor\n"
    assert staffed("course", "students", "1").stdout.split("\t")[1:] == ["ada", "Ada Lovelace\n"]
    assert "Ada Lovelace" in staffed("course", "results", "1").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("course", "enrol", "1", "nobody"), 4, "nobody with this log-in"),
        (("course", "students", "99"), 4, "no such"),
        (("course", "create", "Mine", "--as", "ada"), 5, "staff"),
        (("course", "create", "Mine", "--as", "bob"), 4, "bob"),
        (("user", "add", "ada", "--name", "Another", "--password", "long enough now"), 6, "taken"),
        (("user", "add", "Bad Name", "--name", "x", "--password", "long enough now"), 2, "log-in name"),
        (("user", "add", "carl", "--name", "Carl", "--password", "short"), 2, "password"),
        (("token", "revoke", "99"), 4, "token"),
        (("token", "create", "x", "--scope", "everything"), 2, "everything"),
    ],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(
    staffed: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    staffed("course", "create", "Calculus")
    done = staffed(*arguments)
    assert (done.exit_code, "Traceback" in done.stderr) == (code, False)
    assert words in done.stderr


def test_a_token_is_printed_alone_and_can_be_revoked(staffed: Run) -> None:
    made = staffed("token", "create", "script", "--scope", "checks:write", "--days", "30")
    assert len(made.stdout.split()) == 1
    assert made.stdout.strip() not in staffed("token", "list").stdout
    assert "\tvalid\tscript\tchecks:write" in staffed("token", "list").stdout
    assert staffed("token", "revoke", "1").exit_code == 0
    assert "\trevoked\t" in staffed("token", "list").stdout


def test_a_client_is_printed_alone_and_can_be_revoked(staffed: Run) -> None:
    made = staffed("token", "client", "create", "bridge", "--scope", "checks:write")
    key, secret = made.stdout.split()
    listed = staffed("token", "client", "list").stdout
    assert f"{key}\tvalid\tbridge\tchecks:write" in listed
    assert secret not in listed
    assert staffed("token", "client", "revoke", "1").exit_code == 0
    assert f"{key}\trevoked\t" in staffed("token", "client", "list").stdout


def test_config_lists_every_setting_and_no_secret(run: Run, tmp_path: Path) -> None:
    lines = json.loads(run("config", "--json").stdout)
    assert [line["variable"] for line in lines] == [setting.variable for setting in SETTINGS]
    assert all(line["meaning"] for line in lines)
    plain = run("config").stdout
    assert (tmp_path / "secret").read_text(encoding="ascii") not in plain
    assert "GRADER_PORT=8000\tdefault\t" in plain
