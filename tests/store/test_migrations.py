"""Every migration forward and back with rows in every table; indexes of large tables are made while others write."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, DateTime, Engine, Integer, LargeBinary, MetaData, inspect, text

from grader.store import schema
from grader.store.database import open_engine

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def revisions() -> list[str]:
    """From the first to the last."""
    scripts = ScriptDirectory(str(schema.migrations()))
    return [each.revision for each in reversed(list(scripts.walk_revisions()))]


def counts(engine: Engine) -> dict[str, int]:
    """The rows of every table."""
    names = sorted(set(inspect(engine).get_table_names()) - {"alembic_version"})
    if not names:
        return {}
    asked = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names)
    with engine.connect() as connection:
        return {str(row[0]): int(row[1]) for row in connection.execute(text(asked))}


def fill(engine: Engine, names: list[str]) -> None:
    """One row in each of these tables; a text is 1, which is a number and JSON too."""
    now = NOW.replace(tzinfo=None) if engine.dialect.name == "sqlite" else NOW
    found = MetaData()
    if names:
        found.reflect(engine, only=names)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if table.name in names:
                connection.execute(table.insert().values({column.name: value(column, now) for column in table.c}))


def value(column: Any, now: datetime) -> Any:
    if column.foreign_keys or isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, DateTime):
        return now
    if isinstance(column.type, LargeBinary):
        return b"1"
    return "{}" if column.name == "responses" else "1"


def test_every_step_keeps_the_rows(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    steps = revisions()
    assert len(steps) >= 12
    before: dict[str, int] = {}
    for step in steps:
        schema.upgrade(engine, step)
        found = counts(engine)
        assert before.items() <= found.items(), step
        fill(engine, [name for name, count in found.items() if not count])
        before = counts(engine)
        assert set(before.values()) == {1}, step
    assert set(before) == set(schema.metadata.tables)
    for step in [*reversed(steps[:-1]), "base"]:
        schema.downgrade(engine, step)
        after = counts(engine)
        assert after.items() <= before.items(), step
        before = after
    assert inspect(engine).get_table_names() == ["alembic_version"]
    schema.upgrade(engine)
    assert schema.is_current(engine)
    assert set(counts(engine).values()) == {0}
    engine.dispose()


def test_the_log_is_guarded_at_the_last_step(empty_database_url: str) -> None:
    """SQLite loses triggers where a step rebuilds their table."""
    engine = open_engine(empty_database_url)
    schema.upgrade(engine)
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit' ORDER BY name",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal",
    }
    with engine.connect() as connection:
        names = connection.execute(text(asked[engine.dialect.name])).scalars().all()
    assert names == (["audit_no_delete", "audit_no_update"] if engine.dialect.name == "sqlite" else ["audit_no_change"])
    engine.dispose()


ONLINE = """
from grader.store.migrating import drop_index_online, index_online

revision = "online"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_online("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    drop_index_online("ix_audit_at", "audit")
"""


def test_an_index_is_made_while_others_write(empty_database_url: str, tmp_path: Path) -> None:
    """A writer's transaction stays open: an ordinary CREATE INDEX would keep everybody waiting behind it."""
    engine = open_engine(empty_database_url)
    schema.upgrade(engine)
    head = revisions()[-1]
    (tmp_path / "online.py").write_text(ONLINE.format(head=head), encoding="utf-8")
    config = schema._config(engine)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{schema.migrations() / 'versions'}\n{tmp_path}")
    insert = text("INSERT INTO audit (at, action, subject_id, details) VALUES ('2026-03-02 09:00:00', 'x', 1, '{}')")
    if engine.dialect.name == "sqlite":
        command.upgrade(config, "online")
    else:
        done = Event()

        def upgrade() -> None:
            command.upgrade(config, "online")
            done.set()

        migrating = Thread(target=upgrade)
        with engine.connect() as slow:
            slow.execute(insert)
            migrating.start()
            wait_until_it_waits(engine)
            with engine.begin() as quick:
                quick.execute(text("SET LOCAL lock_timeout = '10s'"))
                quick.execute(insert)  # goes through, while the index waits for the slow one to end
            assert not done.is_set()
            slow.commit()
        migrating.join(60)
        assert done.is_set()
    assert "ix_audit_at" in {index["name"] for index in inspect(engine).get_indexes("audit")}
    command.downgrade(config, head)
    assert "ix_audit_at" not in {index["name"] for index in inspect(engine).get_indexes("audit")}
    engine.dispose()


def wait_until_it_waits(engine: Engine) -> None:
    """Until making the index has begun and waits for an older transaction."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
        " AND wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(10_000):
        with engine.connect() as connection:
            if connection.execute(asked).scalar_one():
                return
    pytest.fail("the index was never begun")
