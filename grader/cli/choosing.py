"""Problems as they are named on the command line: by id, by file, by folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.bank.loading import SUFFIXES, Bank, load_bank, load_file
from grader.bank.problem import Problem
from grader.config import load_config
from grader.errors import BankError, BankErrors, InvalidRequest

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
bank_option = click.option(
    "--bank",
    "folders",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folders or files of problems (default: the setting GRADER_PROBLEMS).",
)


def configured_folders() -> tuple[Path, ...]:
    """The folders of the bank that the settings name."""
    return load_config(os.environ).problems


def existing(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The paths, all of which must be there: a slip in a path is no clean bank."""
    for path in paths:
        if not path.exists():
            raise InvalidRequest(f"There is no file or folder {path}.", "PATH")
    return paths


def is_path(name: str) -> bool:
    """Whether a problem is named by its file or folder: no id holds a slash or ends in .yaml."""
    return "/" in name or os.sep in name or Path(name).suffix in SUFFIXES or Path(name).is_dir()


def chosen_problems(names: tuple[str, ...], folders: tuple[Path, ...]) -> tuple[list[Problem], tuple[BankError, ...]]:
    """The problems with these ids or in these files, all without any; and the faults of files that are broken."""
    paths = tuple(Path(name) for name in names if is_path(name))
    listed = load_bank(existing(paths))
    if names and len(paths) == len(names):
        return list(listed.problems.values()), listed.errors
    found = load_bank(existing(folders or configured_folders()))
    if not names:
        return list(found.problems.values()), found.errors
    named = [found.problem(name) for name in names if not is_path(name)]
    return [*named, *listed.problems.values()], listed.errors


def named_problem(id: str, folders: tuple[Path, ...]) -> Problem:
    """The problem with an id or in a file; if its own file is broken, the faults of that file."""
    if is_path(id):
        (path,) = existing((Path(id),))
        if path.is_dir():
            raise InvalidRequest(f"{path} is a folder. Name one file.", "ID")
        return load_file(path)
    found: Bank = load_bank(existing(folders or configured_folders()))
    if id not in found.problems:
        faults = tuple(error for error in found.errors if Path(error.file).stem == id)
        if faults:
            raise BankErrors(faults)
    return found.problem(id)
