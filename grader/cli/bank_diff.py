"""`grader bank diff`: what a change of problem files changes for students."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.bank.comparing import KEY, MEANINGS, POINTS, BankDiff, Change, compare, seeds_words
from grader.bank.findings import Finding
from grader.bank.loading import load_bank
from grader.bank.problem import Problem
from grader.cli.choosing import as_json_option, configured_folders, existing
from grader.cli.printing import print_findings, print_json, progress
from grader.cli.revisions import bank_at
from grader.errors import BankError, InvalidRequest
from grader.grading import grade

FOUND = 1
LONGEST_SHOWN = 160
Problems = dict[str, Problem]


@click.command("diff")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="OLD NEW")
@click.option("--seeds", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many seeds.")
@click.option("--git", "revision", metavar="REV", help="Compare with this revision: the paths are then all NEW.")
@as_json_option
def diff_command(paths: tuple[Path, ...], seeds: int, revision: str | None, as_json: bool) -> None:
    """Compare two states of problems: what is added, removed, changed, and which keys and points.

    OLD and NEW are two files or two folders. A key that is only written in another way counts as the
    same. Exits with 1 where a key has changed, or a file cannot be read.

    \b
      grader bank diff problems.old problems
      grader bank diff --git HEAD                    the bank against the last commit
      grader bank diff --git v1.0 problems/descent
    """
    old, new, errors = _states(paths, revision)
    with progress("Comparing", len(old.keys() & new.keys())) as advance:
        found = compare(old, new, seeds, grade, lambda _id: advance(1))
    broken = [Finding.of(error, "file") for error in errors]
    if as_json:
        print_json({**found.to_json(), "files": [each.to_json() for each in broken]})
    else:
        print_findings(broken)
        _print_diff(found)
    if found.changes_a_key or broken:
        sys.exit(FOUND)


def _states(paths: tuple[Path, ...], revision: str | None) -> tuple[Problems, Problems, list[BankError]]:
    """The problems before and after, and the faults of files that cannot be read."""
    if revision is not None:
        present = existing(paths or configured_folders())
        before, bank = bank_at(revision, present), load_bank(present)
        return dict(before.problems), dict(bank.problems), [*before.errors, *bank.errors]
    if len(paths) != 2:
        raise InvalidRequest("Give two files or two folders, OLD and NEW, or a revision with --git.", "OLD NEW")
    banks = [load_bank([path]) for path in existing(paths)]
    old, new = (dict(bank.problems) for bank in banks)
    if all(path.is_file() for path in paths) and len(old) == len(new) == 1 and old.keys() != new.keys():
        old = {next(iter(new)): next(iter(old.values()))}  # two files are one problem, whatever they call it
    return old, new, [error for bank in banks for error in bank.errors]


def _print_diff(found: BankDiff) -> None:
    for sign, colour, ids in (("+", "green", found.added), ("-", "red", found.removed)):
        for name in ids:
            click.secho(f"{sign} {name}", fg=colour)
    for problem in found.changed:
        click.echo(f"~ {click.style(problem.id, bold=True)}")
        if not problem.changes:
            click.echo(f"    nothing that a student could see on {found.seeds} seeds")
        for change in problem.changes:
            _print_change(change, found.seeds)
    counts = {"added": len(found.added), "removed": len(found.removed), "changed": len(found.changed)}
    click.echo(", ".join(f"{count} {word}" for word, count in counts.items()) + f", {found.unchanged} unchanged.")


def _print_change(change: Change, seeds: int) -> None:
    colour = {KEY: "red", POINTS: "yellow"}.get(change.kind)
    part = f"{change.part}: " if change.part else ""
    click.secho(f"    {part}{MEANINGS[change.kind]} ({seeds_words(change.seeds, seeds)})", fg=colour)
    if change.before != change.after:
        for sign, text in (("-", change.before), ("+", change.after)):
            line = " ".join(text.split())
            click.echo(f"      {sign} {line if len(line) <= LONGEST_SHOWN else line[:LONGEST_SHOWN] + ' …'}")
