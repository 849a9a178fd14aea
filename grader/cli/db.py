"""`grader db`: the database."""

from __future__ import annotations

import click

from grader.cli.installation import configured, opened
from grader.store import schema


@click.group()
def db() -> None:
    """Prepare the database or bring it up to date."""


@db.command()
def upgrade() -> None:
    """Bring the database to the tables of this version; a second time changes nothing.

    \b
    SQLite in ./var, or wherever GRADER_DATABASE_URL points:
      grader db upgrade
      GRADER_DATABASE_URL=postgresql://grader@localhost/grader grader db upgrade
    """
    installation = opened(configured())
    was_current = schema.is_current(installation.engine)
    schema.upgrade(installation.engine)
    place = installation.engine.url.render_as_string(hide_password=True)
    click.echo(f"{place} {'was up to date already' if was_current else 'is up to date'}.")
