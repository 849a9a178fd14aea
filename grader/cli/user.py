"""`grader user`: people."""

from __future__ import annotations

import click

from grader.cli.installation import now, ready
from grader.services import users


@click.group()
def user() -> None:
    """Add people."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--email", help="An address, if there is one.")
@click.option("--staff", is_flag=True, help="May create courses.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for if not given.")
def add(login: str, name: str, email: str | None, staff: bool, password: str) -> None:
    """Add a person who logs in as LOGIN.

    \b
      grader user add noether --name "Emmy Noether" --staff
    """
    with ready().sessions() as session:
        person = users.register(session, now, login, name, password, email=email, is_staff=staff)
    click.echo(f"{person.name} can log in as {person.login}.")
