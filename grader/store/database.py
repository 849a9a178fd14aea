"""Opening the database, and the transactions in which it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from grader.errors import ConfigError

WRITES = "writes"
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers go on while one writes
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",  # a commit is on the disk before it is acknowledged
    "PRAGMA busy_timeout=30000",  # a writer waits for its turn, in milliseconds
)


def database_url(text: str) -> URL:
    """The URL with our driver named: `postgres://` and `postgresql://` mean psycopg 3."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError("This is not a database URL.", "GRADER_DATABASE_URL") from None
    backend = url.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(drivername="sqlite")
    raise ConfigError(
        f"{backend!r} is no database that we can use. Write sqlite:///path/to/file or postgresql://user@host/name.",
        "GRADER_DATABASE_URL",
    )


def open_engine(text: str, pool_size: int = 20) -> Engine:
    """An engine for the database at this URL.

    The folder of an SQLite file is made if it is missing.
    """
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_size=pool_size)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_size=pool_size, pool_pre_ping=True)


def open_sessions(engine: Engine) -> sessionmaker[Session]:
    """A maker of sessions on this engine."""
    return sessionmaker(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Settings of a new SQLite connection.

    The driver is kept from beginning transactions by itself.
    """
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: upgrading a reader later could fail half way."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """One transaction that writes: committed at the end, rolled back on an error.

    A reading transaction in progress is ended first, so that what is read inside is the present state.
    Inside another `writing` of the same session it is part of that one.
    """
    if session.info.get(WRITES):
        yield
        return
    session.commit()
    session.info[WRITES] = True
    try:
        session.connection(execution_options={WRITES: True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(WRITES)


def insert(session: Session, row: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 - every row class of ours is one table
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
