"""A backup taken while answers come in, restored elsewhere: one consistent moment, on both databases."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.orm import Session, sessionmaker

from grader.cli import cli
from grader.errors import ConfigError, Conflict, InvalidRequest, PlatformFailed
from grader.services import submissions as service
from grader.store import backups, postgres_tools, schema
from grader.store.base import Base
from grader.store.database import open_engine
from grader.store.gradings import Grading
from grader.store.submissions import Submission
from tests.conftest import drop_postgres_database, postgres_database
from tests.factories import Scene, SteadyClock, grade_words, make_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)
VERSIONS = ("0.1", "1")
ENOUGH = 12
"""Submissions before the backup is begun, and again before it may be taken for done."""


@pytest.fixture
def other(database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    """Where backups are restored to: a database without tables."""
    url = f"sqlite:///{tmp_path}/other.sqlite3" if database_kind == "sqlite" else postgres_database()
    engine = open_engine(url)
    yield engine
    engine.dispose()
    if database_kind != "sqlite":
        drop_postgres_database(url)


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


class Writer:
    """A student who submits without end; `sent` are the submissions that were acknowledged."""

    def __init__(self, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
        self.sent: list[int] = []
        self._sessions, self._clock = sessions, clock
        self._moved, self._stopped = Event(), Event()
        with sessions() as session:
            scene = Scene(session, clock)
            self._student = scene.add_person()
            self._attempt = scene.open(self._student).id
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        with self._sessions() as session:
            while not self._stopped.is_set():
                typed = {"a": "wrong", "b": f"try {len(self.sent)}"}
                view = service.submit(session, self._clock, grade_words, self._student, self._attempt, typed)
                self.sent.append(view.id)
                self._moved.set()

    def wait_for(self, more: int) -> None:
        goal = len(self.sent) + more
        while len(self.sent) < goal:
            assert self._moved.wait(30)
            self._moved.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()


def test_a_backup_under_load_is_one_moment(
    engine: Engine, other: Engine, sessions: sessionmaker[Session], clock: SteadyClock, tmp_path: Path
) -> None:
    file, quiet = tmp_path / "loaded.zip", tmp_path / "quiet.zip"
    with Writer(sessions, clock) as writer:
        writer.wait_for(ENOUGH)
        before = list(writer.sent)
        manifest = backups.back_up(engine, file, NOW, VERSIONS)
        writer.wait_for(ENOUGH)
    assert backups.restore(other, file) == manifest == backups.read_manifest(file)
    whole, kept = rows(engine), rows(other)
    assert {name: len(found) for name, found in kept.items()} == manifest.rows
    assert schema.is_current(other)
    schema.check(other)
    with Session(other) as session:
        stored = session.scalars(select(Submission.id).order_by(Submission.id)).all()
        assert set(before) <= set(stored) < set(writer.sent)
        assert list(stored) == writer.sent[: len(stored)]
        unjudged = select(func.count()).where(Submission.state == "stored")
        judged = session.scalar(select(func.count(Grading.id))) or 0
        assert judged + (session.scalar(unjudged) or 0) == len(stored)  # a submission and its result, or neither
    in_flight = [row for row in kept["submissions"] if row not in whole["submissions"]]  # judged a moment later
    assert len(in_flight) <= 1
    backups.back_up(engine, quiet, NOW, VERSIONS)
    with pytest.raises(Conflict, match="--replace"):
        backups.restore(other, quiet)
    assert rows(other) == kept
    backups.restore(other, quiet, replace=True)
    assert rows(other) == whole


def test_what_is_damaged_or_foreign_changes_nothing(
    engine: Engine, other: Engine, sessions: sessionmaker[Session], clock: SteadyClock, tmp_path: Path
) -> None:
    with sessions() as session:
        Scene(session, clock).add_person()
    good = tmp_path / "good.zip"
    backups.back_up(engine, good, NOW, VERSIONS)
    assert stat.S_IMODE(good.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="exists already"):
        backups.back_up(engine, good, NOW, VERSIONS)
    bad = tmp_path / "bad.zip"
    kind = engine.dialect.name
    for change, words in (
        ({"sha256": "0" * 64}, "damaged"),
        ({"bytes": 10}, "damaged"),
        ({"revision": "9999"}, "newer version"),
        ({"database": "sqlite" if kind != "sqlite" else "postgresql"}, "configured database"),
        ({"format": 2}, "format 2"),
        ({"rows": None, "surprise": 1}, "no backup"),
    ):
        rewrite(good, bad, change)
        with pytest.raises(InvalidRequest, match=words):
            backups.restore(other, bad)
    bad.write_bytes(good.read_bytes()[:-200])
    with pytest.raises(InvalidRequest, match="no backup"):
        backups.restore(other, bad)
    assert backups.is_empty(other)
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".grader")} == set()


def rewrite(good: Path, bad: Path, change: dict[str, object]) -> None:
    """A copy of a backup with another manifest."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, json.dumps(json.loads(data) | change) if name == "manifest.json" else data)


def test_the_commands(
    database_url: str, other: Engine, sessions: sessionmaker[Session], clock: SteadyClock, tmp_path: Path
) -> None:
    with sessions() as session:
        make_user(session, clock)
    secret = {"GRADER_SECRET_KEY": "s" * 40}
    file = str(tmp_path / "backup.zip")

    def run(url: str, *arguments: str) -> tuple[int, str]:
        done = CliRunner(env=secret | {"GRADER_DATABASE_URL": url}).invoke(cli, arguments, catch_exceptions=False)
        return done.exit_code, done.output

    code, said = run(database_url, "db", "backup", file)
    assert (code, "tables with 2 rows" in said) == (0, True)
    there = other.url.render_as_string(hide_password=False)
    code, said = run(there, "db", "restore", file)
    assert (code, "is restored" in said, "older version" in said) == (0, True, False)
    code, said = run(there, "db", "restore", file)
    assert (code, "not empty" in said) == (6, True)
    assert run(there, "db", "restore", file, "--replace")[0] == 0
    code, said = run(there, "db", "backup", str(tmp_path / "nowhere" / "x.zip"))
    assert (code, "no folder" in said) == (2, True)


@pytest.mark.postgres
def test_a_program_that_is_missing_or_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make_url("postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none")
    with pytest.raises(PlatformFailed, match="pg_dump failed") as failed:
        postgres_tools.dump(url, tmp_path / "data", "x")
    assert "hunter2" not in str(failed.value)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="pg_dump was not found"):
        postgres_tools.dump(url, tmp_path / "data", "x")


def test_a_restore_that_fails_half_way_leaves_what_was_there(
    engine: Engine, other: Engine, tmp_path: Path, database_kind: str
) -> None:
    """The data is whole and its digest right, but it is not a database of this kind."""
    file = tmp_path / "good.zip"
    backups.back_up(engine, file, NOW, VERSIONS)
    backups.restore(other, file)
    with other.begin() as connection:
        connection.execute(
            text("INSERT INTO courses (title, secret, created) VALUES ('Kept', 's', '2026-03-02 09:00:00')")
        )
    bad, junk = tmp_path / "bad.zip", b"no database at all"
    manifest = json.loads(zipfile.ZipFile(file).read("manifest.json"))
    manifest |= {"sha256": backups.sha256(junk).hexdigest(), "bytes": len(junk)}
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr(backups.DATA[database_kind], junk)
    with pytest.raises((InvalidRequest, PlatformFailed)):
        backups.restore(other, bad, replace=True)
    assert len(rows(other)["courses"]) == 1
