"""`grader bank new`: a file that is sound from the start, asked for or given, and never one overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from grader.bank.starting import KINDS, STARTERS, usual_header
from grader.cli import cli
from grader.cli.failures import EXIT_CODES
from grader.errors import Conflict, InvalidRequest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "problems").mkdir()
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["bank", *arguments], input=typed, catch_exceptions=False)


def test_every_kind_has_its_starter() -> None:
    assert {path.stem for path in STARTERS.glob("*.yaml")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_is_clean(kind: str) -> None:
    made = json.loads(run("new", "--kind", kind, "--defaults", "--json").stdout)
    assert (made["kind"], Path(made["file"]).stem) == (kind, made["id"])
    lint = run("lint", "drafts", "--strict")
    assert (lint.exit_code, lint.stdout) == (0, "1 problem, nothing to mend.\n")
    sweep = json.loads(run("sweep", "drafts", "--seeds", "40", "--json").stdout)
    assert (sweep["clean"], sweep["problems"][0]["findings"]) == (True, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_explains_itself(kind: str) -> None:
    text = (STARTERS / f"{kind}.yaml").read_text(encoding="utf-8")
    assert sum(line.startswith("# ") for line in text.splitlines()) >= 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_has_a_topic_and_a_family_that_there_are(kind: str) -> None:
    rows = YAML(typ="safe").load(ROOT / "tests" / "cases" / "problems" / "curriculum.yaml")["rows"]
    header = usual_header(kind)
    assert (ROOT / "problems" / header.topic).is_dir()
    assert header.family in rows


def test_questions_are_asked_until_they_are_answered() -> None:
    typed = "jacobian\nMy map: f & g\nMy Id\nmy-map\n\n5.x\n5.2\nhard\nstretch\n"
    result = run("new", typed=typed)
    assert result.exit_code == 0
    text = Path("drafts/jacobians/my-map.yaml").read_text(encoding="utf-8")
    assert text.startswith('id: my-map\ntitle: "My map: f & g"\ntopic: jacobians\nfamily: "5.2"\nlevel: stretch\n')
    assert result.stdout.count("Error:") == 3
    assert run("lint", "drafts", "--strict").exit_code == 0


def test_what_is_given_is_not_asked() -> None:
    result = run("new", "--kind", "number", "--title", "T", "--family", "2.1", "--level", "drill", typed="a\nb\n")
    assert result.exit_code == 0
    assert Path("drafts/b/a.yaml").is_file()
    assert "Title" not in result.stdout


def test_nothing_is_overwritten() -> None:
    path = Path("drafts/derivatives/mine.yaml")
    path.parent.mkdir(parents=True)
    path.write_text("id: broken", encoding="utf-8")
    result = run("new", "--defaults", "--id", "mine")
    assert result.exit_code == EXIT_CODES[Conflict]
    assert path.read_text(encoding="utf-8") == "id: broken"


def test_an_id_of_the_bank_is_taken_and_a_default_evades_it() -> None:
    assert run("new", "--defaults", "--into", "problems", "--title", "A curve").exit_code == 0
    assert "derivatives/a-curve.yaml" in run("new", "--defaults", "--id", "a-curve").stderr
    assert run("new", "--defaults", "--title", "A curve").exit_code == 0
    assert Path("drafts/derivatives/a-curve-2.yaml").is_file()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--id", "../mine"), ("--topic", "a/b"), ("--family", "two"), ("--title", " "), ("--title", "a\nb: c")],
)
def test_what_cannot_stand_in_a_header_is_refused(option: str, value: str) -> None:
    result = run("new", "--defaults", option, value)
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert option in result.stderr
    assert list(Path().rglob("*.yaml")) == []


@pytest.mark.parametrize("title", ["yes", "1e3", "A: b # c", 'Say "x"', "{{ f }}", "- one", "Ünï · ∇f", "it's so"])
def test_every_title_comes_out_as_it_went_in(title: str) -> None:
    assert run("new", "--defaults", "--id", "mine", "--title", title).exit_code == 0
    shown = json.loads(run("show", "drafts/derivatives/mine.yaml", "--json").stdout)
    assert shown["title"] == title
