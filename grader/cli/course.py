"""`grader course`: courses, who is in them, their assignments and results."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from grader.cli.course_assignments import export_assignment, import_assignment
from grader.cli.installation import acting, as_whom, now, ready
from grader.services import courses
from grader.services.access import ROLES
from grader.services.gradebooks import Shape, as_gradebook
from grader.services.results import course_results
from grader.services.spreadsheets import as_csv


@click.group()
def course() -> None:
    """Make courses, enrol people, hand assignments on, print results.

    \b
      grader course create "Calculus for machine learning"
      grader course enrol 1 ada
      grader course results 1 > results.csv
    """


@course.command()
@click.argument("title")
@as_whom
def create(title: str, login: str | None) -> None:
    """Make a course named TITLE, with its maker as instructor."""
    with ready().sessions() as session:
        made = courses.create_course(session, now, acting(session, login), title)
    click.echo(f"Course {made.id}: {made.title}")


@course.command("list")
@as_whom
def list_(login: str | None) -> None:
    """List the courses that the person is in."""
    with ready().sessions() as session:
        found = courses.list_courses(session, acting(session, login))
    _print_table(("course", "title", "role"), [(str(one.id), one.title, one.role) for one in found])


@course.command()
@click.argument("course_id", type=int)
@click.argument("student")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@as_whom
def enrol(course_id: int, student: str, role: str, login: str | None) -> None:
    """Put the person who logs in as STUDENT into the course; a second time changes the role."""
    with ready().sessions() as session:
        person = courses.enrol(session, now, acting(session, login), course_id, student, role)
    click.echo(f"{person.name} is {role} in course {course_id}.")


@course.command()
@click.argument("course_id", type=int)
@as_whom
def students(course_id: int, login: str | None) -> None:
    """List the students of a course."""
    with ready().sessions() as session:
        found = courses.list_students(session, acting(session, login), course_id)
    _print_table(("student", "login", "name"), [(str(one.id), one.login, one.name) for one in found])


@course.command()
@click.argument("course_id", type=int)
@click.option("--for", "shape", type=click.Choice([*Shape]), help="In the shape that this platform imports.")
@as_whom
def results(course_id: int, shape: str | None, login: str | None) -> None:
    """Print the results of a course as CSV."""
    with ready().sessions() as session:
        table = course_results(session, acting(session, login), course_id)
    click.echo(as_gradebook(table, Shape(shape)) if shape else as_csv(table), nl=False)


course.add_command(export_assignment)
course.add_command(import_assignment)


def _print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table for a person; lines parted by tabs for a program."""
    console = Console()
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table(*heads, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False)
