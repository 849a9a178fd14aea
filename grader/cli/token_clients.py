"""`grader token client`: programs that log in with client credentials of OAuth 2."""

from __future__ import annotations

import click

from grader.cli.installation import acting, as_whom, now, ready
from grader.services import clients
from grader.services.access import SCOPES


@click.group()
def client() -> None:
    """Make and revoke clients, which ask for short-lived tokens by themselves.

    \b
      grader token client create "LMS bridge" --scope results:read --course 1
      grader token client list
      grader token client revoke 3
    """


@client.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice(tuple(SCOPES)), multiple=True, required=True, help="What it may do (repeat)."
)
@click.option("--course", "course_id", type=int, help="Only in this course.")
@as_whom
def create(name: str, scopes: tuple[str, ...], course_id: int | None, login: str | None) -> None:
    """Make a client called NAME; print its id and, this once, its secret, each on a line."""
    with ready().sessions() as session:
        secret, view = clients.create_client(session, now, acting(session, login), name, scopes, course_id)
    click.echo(f"Client {view.id}, its id and its secret, shown only this once:", err=True)
    click.echo(f"{view.key}\n{secret}")


@client.command("list")
@as_whom
def list_(login: str | None) -> None:
    """List the clients of the person, newest first."""
    with ready().sessions() as session:
        found = clients.list_clients(session, acting(session, login))
    for view in found:
        state = "revoked" if view.revoked else "valid"
        click.echo("\t".join((str(view.id), view.key, state, view.name, " ".join(view.scopes))))


@client.command()
@click.argument("client_id", type=int)
@as_whom
def revoke(client_id: int, login: str | None) -> None:
    """End the client with this number, and its tokens, at once."""
    with ready().sessions() as session:
        clients.revoke_client(session, now, acting(session, login), client_id)
    click.echo(f"Client {client_id} is revoked.")
