"""Opening the database, and the transactions in which it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from select import POLLIN, poll
from time import monotonic
from typing import Any, Self

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from grader.errors import ConfigError
from grader.store.base import Base, table_of

WRITES = "writes"
AFTER = "after the commit"
CONNECT_SECONDS = 5
RETURNED = "returned"
MOST_DESCRIBED = 500
"""Of so many statements a connection knows the columns."""
LONGEST_UNASKED = 10.0
"""After so many idle seconds a connection is asked whether it is alive: a network may drop it without a word."""
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
        engine = create_engine(url, pool_size=pool_size, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    connecting = {"connect_timeout": CONNECT_SECONDS} if "connect_timeout" not in url.query else {}
    engine = create_engine(
        url,
        pool_size=pool_size,
        pool_use_lifo=True,  # few connections do all the work, and know its statements
        hide_parameters=True,
        connect_args=connecting,
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", partial(_check_is_alive, engine.dialect))
    return engine


def open_sessions(engine: Engine, **info: Any) -> sessionmaker[Session]:
    """A maker of sessions on this engine; `info` is what each session carries along."""
    return sessionmaker(engine, info=info)


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


class DescribedCursor(psycopg.Cursor[Any]):
    """A cursor that knows what the columns of a statement are like once it has sent it over its connection.

    They are asked for after every statement, and made anew, one by one, from what PostgreSQL says of each.
    """

    _asked: str | None = None

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        self._known = connection.described if isinstance(connection, LastingConnection) else {}

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Send a statement."""
        self._asked = query if isinstance(query, str) else None
        return super().execute(query, params, **options)

    @property
    def description(self) -> list[psycopg.Column] | None:
        """The columns of what came back, None where nothing can."""
        known, result = self._known, self.pgresult
        found = known.get(self._asked) if self._asked is not None else None
        if found is not None and result is not None and result.nfields == len(found):
            return found
        found = super().description
        if found and self._asked is not None:
            if len(known) >= MOST_DESCRIBED:
                known.clear()
            known[self._asked] = found
        return found


class LastingConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL whose statements stay prepared when a transaction is rolled back.

    Every transaction that only reads ends so. The driver has all its prepared statements removed then, and each would
    be planned anew for every request; PostgreSQL itself keeps them, and makes new plans where a table has changed.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.cursor_factory = DescribedCursor
        self.described: dict[str, list[psycopg.Column]] = {}

    def rollback(self) -> None:
        """End the transaction in progress; one that has failed is ended in the driver's own way."""
        with self.lock:
            if self.pgconn.transaction_status == TransactionStatus.INTRANS:
                ended = self.pgconn.exec_(b"ROLLBACK")
                if ended.status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()


def _connect(_dialect: Dialect, _record: Any, given: Any, named: Any) -> LastingConnection:
    """A new connection for the pool."""
    return LastingConnection.connect(*given, **named)


def _note_return(_connection: Any, record: ConnectionPoolEntry) -> None:
    """Remember since when a connection to PostgreSQL has been idle."""
    record.info[RETURNED] = monotonic()


def _check_is_alive(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
    """Have a connection that the server has ended replaced, and all others of the pool with it.

    Nothing is said unasked on an idle connection before its end, so one that is quiet and was used just now is good,
    and looking costs no time; only one that speaks, or was long idle, is asked.
    """
    returned = record.info.get(RETURNED)
    if returned is None:
        return  # it is new
    try:
        ear = poll()
        ear.register(connection.fileno(), POLLIN)
        if monotonic() - returned >= LONGEST_UNASKED or ear.poll(0):
            dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as fault:
        message = "The database has ended this connection."
        raise InvalidatePoolError(message) from fault


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
        if session.get_bind().dialect.name == "sqlite":
            session.connection(execution_options={WRITES: True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop(AFTER, None)
        raise
    finally:
        session.info.pop(WRITES)
    for call in session.info.pop(AFTER, ()):
        call()


def once_committed(session: Session, call: Callable[[], None]) -> None:
    """Have this done after the transaction in progress, if it is committed."""
    session.info.setdefault(AFTER, []).append(call)


def insert(session: Session, row: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    table = table_of(row)
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
