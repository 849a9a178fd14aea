"""docs/authoring.md, followed step by step, does what it says."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
FILE = Path("drafts/derivatives/rising-or-falling.yaml")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each command of the page with what it prints."""
    pieces = [piece for block in blocks("sh") for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, printed) for command, _, printed in (piece.partition("\n") for piece in pieces)]


def run(command: str) -> str:
    """What a command of the page prints; the one that is not ours prints nothing."""
    program, *arguments = shlex.split(command)
    if program == "mv":
        shutil.move(arguments[0], arguments[1])
        return ""
    assert program == ".venv/bin/grader"
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    return result.stdout


@pytest.fixture(autouse=True)
def empty_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "problems" / "derivatives").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


def test_every_step_prints_what_the_page_shows() -> None:
    found = steps()
    assert [command.split()[2] for command, _ in found if "grader" in command] == [
        "new",
        "lint",
        "show",
        "grade",
        "sweep",
        "lint",
    ]
    for command, printed in found:
        assert run(command) == printed, command
        if " new " in command:
            assert run(".venv/bin/grader bank lint drafts --strict") == "1 problem, nothing to mend.\n"
            FILE.write_text(blocks("yaml")[0], encoding="utf-8")


def test_the_slips_that_the_page_makes_are_reported_as_it_says() -> None:
    lines = blocks("yaml")[0].splitlines(keepends=True)
    lines[29] = lines[29].replace("answer: way", "answer: ways")
    lines[35] = lines[35].replace("{{ df }}", "{{ dff }}", 1)
    FILE.parent.mkdir(parents=True)
    FILE.write_text("".join(lines), encoding="utf-8")
    assert run(".venv/bin/grader bank lint drafts") == blocks("text")[0]
