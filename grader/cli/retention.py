"""`grader retention`: erasing what courses keep no longer."""

from __future__ import annotations

import click

from grader.cli.installation import now, ready
from grader.services import retention as service


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list who would be erased, by number.")
def retention(dry_run: bool) -> None:
    """Erase students whose time is over by the rule of their course; have it run once a day.

    A course's instructors say on its page of people how many days after the last thing that a student did there
    they are erased; without a rule nobody is. Answers stay under a pseudonym where the course keeps them.

    \b
      grader retention --dry-run
      grader retention
    """
    with ready().sessions() as session:
        if dry_run:
            for one in service.due(session, now):
                click.echo(f"course {one.course_id}\tperson {one.person_id}")
            return
        count = service.apply(session, now)
    click.echo(f"{count} {'student' if count == 1 else 'students'} erased.")
