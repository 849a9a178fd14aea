"""`grader doctor`: common faults of an installation, each with its repair."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator

import click

from grader.cli.examining_database import database_checks, reached
from grader.cli.examining_machine import machine_checks
from grader.cli.findings import FAULT, Ailment, Check, fault
from grader.cli.installation import now
from grader.cli.printing import print_json, progress
from grader.config import load_config
from grader.errors import ConfigError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def doctor(as_json: bool) -> None:
    """Look for common faults of this installation; one line each, with the repair.

    It looks at the settings, the database and its clock, the disk, the judge and its limits, the problems, the
    broker, and at work that waits for too long. The exit code is 1 where there is a fault, 0 where there are
    warnings at most. Nothing is changed.

    \b
      grader doctor
      grader doctor --json
    """
    found = list(_findings())
    if as_json:
        print_json([dataclasses.asdict(ailment) for ailment in found])
    else:
        for ailment in found:
            click.secho(str(ailment), fg="red" if ailment.severity == FAULT else "yellow")
        click.echo(_summary(found))
    raise SystemExit(1 if any(ailment.severity == FAULT for ailment in found) else 0)


def _findings() -> Iterator[Ailment]:
    """What the checks find, in their order; with wrong settings nothing else can be asked."""
    try:
        config = load_config(os.environ)
    except ConfigError as error:
        yield fault("settings", error.message, "`grader config` lists all settings.")
        return
    yield from _made(machine_checks(config))
    installation = reached(config)
    if isinstance(installation, Ailment):
        yield installation
        return
    try:
        yield from _made(database_checks(installation, now()))
    finally:
        installation.engine.dispose()


def _made(checks: Iterable[Check]) -> Iterator[Ailment]:
    chosen = list(checks)
    with progress("Looking", len(chosen)) as advance:
        for check in chosen:
            yield from check.look()
            advance(1)


def _summary(found: list[Ailment]) -> str:
    """The last line."""
    faults = sum(ailment.severity == FAULT for ailment in found)
    if not found:
        return "Nothing to mend."
    counted = ((faults, "fault"), (len(found) - faults, "warning"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted) + "."
