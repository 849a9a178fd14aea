"""`grader quarantine`: answers that are not judged, because they stopped what judged them."""

from __future__ import annotations

import json

import click

from grader.cli.installation import acting, as_whom, now, ready
from grader.services import quarantine as service

LONGEST_SHOWN = 60


@click.group()
def quarantine() -> None:
    """List answers that broke the judge or ran out of time twice, and have them judged again.

    \b
      grader quarantine list
      grader quarantine retry 3
    """


@quarantine.command("list")
@click.option("--course", "course_id", type=int, help="Only of this course.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the whole text of each answer.")
@as_whom
def list_(course_id: int | None, as_json: bool, login: str | None) -> None:
    """List what is held: number, submission, part, strikes, reason, the answer as typed."""
    with ready().sessions() as session:
        found = service.list_quarantined(session, acting(session, login), course_id)
    for view in found:
        if as_json:
            names = ("id", "submission_id", "part", "response", "strikes", "reason")
            click.echo(json.dumps({name: getattr(view, name) for name in names}))
            continue
        text = json.dumps(view.response)  # escaped: what broke the judge may break a terminal too
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
        click.echo("\t".join((str(view.id), str(view.submission_id), view.part, str(view.strikes), view.reason, shown)))


@quarantine.command()
@click.argument("quarantine_id", type=int)
@as_whom
def retry(quarantine_id: int, login: str | None) -> None:
    """Have the answer with this number judged again; it comes back here should it do harm again."""
    with ready().sessions() as session:
        service.retry(session, now, acting(session, login), quarantine_id)
    click.echo(f"Answer {quarantine_id} will be judged again by the worker.")
