"""All tables together, and bringing a database to them."""

from __future__ import annotations

from functools import lru_cache
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
    clients,
    clusters,
    contradictions,
    courses,
    enrolments,
    events,
    extensions,
    gradings,
    hints,
    idempotency,
    invitations,
    jobs,
    lti_grades,
    lti_invitations,
    lti_links,
    lti_logins,
    lti_platforms,
    manual_marks,
    problem_saves,
    problems,
    quarantine,
    ready_variants,
    regrades,
    replays,
    statements,
    submissions,
    tokens,
    users,
    variants,
    verdicts,
    waiting,
    webhooks,
)
from grader.store.base import Base

PACKAGE = Path(__file__).parents[1]
MODULES = (
    users,
    courses,
    enrolments,
    problems,
    problem_saves,
    assignments,
    extensions,
    variants,
    attempts,
    submissions,
    ready_variants,
    verdicts,
    gradings,
    hints,
    quarantine,
    contradictions,
    manual_marks,
    waiting,
    invitations,
    tokens,
    jobs,
    lti_platforms,
    lti_logins,
    lti_links,
    lti_grades,
    lti_invitations,
    statements,
    webhooks,
    clusters,
    regrades,
    replays,
    events,
    audit,
    clients,
    idempotency,
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


def is_known(engine: Engine) -> bool:
    """Whether the database stands at a revision of this version, or before the first."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    known = {each.revision for each in ScriptDirectory.from_config(_config(engine)).walk_revisions()}
    return known.issuperset(present)


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return frozenset(present) == _newest()


@lru_cache(maxsize=1)
def _newest() -> frozenset[str]:
    """The newest revisions of this version; reading all migrations takes a moment, and they stay as they are."""
    return frozenset(ScriptDirectory(str(migrations())).get_heads())
