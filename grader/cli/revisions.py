"""The bank as it stood at a revision of its Git repository."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.bank.fragments import FOLDER
from grader.bank.loading import Bank, load_bank
from grader.errors import ConfigError, InvalidRequest


def bank_at(revision: str, paths: Sequence[Path]) -> Bank:
    """The problems below these paths at a revision, with the fragments that they use."""
    with TemporaryDirectory(prefix="grader-") as folder:
        places = [_copied(revision, path, Path(folder) / str(number)) for number, path in enumerate(paths)]
        bank = load_bank(place for place in places if place.exists())
        errors = [replace(error, file=_told(error.file, Path(folder), revision)) for error in bank.errors]
    return replace(bank, errors=tuple(errors))


def _told(file: str, folder: Path, revision: str) -> str:
    """The name of a file as Git would say it."""
    inside = Path(file).relative_to(folder)
    return f"{revision}:{Path(*inside.parts[1:]).as_posix()}"


def _copied(revision: str, path: Path, folder: Path) -> Path:
    """The files below a path as they were, written below a folder; where the path is there."""
    place = (path if path.is_dir() else path.parent).resolve()
    root = Path(_git(place, "rev-parse", "--show-toplevel").strip()).resolve()
    commit = _git(place, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").strip()
    wanted = path.resolve().relative_to(root)
    for name in _git(place, "ls-tree", "-r", "--full-tree", "--name-only", "-z", commit).split("\0"):
        file = Path(name)
        if name and (file == wanted or wanted in file.parents or file.parent.name == FOLDER):
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_git(place, "show", f"{commit}:{name}"), encoding="utf-8")
    return folder / wanted


def _git(place: Path, *arguments: str) -> str:
    """What Git prints; its own complaint is the caller's fault."""
    program = shutil.which("git")
    if program is None:
        raise ConfigError("Git is not installed, so there are no revisions to compare with.", "--git")
    done = subprocess.run(  # noqa: S603 - a fixed program, the revision behind --end-of-options
        [program, "-C", str(place), *arguments], capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["Git gave no reason."]
        raise InvalidRequest(f"Git: {said[0]}", "--git")
    return done.stdout.decode("utf-8", "replace")
