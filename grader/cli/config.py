"""`grader config`: the settings."""

from __future__ import annotations

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from grader.cli.installation import configured
from grader.config import SettingLine, describe


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def config(as_json: bool) -> None:
    """List every setting with its value, source and meaning.

    Settings are environment variables. Without any of them the grader runs on one machine
    with an SQLite database in ./var. Passwords and secrets are not shown.

    \b
      GRADER_PORT=9000 grader config
    """
    lines = describe(configured())
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(line) for line in lines], ensure_ascii=False, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        for line in lines:
            click.echo(f"{line.variable}={line.value}\t{line.source}\t{line.meaning}")
        return
    console.print(_table(lines))


def _table(lines: tuple[SettingLine, ...]) -> Table:
    """The settings for a person; what was set by hand stands out."""
    table = Table(
        "setting", "value", "from", "meaning", box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0)
    )
    for line in lines:
        style = "bold" if line.source == "environment" else ""
        table.add_row(line.variable, line.value or "-", line.source, line.meaning, style=style)
    return table
