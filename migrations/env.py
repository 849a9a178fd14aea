"""Runs the migrations on the engine that was handed over, or on the configured database."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.types import TypeDecorator

from grader.config import load_config
from grader.store.base import Key
from grader.store.database import WRITES, open_engine
from grader.store.schema import metadata

UPGRADE_LOCK = 7103911  # any number, as long as nobody else locks it in this database
ASK_AGAIN_SECONDS = 0.1


def render_plain(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our column types as what they are in the database, so that old migrations outlive our code."""
    del autogen
    if kind != "type":
        return False
    if isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return "KEY" if thing is Key else False


def migrate(connection: Connection) -> None:
    """All steps in one transaction, except those that make indexes of large tables online."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=is_sqlite,
        render_item=render_plain,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
            message = f"the migration would leave rows that refer to nothing: {broken[:3]}"
            raise RuntimeError(message)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """One migrating process at a time.

    The others ask again and again instead of waiting in a statement, whose snapshot an index that is made online
    would wait for in its turn.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": UPGRADE_LOCK}).scalar_one():
            time.sleep(ASK_AGAIN_SECONDS)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": UPGRADE_LOCK})


def run(engine: Engine) -> None:
    """Migrate on a connection of its own; SQLite rebuilds tables, so its foreign keys rest meanwhile."""
    if engine.dialect.name != "sqlite":
        with alone(engine), engine.connect() as opened:
            migrate(opened.execution_options(**{WRITES: True}))
        return
    with engine.connect() as opened:
        connection = opened.execution_options(**{WRITES: True})
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            migrate(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


run(context.config.attributes.get("engine") or open_engine(load_config(os.environ).database_url))
