"""`grader bank import`: problems out of a package, looked at before anything is written."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.bank.compiling import version_of
from grader.bank.findings import ERROR, Finding, merged
from grader.bank.linting import lint_problem
from grader.bank.loading import load_bank, load_problem
from grader.bank.packing import LARGEST_PACKAGE, Packed, unpack
from grader.cli.choosing import as_json_option, configured_folders
from grader.cli.printing import print_findings, print_json, progress
from grader.errors import BankErrors, Conflict, InvalidRequest
from grader.grading import grade

FOUND = 1


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="The folder of the topics (default: the bank's)."
)
@as_json_option
def import_command(file: Path, into: Path | None, as_json: bool) -> None:
    """Take the problems of a package that `grader bank export` made.

    All of it is looked at first: places, sizes, hashes, and every problem as lint does. If anything
    must be mended, or an id is taken by another problem, nothing is written. Problems that are there
    already, word for word, are passed over.

    \b
      grader bank import calculus.zip --into drafts
    """
    folder = into if into is not None else configured_folders()[0]
    packed = unpack(_content(file))
    new = _new(packed, folder)
    findings = _findings(new)
    faults = [finding for finding in findings if finding.severity == ERROR]
    if not faults:
        for path, one in new.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="") as out:
                out.write(one.source)
    if as_json:
        written = [] if faults else [str(path) for path in new]
        told = {"written": written, "present": len(packed) - len(new)}
        print_json({**told, "findings": [finding.to_json() for finding in findings]})
    else:
        print_findings(findings)
        click.echo(_summary(len(new), len(packed) - len(new), len(faults)))
    if faults:
        sys.exit(FOUND)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_PACKAGE + 1)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}.", "FILE") from None


def _new(packed: tuple[Packed, ...], folder: Path) -> dict[Path, Packed]:
    """The problems that are not there yet, each with its place; another one under the same id is a conflict."""
    present = load_bank(path for path in (*configured_folders(), folder) if path.exists()).problems
    new: dict[Path, Packed] = {}
    for one in packed:
        known = present.get(one.id)
        path = folder / one.topic / f"{one.id}.yaml"
        if known is not None and known.version == version_of(one.source):
            continue
        if known is not None or path.exists():
            place = known.file if known is not None else path
            raise Conflict(f"{place} is there and says something else. Nothing was written.", "FILE")
        new[path] = one
    return new


def _findings(new: dict[Path, Packed]) -> tuple[Finding, ...]:
    """All that lint says about them, as if they stood in their places."""
    findings: list[Finding] = []
    with progress("Looking at", len(new)) as advance:
        for path, one in new.items():
            try:
                findings.extend(lint_problem(load_problem(one.source, str(path)), grade))
            except BankErrors as error:
                findings.extend(Finding.of(fault, "file") for fault in error.errors)
            advance(1)
    return merged(findings)


def _summary(new: int, present: int, faults: int) -> str:
    if faults:
        return f"{faults} fault{'s' * (faults != 1)}: nothing was written."
    there = f", {present} there already" if present else ""
    return f"{new} problem{'s' * (new != 1)} written{there}."
