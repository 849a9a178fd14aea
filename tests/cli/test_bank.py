"""`grader bank`: lint, sweep, show and grade as a person and as a program use them."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.cli.failures import EXIT_CODES
from grader.errors import BankErrors, ConfigError, GraderError, InvalidRequest, NotFound
from tests.bank.samples import SOUND, spoiled

ID = "slope-of-a-parabola"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path, SOUND)


def written(folder: Path, text: str) -> Path:
    path = folder / "derivatives" / f"{ID}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bank", *arguments], catch_exceptions=False)


def test_lint_of_a_sound_bank_exits_with_nothing(folder: Path) -> None:
    result = run("lint", str(folder))
    assert (result.exit_code, result.stdout) == (0, "1 problem, nothing to mend.\n")


def test_lint_names_file_line_and_column_with_the_repair(folder: Path) -> None:
    written(folder, spoiled("level: drill", "levl: drill"))
    result = run("lint", str(folder))
    assert result.exit_code == 1
    assert f"{ID}.yaml:5:1: Unknown key 'levl'. Did you mean 'level'?" in result.stdout


def test_lint_as_json_says_the_same(folder: Path) -> None:
    written(folder, spoiled("level: drill", "levl: drill"))
    result = run("lint", str(folder), "--json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, finding["line"], finding["column"], finding["severity"]) == (1, 5, 1, "error")


def test_warnings_count_only_where_lint_is_strict(folder: Path) -> None:
    written(folder, spoiled('hints:\n  - "Take one term at a time."\n  - "Then put the number in."\n', ""))
    assert run("lint", str(folder)).exit_code == 0
    assert run("lint", str(folder), "--strict").exit_code == 1


def test_sweep_reports_each_problem(folder: Path) -> None:
    result = run("sweep", "--seeds", "10", "--bank", str(folder))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith(f"ok {ID}: ")
    assert result.stdout.splitlines()[-1] == "1 problem, all clean."


def test_sweep_names_the_seeds_of_a_fault(folder: Path) -> None:
    written(folder, spoiled("at: {x: 1}}", 'at: {x: "1/(a - 4)"}}'))
    result = run("sweep", ID, "--seeds", "20", "--bank", str(folder), "--json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["clean"]) == (1, False)
    assert data["problems"][0]["findings"][0]["seeds"]


def test_show_keeps_its_contract(folder: Path) -> None:
    data = json.loads(run("show", ID, "--seed", "7", "--json", "--bank", str(folder)).stdout)
    assert {"id", "version", "seed", "parameters", "prompt", "parts"} <= set(data)
    assert {"id", "type", "ask", "points", "answer", "solution"} <= set(data["parts"][0])
    assert (data["id"], data["seed"]) == (ID, 7)


def test_show_for_a_person_has_prompt_answers_and_solution(folder: Path) -> None:
    shown = run("show", ID, "--seed", "7", "--bank", str(folder)).stdout
    for piece in ("The slope of a parabola", "Let $f(x) =", "answer: 12*x + 3", "Hint 1:", "Solution"):
        assert piece in shown


def test_grade_keeps_its_contract(folder: Path) -> None:
    result = run("grade", ID, "--seed", "7", "--response", "derivative=12x + 3", "--bank", str(folder), "--json")
    data = json.loads(result.stdout)
    assert (data["score"], data["max_score"]) == (2, 4)
    wanted = {"id", "score", "max_score", "outcome", "evidence", "feedback", "mistake", "entries"}
    assert wanted <= set(data["parts"][0])
    assert [part["outcome"] for part in data["parts"]] == ["equal", "unanswered", "unanswered"]


def test_grade_for_a_person_says_the_score(folder: Path) -> None:
    shown = run("grade", ID, "--seed", "7", "--response", "slope=1=1", "--bank", str(folder)).stdout
    assert shown.splitlines()[-1] == "Score 0 of 4"


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("show", "slope-of-parabola"), NotFound, "Did you mean 'slope-of-a-parabola'?"),
        (("grade", ID, "--seed", "1", "--response", "derivative"), InvalidRequest, "PART=TEXT"),
        (("grade", ID, "--seed", "1", "--response", "other=1"), InvalidRequest, "There is no part 'other'"),
    ],
)
def test_a_slip_is_a_sentence_and_an_exit_code(
    folder: Path, arguments: tuple[str, ...], error: type[GraderError], says: str
) -> None:
    result = run(*arguments, "--bank", str(folder))
    assert result.exit_code == EXIT_CODES[error]
    assert says in result.stderr


def test_a_broken_problem_is_shown_by_its_faults(folder: Path) -> None:
    written(folder, spoiled("level: drill", "levl: drill"))
    result = run("show", ID, "--bank", str(folder))
    assert result.exit_code == EXIT_CODES[BankErrors]
    assert "Unknown key" in result.stderr


def test_a_problem_is_named_by_its_file_as_well(folder: Path) -> None:
    file = folder / "derivatives" / f"{ID}.yaml"
    by_id = ["--bank", str(folder)]
    assert run("show", str(file), "--seed", "7").stdout == run("show", ID, "--seed", "7", *by_id).stdout
    assert run("grade", str(file), "--seed", "7", "--response", "slope=15").stdout.splitlines()[-1] == "Score 1 of 4"
    for name in (file, folder):
        assert run("sweep", str(name), "--seeds", "5").stdout == run("sweep", ID, "--seeds", "5", *by_id).stdout


def test_a_sweep_of_a_broken_file_is_not_clean(folder: Path) -> None:
    written(folder, spoiled("level: drill", "levl: drill"))
    result = run("sweep", str(folder), "--seeds", "5")
    assert result.exit_code == 1
    assert "Unknown key 'levl'" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 problem, 1 with faults."


def test_lint_counts_broken_files_and_refuses_to_praise_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    written(folder, spoiled("level: drill", "levl: drill"))
    assert run("lint", str(folder)).stdout.splitlines()[-1] == "1 problem, 1 fault, 0 warnings."
    (tmp_path / "empty").mkdir()
    result = run("lint", str(tmp_path / "empty"))
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert "There is no .yaml file in" in result.stderr


def test_lint_warns_of_an_id_that_the_bank_has_already(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = folder / "drafts" / "derivatives" / f"{ID}.yaml"
    draft.parent.mkdir(parents=True)
    draft.write_text((folder / "derivatives" / f"{ID}.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("GRADER_PROBLEMS", str(folder / "derivatives"))
    assert "The bank has a problem" in run("lint", str(draft)).stdout
    assert "nothing to mend" in run("lint").stdout


def test_a_folder_that_is_not_there_is_no_clean_bank(tmp_path: Path) -> None:
    result = run("lint", str(tmp_path / "nowhere"))
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert "There is no file or folder" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("no-such-problem",), NotFound, "There is no problem 'no-such-problem'"),
        (("nowhere.yaml",), InvalidRequest, "There is no file or folder nowhere.yaml"),
        (("tests/bank/samples.py",), InvalidRequest, "is no .yaml file"),
    ],
)
def test_a_preview_of_nothing_is_a_sentence(arguments: tuple[str, ...], error: type[GraderError], says: str) -> None:
    result = run("preview", *arguments)
    assert (result.exit_code, says in result.stderr) == (EXIT_CODES[error], True)


def test_a_preview_on_a_port_that_is_taken_is_a_sentence(folder: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("preview", str(folder), "--port", str(taken.getsockname()[1]), "--seeds", "0")
    assert result.exit_code == EXIT_CODES[ConfigError]
    assert result.stderr.startswith("Error: 127.0.0.1:")
