"""Fixtures for everything that needs a database: each test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from grader.store import schema
from grader.store.database import open_engine, open_sessions
from tests import servers
from tests.factories import SteadyClock

NUMBERS = count(1)


def postgres_database(template: str | None = None) -> str:
    """The URL of a new PostgreSQL database, a copy of the template."""
    server = servers.postgres()
    name = f"grader_test_{os.getpid()}_{next(NUMBERS)}"
    copied = f' TEMPLATE "{make_url(template).database}"' if template else ""
    administer(server, f'CREATE DATABASE "{name}"{copied}')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_postgres_database(url: str) -> None:
    administer(servers.POSTGRES_URL, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


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
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Migrated databases without rows, one of each kind, made when first asked for; tests get copies."""
    made: dict[str, str] = {}

    def template(kind: str) -> str:
        if kind not in made:
            folder = tmp_path_factory.mktemp("template")
            made[kind] = migrated(f"sqlite:///{folder}/t.sqlite3" if kind == "sqlite" else postgres_database())
        return made[kind]

    yield template
    if "postgresql" in made:
        drop_postgres_database(made["postgresql"])


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
def database_url(database_kind: str, templates: Callable[[str], str], tmp_path: Path) -> Iterator[str]:
    """A database with all tables and no rows."""
    template = templates(database_kind)
    if database_kind == "sqlite":
        path = tmp_path / "grader.sqlite3"
        shutil.copy(make_url(template).database or "", path)
        yield f"sqlite:///{path}"
        return
    url = postgres_database(template)
    yield url
    drop_postgres_database(url)


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
