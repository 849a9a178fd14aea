"""`grader course export-assignment` and `import-assignment` on a real SQLite database and a bank of one problem."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.services import assignments, authoring, courses
from grader.services.assignments import ChosenProblem
from grader.services.examining import examine
from grader.services.problems import source_of
from grader.store.database import open_engine, open_sessions
from tests.bank.samples import SOUND
from tests.factories import SteadyClock, make_user
from tests.small_bank import PROBLEMS, small_bank

SHIPPED, OWN = "derivative-polynomial", "slope-of-a-parabola"
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in a folder with a database of two courses, the first with an assignment."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(sqlite_template, tmp_path / "grader.sqlite3")
    (tmp_path / "bank").mkdir()
    shutil.copy(PROBLEMS / "derivatives" / f"{SHIPPED}.yaml", tmp_path / "bank")
    url, clock = f"sqlite:///{tmp_path}/grader.sqlite3", SteadyClock()
    engine = open_engine(url)
    with open_sessions(engine)() as session:
        staff = make_user(session, clock, is_staff=True)
        ids = [courses.create_course(session, clock, staff, title).id for title in ("Here", "There")]
        authoring.add_problem(session, clock, staff, ids[0], SOUND, examine(SOUND, 1))
        own = authoring.sources_of(session, ids[0], [OWN])[OWN]
        chosen = [ChosenProblem(own), ChosenProblem(source_of(small_bank().problems[SHIPPED]))]
        assignments.create_assignment(session, clock, staff, ids[0], "Week 3", chosen)
    engine.dispose()
    environment = {"GRADER_DATABASE_URL": url, "GRADER_PROBLEMS": str(tmp_path / "bank")}

    def call(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(cli, ["course", *arguments], catch_exceptions=False)

    return call


def test_an_assignment_goes_into_another_course(run: Run) -> None:
    assert run("export-assignment", "1", "week.zip").stdout == "Written: week.zip.\n"
    assert run("export-assignment", "1", "week.zip").exit_code == 6
    content = Path("week.zip").read_bytes()
    assert run("export-assignment", "1", "week.zip", "--overwrite").exit_code == 0
    assert Path("week.zip").read_bytes() == content
    done = run("import-assignment", "2", "week.zip")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Assignment 2: Week 3, hidden from students. It opens at once, due never: look at the dates, then show it.",
        f"  A new problem of the course: {OWN}",
    ]
    assert run("export-assignment", "2", "there.zip").exit_code == 0
    assert Path("there.zip").read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("export-assignment", "99", "x.zip"), 4, "no such assignment"),
        (("export-assignment", "1", "nowhere/x.zip"), 2, "cannot be written"),
        (("import-assignment", "2", "missing.zip"), 2, "cannot be read"),
        (("import-assignment", "2", "bank/derivative-polynomial.yaml"), 2, "no zip file"),
        (("import-assignment", "99", "missing.zip"), 2, "cannot be read"),
    ],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, words in done.stderr) == (code, True), done.stderr
