"""`grader token`: access for programs."""

from __future__ import annotations

from datetime import timedelta

import click

from grader.cli.installation import acting, as_whom, now, ready
from grader.cli.token_clients import client
from grader.services import tokens
from grader.services.access import SCOPES


@click.group()
def token() -> None:
    """Make and revoke tokens for programs.

    \b
      grader token create "LMS bridge" --scope results:read --course 1 --days 365
      grader token list
      grader token revoke 3
    """


@token.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice(tuple(SCOPES)), multiple=True, required=True, help="What it may do (repeat)."
)
@click.option("--course", "course_id", type=int, help="Only in this course.")
@click.option("--days", type=click.IntRange(min=1, max=3650), help="Ends after so many days.")
@as_whom
def create(name: str, scopes: tuple[str, ...], course_id: int | None, days: int | None, login: str | None) -> None:
    """Make a token called NAME and print it, this once.

    The token alone goes to standard output, so that a script can keep it.
    """
    expires = now() + timedelta(days=days) if days else None
    with ready().sessions() as session:
        plaintext, view = tokens.create_token(session, now, acting(session, login), name, scopes, course_id, expires)
    click.echo(f"Token {view.id}, shown only this once:", err=True)
    click.echo(plaintext)


@token.command("list")
@as_whom
def list_(login: str | None) -> None:
    """List the tokens of the person, newest first."""
    with ready().sessions() as session:
        found = tokens.list_tokens(session, acting(session, login))
    for view in found:
        state = "revoked" if view.revoked else "ended" if view.expires and view.expires <= now() else "valid"
        click.echo("\t".join((str(view.id), view.hint, state, view.name, " ".join(view.scopes))))


@token.command()
@click.argument("token_id", type=int)
@as_whom
def revoke(token_id: int, login: str | None) -> None:
    """End the token with this number at once."""
    with ready().sessions() as session:
        tokens.revoke_token(session, now, acting(session, login), token_id)
    click.echo(f"Token {token_id} is revoked.")


token.add_command(client)
