"""Runs the migrations on the engine that was handed over, or on the configured database."""

from __future__ import annotations

import os
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


def render_plain(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our column types as what they are in the database, so that old migrations outlive our code."""
    del autogen
    if kind != "type":
        return False
    if isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return "KEY" if thing is Key else False


def migrate(connection: Connection) -> None:
    """All steps in one transaction, one migrating process at a time."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=is_sqlite,
        render_item=render_plain,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        context.run_migrations()
        if is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
            message = f"the migration would leave rows that refer to nothing: {broken[:3]}"
            raise RuntimeError(message)


def run(engine: Engine) -> None:
    """Migrate on a connection of its own; SQLite rebuilds tables, so its foreign keys rest meanwhile."""
    with engine.connect() as opened:
        connection = opened.execution_options(**{WRITES: True})
        if connection.dialect.name != "sqlite":
            migrate(connection)
            return
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            migrate(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


run(context.config.attributes.get("engine") or open_engine(load_config(os.environ).database_url))
