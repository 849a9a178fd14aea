"""`grader bank diff`: what a change of a file changes for students."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.cli.failures import EXIT_CODES
from grader.errors import InvalidRequest
from tests.bank.samples import SOUND

ID = "slope-of-a-parabola"
EXAMPLES = SOUND[SOUND.index("examples:") :]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bank", "diff", *arguments], catch_exceptions=False)


def written(folder: Path, *texts: str) -> Path:
    for number, text in enumerate(texts):
        path = folder / "derivatives" / f"{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def compared(tmp_path: Path, old: str, new: str, seeds: int = 8) -> tuple[int, dict[tuple[str, str | None], Any]]:
    arguments = (str(written(tmp_path / "old", old)), str(written(tmp_path / "new", new)))
    result = run(*arguments, "--seeds", str(seeds), "--json")
    (problem,) = json.loads(result.stdout)["changed"]
    return result.exit_code, {(change["kind"], change["part"]): change for change in problem["changes"]}


@pytest.mark.parametrize(
    ("old", "new", "exit_code", "kinds"),
    [
        ("answer: slope", 'answer: "slope + 1"', 1, {("key", "slope")}),
        ("answer: df", 'answer: "(2*a*x^2 + b*x)/x"', 0, {("key-rewritten", "derivative")}),
        ("    points: 2\n", "    points: 3\n", 0, {("points", "derivative")}),
        ("Find $f'(x)$.", "Differentiate.", 0, {("question", None)}),
        ("Take one term", "Look at one term", 0, {("texts", None)}),
        ("Use the power rule", "Use the rule", 0, {("texts", "derivative")}),
        ("    answer: df\n", "    answer: df\n    form: expanded\n", 0, {("judging", "derivative")}),
        ("\nprompt:", "\n# a remark\nprompt:", 0, set()),
        ("id: slope\n", "id: slant\n", 0, {("parts", None)}),
        (
            "b: {integer: [-5, 5], exclude: [0]}",
            "b: {integer: [-9, 9], exclude: [0]}",
            1,
            {("parameters", None), ("question", None), ("key", "derivative"), ("key", "slope"), ("texts", None)},
        ),
    ],
)
def test_each_kind_of_change_is_told(
    tmp_path: Path, old: str, new: str, exit_code: int, kinds: set[tuple[str, str | None]]
) -> None:
    before = SOUND.replace(EXAMPLES, "")
    assert before.count(old) == 1
    code, changes = compared(tmp_path, before, before.replace(old, new))
    assert (code, set(changes)) == (exit_code, kinds)


def test_a_change_names_its_seeds_with_before_and_after(tmp_path: Path) -> None:
    old = SOUND.replace(EXAMPLES, "")
    new = old.replace("answer: slope", 'answer: "slope + (a - 2)*(a - 3)*(a - 4)*(a - 5)"')
    code, changes = compared(tmp_path, old, new, seeds=20)
    (change,) = [change for (kind, _), change in changes.items() if kind == "key"]
    assert code == 1
    assert 0 < len(change["seeds"]) < 20
    assert int(change["after"]) - int(change["before"]) == 24


def test_a_variant_that_can_be_made_only_before_is_told(tmp_path: Path) -> None:
    _, changes = compared(tmp_path, SOUND, SOUND.replace("at: {x: 1}}", 'at: {x: "1/(a - 2)"}}'), seeds=20)
    assert "division by zero" in changes["variant", None]["after"]


def test_what_is_added_removed_and_the_same(tmp_path: Path) -> None:
    other, third = (SOUND.replace(ID, name) for name in ("other", "third"))
    result = run(str(written(tmp_path / "old", SOUND, other)), str(written(tmp_path / "new", SOUND, third)))
    assert result.exit_code == 0
    assert result.stdout == "+ third\n- other\n1 added, 1 removed, 0 changed, 1 unchanged.\n"


def test_two_files_are_one_problem_whatever_they_call_it(tmp_path: Path) -> None:
    old, new = written(tmp_path / "a", SOUND), written(tmp_path / "b", SOUND.replace(ID, "other"))
    result = run(str(old / "derivatives" / "0.yaml"), str(new / "derivatives" / "0.yaml"), "--seeds", "5")
    assert "0 added, 0 removed, 1 changed" in result.stdout


def test_a_broken_file_is_told_and_fails(tmp_path: Path) -> None:
    result = run(str(written(tmp_path / "old", SOUND)), str(written(tmp_path / "new", "id: [")))
    assert result.exit_code == 1
    assert "0.yaml:1:" in result.stdout


def test_one_path_is_not_enough(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert "--git" in result.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git")
    written(tmp_path / "problems", SOUND)
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "problems"], [*who, "commit", "-q", "-m", "First"]):
        subprocess.run([git, "-C", str(tmp_path), *command], check=True, capture_output=True)
    return tmp_path / "problems"


def test_the_bank_is_compared_with_a_revision(repository: Path) -> None:
    assert "1 unchanged" in run("--git", "HEAD", str(repository)).stdout
    written(repository, SOUND.replace("answer: slope", 'answer: "slope + 1"'), SOUND.replace(ID, "other"))
    result = run("--git", "HEAD", str(repository), "--seeds", "5")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"+ other\n~ {ID}\n    slope: the answer is another one (all 5 seeds)\n")
    one = run("--git", "HEAD", str(repository / "derivatives" / "0.yaml"), "--seeds", "5")
    assert (one.exit_code, "0 added, 0 removed, 1 changed" in one.stdout) == (1, True)


def test_a_changed_fragment_changes_the_problems_that_use_it(repository: Path) -> None:
    git = ["git", "-C", str(repository), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    (repository / "fragments").mkdir()
    fragment = repository / "fragments" / "greeting.md"
    fragment.write_text("Good morning.", encoding="utf-8")
    written(repository, SOUND.replace("Look to the", "{{> greeting}} Look to the"))
    subprocess.run([*git, "add", "."], check=True, capture_output=True)
    subprocess.run([*git, "commit", "-q", "-m", "Second"], check=True, capture_output=True)
    assert "1 unchanged" in run("--git", "HEAD", str(repository)).stdout
    fragment.write_text("Good evening.", encoding="utf-8")
    for path in (repository, repository / "derivatives", repository / "derivatives" / "0.yaml"):
        result = run("--git", "HEAD", str(path), "--seeds", "3")
        assert (result.exit_code, "the question reads differently (all 3 seeds)" in result.stdout) == (0, True)


def test_a_file_that_was_broken_is_named_as_git_would(repository: Path) -> None:
    git = ["git", "-C", str(repository), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    written(repository, "id: [")
    subprocess.run([*git, "commit", "-q", "-a", "-m", "Second"], check=True, capture_output=True)
    written(repository, SOUND)
    result = run("--git", "HEAD", str(repository))
    assert result.exit_code == 1
    assert result.stdout.startswith("HEAD:problems/derivatives/0.yaml:1:")


@pytest.mark.parametrize("revision", ["no-such-revision", "--output=x", "HEAD:problems"])
def test_a_revision_that_is_none_is_a_sentence(repository: Path, revision: str) -> None:
    result = run(f"--git={revision}", str(repository))
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert result.stderr.startswith("Error: Git: ")
