"""All tables together, and bringing a database to them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from grader.store import (
    assignments,
    attempts,
    audit,
    courses,
    enrolments,
    gradings,
    jobs,
    problems,
    submissions,
    tokens,
    users,
    variants,
)
from grader.store.base import Base

PACKAGE = Path(__file__).parents[1]
MODULES = (
    users,
    courses,
    enrolments,
    problems,
    assignments,
    variants,
    attempts,
    submissions,
    gradings,
    tokens,
    jobs,
    audit,
)
"""Imported, and named here to say why: a module's tables are known to `metadata` once it is imported."""
metadata = Base.metadata


def migrations() -> Path:
    """Where the migrations are: in an installed package within it, in a checkout beside it."""
    installed = PACKAGE / "migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "migrations"


def _config(engine: Engine) -> Config:
    """Alembic's settings, all given here: no alembic.ini is read that could hold a password."""
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to this revision; doing it twice changes nothing."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to this revision ("base": before the first)."""
    command.downgrade(_config(engine), revision)


def check(engine: Engine) -> None:
    """Raise when the tables described here and the migrations have drifted apart."""
    command.check(_config(engine))


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(_config(engine)).get_heads())
