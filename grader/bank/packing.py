"""Problems in a zip file, to hand on: packed with their hashes, and unpacked with suspicion."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.bank.compiling import version_of
from grader.bank.problem import Problem
from grader.errors import InvalidRequest

FORMAT, VERSION = "grader-problems", 1
MANIFEST = "manifest.json"
MOST_PROBLEMS = 2_000
LARGEST_FILE = 1_000_000  # bytes; a problem file has at most 200,000 characters
LARGEST_PACKAGE = 50_000_000  # bytes, packed or unpacked
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the same problems are the same bytes, whenever they are packed
_ENCRYPTED = 0x1
_PLACE = re.compile(r"problems/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.yaml")
_PLACES = re.compile(rf"{re.escape(MANIFEST)}|{_PLACE.pattern}")


@dataclass(frozen=True, slots=True)
class Packed:
    """A problem file out of a package: its topic and id as its place says, and its text."""

    topic: str
    id: str
    source: str


class _Entry(BaseModel):
    """A problem in the manifest."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    file: str
    sha256: str


class _Manifest(BaseModel):
    """What a package says of itself; keys that later versions add are passed over."""

    model_config = ConfigDict(extra="ignore", strict=True)

    format: str
    version: int
    problems: list[_Entry] = Field(max_length=MOST_PROBLEMS)


def pack(problems: Iterable[Problem]) -> bytes:
    """The problems as a zip file with a manifest; the same problems give the same bytes."""
    ordered = sorted(problems, key=lambda problem: (problem.topic, problem.id))
    entries = [
        {
            "id": problem.id,
            "title": problem.title,
            "file": f"problems/{problem.topic}/{problem.id}.yaml",
            "sha256": problem.version,
        }
        for problem in ordered
    ]
    manifest: dict[str, Any] = {"format": FORMAT, "version": VERSION, "problems": entries}
    files = {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"}
    files |= {str(entry["file"]): problem.source for entry, problem in zip(entries, ordered, strict=True)}
    return zipped({name: text.encode() for name, text in files.items()})


def zipped(files: dict[str, bytes]) -> bytes:
    """The files as a zip file, the same bytes for the same files."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = ZipInfo(name, EARLIEST)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def unpack(content: bytes) -> tuple[Packed, ...]:
    """The problem files of a package; raises InvalidRequest for whatever is not as `pack` makes it."""
    files = unzipped(content, _PLACES, MOST_PROBLEMS)
    manifest = _manifest(files.pop(MANIFEST, None))
    return tuple(_checked(manifest, files))


def unzipped(content: bytes, places: re.Pattern[str], most_problems: int) -> dict[str, bytes]:
    """The files of a zip file by name, which are one that says what is there, and so many problems at most.

    Nothing is written, no name that `places` does not match is taken, and no more is read than a package of the
    allowed size can hold, whatever its entries say of themselves. All else raises InvalidRequest.
    """
    if len(content) > LARGEST_PACKAGE:
        raise InvalidRequest(f"The package has more than {LARGEST_PACKAGE // 10**6} megabytes.", "FILE")
    try:
        with ZipFile(BytesIO(content)) as archive:
            return dict(_files(archive, places, most_problems))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise InvalidRequest(f"The file is no zip file that can be read: {error}", "FILE") from None


def _files(archive: ZipFile, places: re.Pattern[str], most_problems: int) -> Iterator[tuple[str, bytes]]:
    """The entries, each name once and each size bounded."""
    infos = archive.infolist()
    if len(infos) > most_problems + 1:
        raise InvalidRequest(f"The package holds more than {most_problems} problems.", "FILE")
    seen: set[str] = set()
    left = LARGEST_PACKAGE
    for info in infos:
        shown = info.filename[:120]
        if info.filename in seen:
            raise InvalidRequest(f"The package holds {shown!r} twice.", "FILE")
        if not places.fullmatch(info.filename):
            raise InvalidRequest(f"The package holds {shown!r}, which is no place for a problem.", "FILE")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise InvalidRequest(f"{shown!r} is encrypted, or packed in an unusual way.", "FILE")
        seen.add(info.filename)
        with archive.open(info) as file:
            content = file.read(LARGEST_FILE + 1)
        left -= len(content)
        if len(content) > LARGEST_FILE or left < 0:
            raise InvalidRequest(f"{shown!r} is too large once it is unpacked.", "FILE")
        yield info.filename, content


def _manifest(content: bytes | None) -> _Manifest:
    if content is None:
        raise InvalidRequest(f"The package has no {MANIFEST}.", "FILE")
    try:
        manifest = _Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InvalidRequest(f"{MANIFEST} is not as it should be at {place}: {first['msg']}.", "FILE") from None
    if manifest.format != FORMAT or manifest.version != VERSION:
        message = (
            f"This is {manifest.format[:40]!r}, version {manifest.version}; read is {FORMAT!r}, version {VERSION}."
        )
        raise InvalidRequest(message, "FILE")
    return manifest


def _checked(manifest: _Manifest, files: dict[str, bytes]) -> Iterator[Packed]:
    """Each problem that the manifest names, its text as the manifest says; nothing else may be there."""
    ids: set[str] = set()
    for entry in manifest.problems:
        place = _PLACE.fullmatch(entry.file)
        content = files.pop(entry.file, None)
        if place is None or content is None:
            raise InvalidRequest(f"The manifest names {entry.file[:120]!r}, which is not there.", "FILE")
        if entry.id in ids or place[2] != entry.id:
            raise InvalidRequest(f"{entry.file!r} cannot be the problem {entry.id[:80]!r}.", "FILE")
        ids.add(entry.id)
        try:
            source = content.decode()
        except UnicodeDecodeError:
            raise InvalidRequest(f"{entry.file!r} is not UTF-8 text.", "FILE") from None
        if version_of(source) != entry.sha256:
            raise InvalidRequest(f"{entry.file!r} is not what was packed: its hash is another one.", "FILE")
        yield Packed(place[1], place[2], source)
    if files:
        raise InvalidRequest(f"The manifest does not name {min(files)!r}.", "FILE")
