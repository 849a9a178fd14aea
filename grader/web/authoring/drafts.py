"""Problem files that are being written: read again when they change, the last good state of each kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock

from grader.bank.findings import Finding
from grader.bank.fragments import bundled
from grader.bank.loading import load_file, problem_files
from grader.bank.problem import Problem
from grader.errors import BankErrors, NotFound
from grader.services.examining import linted

VERSION_DIGITS = 12


@dataclass(frozen=True)
class Draft:
    """A problem file as it is now.

    `problem` is the last state that could be read: the present one where `is_current`. `lines` are
    those of the file, to show where a finding stands.
    """

    key: str
    path: Path
    version: str
    problem: Problem | None
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()
    is_current: bool = True
    is_missing: bool = False

    @property
    def title(self) -> str:
        """What the problem is called, or its file where nothing is known of it."""
        return self.problem.title if self.problem is not None else self.path.name


class Drafts:
    """The problem files in some files and folders."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._known: dict[str, Draft] = {}
        self._lock = Lock()

    def keys(self) -> dict[str, Path]:
        """The files that there are now, each under a short name that leads to it."""
        found = {_key(path, self.paths): path for path in problem_files(self._existing(), [])}
        for path in self.paths:  # a file that is being saved may be gone for a moment
            if path.suffix and not path.is_dir():
                found.setdefault(_key(path, self.paths), path)
        return found

    def _existing(self) -> list[Path]:
        return [path for path in self.paths if path.exists()]

    def draft(self, key: str) -> Draft:
        """The file as it is now; it is read and linted only where it has changed."""
        with self._lock:
            known = self._known.get(key)
            path = self.keys().get(key) or (known.path if known is not None else None)
            if path is None:
                raise NotFound("There is no such problem file.")
            self._known[key] = found = _read(key, path, known)
            return found


def _read(key: str, path: Path, known: Draft | None) -> Draft:
    """The file read anew, or what is known where nothing has changed."""
    try:
        content = path.read_bytes()
    except OSError:
        if known is None:
            return Draft(key, path, "missing", None, is_missing=True, is_current=False)
        return known if known.is_missing else replace(known, version=f"{known.version}-gone", is_missing=True)
    text = content.decode("utf-8", "replace")
    version = _version(text, path)
    if known is not None and known.version == version:
        return known
    lines = tuple(text.split("\n"))
    try:
        problem = load_file(path)
    except BankErrors as error:
        findings = tuple(Finding.of(fault, "file") for fault in error.errors)
        last = known.problem if known is not None else None
        return Draft(key, path, version, last, findings, lines, is_current=False)
    return Draft(key, path, version, problem, linted(problem), lines)


def _version(text: str, path: Path) -> str:
    """The same as long as nothing changes in the file and in the fragments that it uses."""
    try:
        whole, _ = bundled(text, path)
    except BankErrors as error:
        whole = f"{text}\n{error}"
    return sha256(whole.encode()).hexdigest()[:VERSION_DIGITS]


def _key(path: Path, roots: Sequence[Path]) -> str:
    """The path as seen from the folder that it was found in."""
    for root in roots:
        if root.is_dir() and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name
