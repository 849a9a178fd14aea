"""Fixtures for everything that needs a database: each test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from grader import logs
from grader.services import passwords
from grader.store import schema
from grader.store.database import open_engine, open_sessions
from tests import servers
from tests.factories import SteadyClock

# How long an example takes says nothing on a machine that is busy with other tests.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

NUMBERS = count(1)
REPLAYED = {"browser", "live"}
"""Marks of tests that wait for other processes: one that fails is played once more, anew, and reported as rerun."""

HASHER_IN_EARNEST = passwords.HASHER


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A log-in takes a tenth of a second in earnest, and there are many in the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """What a test sets up of the log is gone after it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.LOUD}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Begun last, a long one would keep a single core busy while the others have nothing to do.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        if REPLAYED.intersection(mark.name for mark in item.iter_markers()):
            item.add_marker(pytest.mark.flaky(reruns=1))


def postgres_database() -> str:
    """The URL of a new PostgreSQL database; a commit need not survive the end of the test, so it does not wait."""
    server = servers.postgres()
    name = f"grader_test_{os.getpid()}_{next(NUMBERS)}"
    administer(server, f'CREATE DATABASE "{name}"')
    administer(server, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_postgres_database(url: str) -> None:
    administer(servers.POSTGRES_URL, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def empty_postgres_database(url: str) -> None:
    """Remove all rows, after ending whoever a test has left connected."""
    engine = open_engine(url)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with engine.begin() as connection:
        connection.execute(text(f"{others} AND pid != pg_backend_pid()"))
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))  # which lets nobody empty it
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
    engine.dispose()


def administer(server: str, statement: str) -> None:
    plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


def migrated(url: str) -> str:
    engine = open_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows, of which tests get copies."""
    path = tmp_path_factory.mktemp("template") / "grader.sqlite3"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database, emptied after each test: making one takes far longer than emptying it."""
    url = postgres_database()
    try:
        yield migrated(url)
    finally:
        drop_postgres_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    url = postgres_database()
    yield url
    drop_postgres_database(url)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with all tables and no rows."""
    if database_kind == "sqlite":
        path = tmp_path / "grader.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_url")
    yield url
    empty_postgres_database(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def clock() -> SteadyClock:
    return SteadyClock()
