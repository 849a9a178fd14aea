"""`grader course export-assignment` and `import-assignment`: an assignment to a zip file and from one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from grader.bank.loading import load_bank
from grader.bank.packing import LARGEST_PACKAGE
from grader.cli.installation import acting, as_whom, judging_limits, now, ready
from grader.errors import Conflict, InvalidRequest
from grader.services.assignment_imports import ImportedAssignment
from grader.services.assignment_imports import import_assignment as take
from grader.services.assignment_packing import export_assignment as packed
from grader.services.examining import Workshop, examine_within


@click.command()
@click.argument("assignment_id", type=int, metavar="ID")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@as_whom
def export_assignment(assignment_id: int, file: Path, overwrite: bool, login: str | None) -> None:
    """Write the assignment with this number into a zip FILE: its rules and problems, nothing of students.

    \b
      grader course export-assignment 3 week-3.zip
    """
    with ready().sessions() as session:
        content = packed(session, acting(session, login), assignment_id)
    try:
        with file.open("wb" if overwrite else "xb") as out:
            out.write(content)
    except FileExistsError:
        raise Conflict(f"There is a file {file} already. With --overwrite it is replaced.", "FILE") from None
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be written: {error.strerror}.", "FILE") from None
    click.echo(f"Written: {click.style(str(file), bold=True)}.")


@click.command()
@click.argument("course_id", type=int, metavar="COURSE")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_whom
def import_assignment(course_id: int, file: Path, login: str | None) -> None:
    """Take the assignment of a zip FILE into the course, hidden from students.

    All of it is looked at first; if anything must be mended, nothing is made. Problems that are here
    word for word are set as they are, all others become problems of the course.

    \b
      grader course import-assignment 4 week-3.zip
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_PACKAGE + 1)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}.", "FILE") from None
    installation = ready()
    bank = load_bank(installation.config.problems).problems
    with installation.sessions() as session, Workshop(judging_limits(installation.config)) as workshop:
        examine = partial(examine_within, workshop)
        made = take(session, now, acting(session, login), course_id, content, bank, examine)
    click.echo(_told(made))


def _told(made: ImportedAssignment) -> str:
    """What was made, with the dates to be looked at."""
    dates = f"opens {made.opens or 'at once'}, due {made.due or 'never'}"
    lines = [f"Assignment {made.id}: {made.title}, hidden from students. It {dates}: look at the dates, then show it."]
    lines += [f"  A new problem of the course: {own}" for own in made.added.values()]
    lines += [
        f"  {own} was {was}, an id that another problem has here; under its new id it draws other numbers."
        for was, own in made.renamed.items()
    ]
    return "\n".join(lines)
