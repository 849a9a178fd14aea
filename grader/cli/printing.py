"""What several commands print alike: progress, JSON, findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.bank.findings import ERROR, Finding


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar where a person watches, nothing where a program does."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


def print_json(data: object) -> None:
    """Data for programs."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_findings(findings: Iterable[Finding]) -> None:
    """Each finding in a line, faults in red."""
    for finding in findings:
        click.secho(str(finding), fg="red" if finding.severity == ERROR else "yellow")
