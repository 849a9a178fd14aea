"""`grader db`: the database."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import click

from grader.cli.installation import now, opened_here
from grader.engine import present_engine
from grader.services import verdicts
from grader.store import backups, schema
from grader.store.backups import Manifest

PATH = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Prepare the database, bring it up to date, back it up, restore it."""


@db.command()
def upgrade() -> None:
    """Bring the database to the tables of this version; a second time changes nothing.

    \b
    SQLite in ./var, or wherever GRADER_DATABASE_URL points:
      grader db upgrade
      GRADER_DATABASE_URL=postgresql://grader@localhost/grader grader db upgrade
    """
    with opened_here() as installation:
        was_current = schema.is_current(installation.engine)
        schema.upgrade(installation.engine)
        with installation.sessions() as session:
            verdicts.forget_others(session)
        place = installation.engine.url.render_as_string(hide_password=True)
    click.echo(f"{place} {'was up to date already' if was_current else 'is up to date'}.")


@db.command()
@click.argument("file", type=PATH)
def backup(file: Path) -> None:
    """Write the whole database into a new FILE, while it is in use.

    The file holds everything, names and password hashes included: keep it as safe as the database. The secret
    key is not in it; keep that apart, for links to learning platforms and webhooks are sealed with it.

    \b
      grader db backup /backups/grader-2026-03-02.zip
    """
    with opened_here() as installation:
        manifest = backups.back_up(installation.engine, file, now(), (version("grader"), present_engine()))
    click.echo(f"{file} {_words(manifest)}")


@db.command()
@click.argument("file", type=PATH)
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Put the backup in FILE in the place of the database: all of it, or nothing.

    Stop the servers and workers first. A database that holds anything is refused without --replace.

    \b
      grader db restore /backups/grader-2026-03-02.zip
      grader db upgrade
    """
    with opened_here() as installation:
        manifest = backups.restore(installation.engine, file, replace=replace)
        is_current = schema.is_current(installation.engine)
        place = installation.engine.url.render_as_string(hide_password=True)
    click.echo(f"{place} is restored: it {_words(manifest)}")
    if not is_current:
        click.echo("It is of an older version: run `grader db upgrade` before you serve it.")


def _words(manifest: Manifest) -> str:
    """What a backup holds, in a sentence."""
    rows = sum(manifest.rows.values())
    about = f"{len(manifest.rows)} tables with {rows} rows of {manifest.created}, revision {manifest.revision}"
    return f"holds {about} (SHA-256 {manifest.sha256})."
