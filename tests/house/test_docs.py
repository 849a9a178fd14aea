"""README and documentation: every command exists, every block runs, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = {str(path.relative_to(ROOT)): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(text(page)) if kind == language]


def console_commands() -> list[tuple[str, str]]:
    """Each command of a console block with what the page says that it prints."""
    found = []
    for page in PAGES:
        for block in blocks(page, "console"):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                found.append((command, printed))
    return found


@pytest.mark.parametrize(("command", "printed"), console_commands())
def test_console_blocks_print_what_they_show(command: str, printed: str) -> None:
    program, *arguments = shlex.split(command)
    assert program.removeprefix(".venv/bin/") == "grader"
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, printed)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", text(page)))
    named |= {target for block in blocks(page, "") for target in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    for block in blocks(page, ""):
        for group, command in re.findall(r"^\S*grader ([a-z]+)(?: ([a-z]+)(?= |$))?", block, re.MULTILINE):
            arguments = [group, command] if group in {"bank", "course", "db", "token", "user"} else [group]
            result = CliRunner().invoke(cli, [*arguments, "--help"], catch_exceptions=False)
            assert result.exit_code == 0, arguments


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = [link for link in LINK.findall(text(page)) if "://" not in link]
    assert [link for link in links if not (PAGES[page].parent / link).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page for page in PAGES if page.startswith("docs/") and f": {Path(page).name}\n" not in navigation] == []


def test_the_path_of_a_submission_names_functions_that_exist() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*[a-z_]+)\.([a-z_]+)`", text("docs/path-of-a-submission.md"))
    places = [(f"grader.{module.replace('/', '.')}", function) for module, function in named]
    assert len(places) > 10
    assert [each for each in places if not callable(getattr(import_module(each[0]), each[1], None))] == []


def test_python_blocks_of_the_readme_run() -> None:
    for block in blocks("README.md", "python"):
        subprocess.run([sys.executable, "-c", block], cwd=ROOT, check=True, capture_output=True)


def test_the_problem_of_the_readme_is_clean(tmp_path: Path) -> None:
    (block,) = blocks("README.md", "yaml")
    named = re.search(r"`problems/(gradients/[\w-]+\.yaml)`", text("README.md"))
    assert named is not None
    file = tmp_path / named[1]
    file.parent.mkdir()
    file.write_text(block, encoding="utf-8")
    result = CliRunner().invoke(cli, ["bank", "lint", str(tmp_path)], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, "1 problem, nothing to mend.\n")


def test_the_face_of_the_readme_comes_first() -> None:
    lines = text("README.md").splitlines()
    assert any("docs/images/problem-page.png" in line for line in lines[:6])
    assert [line.split("#")[0].strip() for line in lines[:12] if line.startswith("make ")] == ["make demo", "make test"]


def test_the_list_of_licences_is_current() -> None:
    done = subprocess.run([sys.executable, "bench/licences.py", "--check"], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_the_page_about_security_names_what_exists() -> None:
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+)\.(?!py`)([A-Za-z_]+)`", text("docs/security.md"))
    assert len(named) > 8
    lost = [each for each in named if not hasattr(import_module(f"grader.{each[0].replace('/', '.')}"), each[1])]
    assert lost == []
