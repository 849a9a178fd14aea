"""Fragments that problems share: texts for `{{> name}}`, and parameters, quantities and hints for `use`.

A problem that uses some carries them in its own source, below what its author wrote: so its text says
all that a variant is made of, wherever it is stored, and its version changes with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from grader.bank.faults import nearest
from grader.bank.source import Document, Origin, Path, Place, read_source
from grader.errors import BankError, BankErrors

FOLDER = "fragments"
MOST_FRAGMENTS = 20
LONGEST = 20_000
_MAPPINGS = ("variables", "parameters", "derived")
_LISTS = ("symbols", "where", "hints")
_INCLUDED = re.compile(r"\{\{>\s*([a-z][a-z0-9-]{0,79})\s*\}\}")
_MAY_USE = re.compile(r"use[\"']?\s*[:\n]")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,79}")
_SUFFIXES = (".md", ".yaml", ".yml")


def bundled(source: str, file: FilePath) -> tuple[str, tuple[Origin, ...]]:
    """The source with the fragments that it names from the bank's folder, and where each comes from.

    Raises BankErrors for a fragment that cannot be read; one that is not there is left to the problem's own faults.
    """
    if not _MAY_USE.search(source) and not _INCLUDED.search(source):
        return source, ()  # most problems use none, and reading YAML is what takes time
    document = read_source(source, str(file))
    if not isinstance(document.data, dict) or FOLDER in document.data:
        return source, ()
    names = dict.fromkeys([*_used(document), *_INCLUDED.findall(source)])
    found = [path for name in list(names)[:MOST_FRAGMENTS] if (path := _file_of(name, file)) is not None]
    if not found:
        return source, ()
    text = source.replace("\r\n", "\n").rstrip("\n") + f"\n{FOLDER}:\n"
    origins: list[Origin] = []
    for path in found:
        head, indent = (f"  {path.stem}:\n    text: |2\n", 6) if path.suffix == ".md" else (f"  {path.stem}:\n", 4)
        text += head
        origins.append(Origin(text.count("\n") + 1, str(path), indent))
        text += "".join(f"{' ' * indent}{line}".rstrip() + "\n" for line in _read(path).splitlines())
    return text, tuple(origins)


def _used(document: Document) -> list[str]:
    used = document.value(("use",))
    return [name for name in used if isinstance(name, str) and _NAME.fullmatch(name)] if isinstance(used, list) else []


def _file_of(name: str, file: FilePath) -> FilePath | None:
    """The file of a fragment in the nearest folder of fragments above the problem."""
    for folder in list(file.absolute().parents)[:3]:
        for suffix in _SUFFIXES:
            path = folder / FOLDER / f"{name}{suffix}"
            if path.is_file():
                return path
    return None


def _read(path: FilePath) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BankErrors((BankError(f"The fragment cannot be read: {error}.", str(path), 1, 1),)) from None
    if len(text) > LONGEST:
        message = f"The fragment has {len(text)} characters; at most {LONGEST} are read."
        raise BankErrors((BankError(message, str(path), 1, 1, "Split it."),))
    return text


def with_fragments(document: Document) -> tuple[Document, list[BankError]]:
    """The document with what the fragments of `use` declare put before its own, and the faults in that."""
    errors: list[BankError] = []
    if not isinstance(document.data, dict):
        return document, errors
    known = document.data.get(FOLDER)
    fragments: Mapping[str, Any] = known if isinstance(known, dict) else {}
    merged = _Merged(document)
    for place, name in enumerate(_used(document)):
        fragment = fragments.get(name)
        if not isinstance(fragment, dict):
            repair = nearest(name, fragments) or f"Write it as {FOLDER}/{name}.yaml in the bank."
            errors.append(document.error(("use", place), f"There is no fragment {name!r}.", repair))
            continue
        errors.extend(merged.take(name, fragment))
    return replace(document, data=merged.data, values=merged.values, keys=merged.keys), errors


class _Merged:
    """The data of a problem as fragments are put into it, with the places of all that comes along."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = dict(document.data)
        self.values, self.keys = dict(document.values), dict(document.keys)

    def take(self, name: str, fragment: Mapping[str, Any]) -> Iterator[BankError]:
        """Put in one fragment; names that are taken are faults."""
        for section in _MAPPINGS:
            given, own = fragment.get(section), self.data.get(section) or {}
            if not isinstance(given, dict) or not isinstance(own, dict):
                continue
            for key in given:
                if key in own:
                    message = f"{key!r} is declared by the fragment {name!r} already."
                    yield self.document.error((section, key), message, "Rename one of the two.", at_key=True)
            self._move((FOLDER, name, section), (section,))
            self.data[section] = {**given, **own}
        for section in _LISTS:
            given, own = fragment.get(section), self.data.get(section) or []
            if isinstance(given, list) and isinstance(own, list):
                for place in range(len(given)):
                    self._move((FOLDER, name, section, place), (section, len(own) + place))
                self.data[section] = [*own, *given]

    def _move(self, old: Path, new: Path) -> None:
        """Let places below a path of a fragment count for the path that they have in the problem."""
        tables: tuple[dict[Path, Place], ...] = (self.values, self.keys)
        for table in tables:
            moved = {(*new, *path[len(old) :]): place for path, place in table.items() if path[: len(old)] == old}
            table.update({path: place for path, place in moved.items() if path not in table})
