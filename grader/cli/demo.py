"""`grader demo`: a course to click through, from nothing."""

from __future__ import annotations

from dataclasses import replace

import click

from grader.bank.loading import Bank, load_bank
from grader.cli.installation import configured, now, opened
from grader.cli.serve import run
from grader.config import Config
from grader.errors import BankErrors, ConfigError
from grader.services.demo import Demo, create_demo
from grader.services.problems import source_of
from grader.store import schema


@click.command()
@click.option("--host", help="The address to listen on (default: GRADER_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: GRADER_PORT).")
def demo(host: str | None, port: int | None) -> None:
    """Serve a demo course with one instructor and three students.

    Brings the database up to date, makes the course if it is not there, and prints the addresses
    and log-ins. Started again, it goes on with the same data.

    \b
      grader demo
      grader demo --port 9000
    """
    config = configured()
    config = replace(config, host=host or config.host, port=port or config.port)
    bank = load_bank(config.problems)
    made = prepare(config, bank)
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


def _welcome(made: Demo, address: str) -> str:
    """Where the demo is and who can log in."""
    width = max(len(login) for login, _, _ in made.logins)
    lines = [f"  {login:<{width}}  {password}  ({role})" for login, password, role in made.logins]
    heading = click.style(f"The demo course is at {address}", bold=True)
    return "\n".join(
        ["", heading, "", "Log in as one of", *lines, "", f"The API is at {address}/api/v1. Stop with Ctrl-C.", ""]
    )
