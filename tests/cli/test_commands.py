"""The list of commands, their help, and what faults look like from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader import errors
from grader.cli import COMMANDS, cli
from grader.cli.failures import EXIT_CODES, exit_code

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def walk(command: click.Command, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += walk(inner, (*path, name))
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = [path for path, command in walk(cli, ("grader",)) if not isinstance(command, click.Group)]
    assert [" ".join(path) for path in commands if " ".join(path) not in page] == []


def test_every_long_option_of_check_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    command = cli.get_command(click.Context(cli), "check")
    assert command is not None
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in page] == []


def test_exit_codes_are_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [code for code in set(EXIT_CODES.values()) if f"\n| {code} |" not in page] == []


def kinds(kind: type[errors.GraderError]) -> list[type[errors.GraderError]]:
    return [kind, *(inner for one in kind.__subclasses__() for inner in kinds(one))]


def test_every_kind_of_error_has_its_exit_code() -> None:
    ours = [kind for kind in kinds(errors.GraderError) if kind.__module__ == "grader.errors"]
    branches = {errors.GraderError, errors.CallerError}
    assert [kind.__name__ for kind in ours if kind not in branches and kind not in EXIT_CODES] == []
    assert exit_code(errors.NotFound("nothing")) == 4


def test_the_list_of_commands_imports_none_of_them() -> None:
    program = "import sys\nfrom grader.cli import cli\ntry: cli(['--help'])\nexcept SystemExit: pass\n"
    program += "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy', 'rich', 'gunicorn')))"
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


def test_check_does_not_pay_for_the_web_or_the_database() -> None:
    program = "import sys\nfrom grader.cli import cli\ntry: cli(['check', '2x', 'x+x'])\nexcept SystemExit: pass\n"
    program += "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy', 'rich', 'gunicorn')))"
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


def test_an_unknown_command_is_a_usage_error() -> None:
    done = run("chek")
    assert done.returncode == 2
    assert "chek" in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = run("config", GRADER_PORT="many", GRADER_DATABASE_URL=f"sqlite:///{tmp_path}/grader.sqlite3")
    assert done.returncode == EXIT_CODES[errors.ConfigError]
    assert "GRADER_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_a_setting_to_mend() -> None:
    done = run(
        "db",
        "upgrade",
        GRADER_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
        GRADER_SECRET_KEY="0123456789abcdef0123456789abcdef",
    )
    assert done.returncode == EXIT_CODES[errors.ConfigError]
    assert "GRADER_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_program_gets_no_colours() -> None:
    assert "\x1b" not in run("check", "x", "x").stdout
