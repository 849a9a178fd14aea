"""`grader quarantine` lists what broke the judge and has it judged again."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.cli import cli
from grader.services import submissions, users
from grader.store.database import writing
from grader.store.jobs import Job
from grader.store.quarantine import Fault, strike
from grader.store.submissions import work
from tests.factories import Scene, SteadyClock, grade_words

TYPED = "x^\x1b[31m" + "x" * 100


@pytest.fixture
def database_kind() -> str:
    """The services are tested on both databases, the commands on top of them on one."""
    return "sqlite"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    scene = Scene(session, clock)
    ada = scene.add_person()
    attempt = scene.open(ada)
    sent = submissions.submit(session, clock, grade_words, ada, attempt.id, {"a": TYPED})
    found = work(session, sent.id)
    with writing(session):
        fault = Fault("a", TYPED, 2, "the process that judged it ended")
        strike(session, clock(), sent.id, (found.problem_version_id, found.seed), fault)
    return scene


def run(url: str, *arguments: str) -> Result:
    environment = {"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": "s" * 40}
    return CliRunner(env=environment).invoke(cli, ("quarantine", *arguments), catch_exceptions=False)


def test_list_then_retry(scene: Scene, session: Session, database_url: str) -> None:
    teacher, student = (users.user(session, who.user_id).login for who in (scene.teacher, scene.students[0]))
    session.commit()
    listed = run(database_url, "list", "--as", teacher)
    number, _, part, strikes, reason, text = listed.stdout.rstrip("\n").split("\t")
    assert (part, strikes, reason) == ("a", "2", "the process that judged it ended")
    assert "\\u001b" in text
    assert len(text) < len(TYPED)
    assert json.loads(run(database_url, "list", "--json", "--as", teacher).stdout)["response"] == TYPED
    assert run(database_url, "list", "--course", str(scene.course_id), "--as", teacher).stdout == listed.stdout
    assert run(database_url, "list", "--as", student).exit_code == 5
    assert run(database_url, "retry", "99999", "--as", teacher).exit_code == 4
    assert run(database_url, "retry", number, "--as", teacher).exit_code == 0
    assert run(database_url, "list", "--as", teacher).stdout == ""
    assert "prove" in session.scalars(select(Job.kind)).all()
