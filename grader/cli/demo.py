"""`grader demo`: a course to click through, from nothing."""

from __future__ import annotations

from dataclasses import replace

import click

from grader.bank.loading import Bank, load_bank
from grader.cli.installation import configured, now, opened
from grader.cli.printing import progress
from grader.cli.serve import run
from grader.config import Config
from grader.errors import BankErrors, ConfigError
from grader.services.access import INSTRUCTOR
from grader.services.crowds import INSTRUCTOR_LOGIN, Size, create_crowd, has_crowd
from grader.services.demo import DEMO_PASSWORD, Demo, create_demo
from grader.services.problems import source_of
from grader.store import schema


@click.command()
@click.option("--host", help="The address to listen on (default: GRADER_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: GRADER_PORT).")
@click.option("--large", is_flag=True, help="Add a course of 300 made-up students with 60,000 judged answers.")
def demo(host: str | None, port: int | None, large: bool) -> None:
    """Serve a demo course with one instructor and three students.

    Brings the database up to date, makes the course if it is not there, and prints the addresses
    and log-ins. Started again, it goes on with the same data.

    \b
      grader demo
      grader demo --port 9000
      grader demo --large
    """
    config = configured()
    config = replace(config, host=host or config.host, port=port or config.port, webhook_private_targets=True)
    bank = load_bank(config.problems)
    made = prepare(config, bank)
    if large:
        made = with_crowd(config, bank, made)
    run(config, bank, 1, lambda address: click.echo(_welcome(made, address)), server_log_level="warning")


def prepare(config: Config, bank: Bank) -> Demo:
    """The demo course in an up-to-date database."""
    if not bank.problems:
        folders = ", ".join(str(path) for path in config.problems)
        if bank.errors:
            raise BankErrors(bank.errors)
        raise ConfigError(f"There are no problems in {folders}. Run this in the project's folder.", "GRADER_PROBLEMS")
    sources = [source_of(problem) for problem in bank.problems.values()]
    installation = opened(config)
    schema.upgrade(installation.engine)
    with installation.sessions() as session:
        made = create_demo(session, now, sources)
    installation.engine.dispose()
    return made


def with_crowd(config: Config, bank: Bank, made: Demo) -> Demo:
    """The demo with the large course beside it, made if it is not there."""
    installation = opened(config)
    size = Size()
    sources = [source_of(problem) for problem in bank.problems.values()]
    with installation.sessions() as session:
        if not has_crowd(session):
            with progress("Making a large course", size.students * size.problems) as advance:
                create_crowd(session, now, sources, size, DEMO_PASSWORD, advance)
    installation.engine.dispose()
    return replace(made, logins=(*made.logins, (INSTRUCTOR_LOGIN, DEMO_PASSWORD, INSTRUCTOR)))


def _welcome(made: Demo, address: str) -> str:
    """Where the demo is and who can log in."""
    width = max(len(login) for login, _, _ in made.logins)
    lines = [f"  {login:<{width}}  {password}  ({role})" for login, password, role in made.logins]
    heading = click.style(f"The demo course is at {address}", bold=True)
    return "\n".join(
        ["", heading, "", "Log in as one of", *lines, "", f"The API is at {address}/api/v1. Stop with Ctrl-C.", ""]
    )
