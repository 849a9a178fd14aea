"""Backups: the whole database in one file with a manifest, taken while it is in use, and put back.

The file is a zip archive of `manifest.json` and the data: a copy by SQLite's online backup, or what pg_dump writes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from grader.errors import Conflict, InvalidRequest
from grader.store import postgres_tools, schema

FORMAT = 1
MANIFEST = "manifest.json"
DATA = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
LARGEST_MANIFEST = 1_000_000  # bytes; one has a line for each table
BLOCK = 1 << 20
REVISIONS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself: `rows` counts those of each table, `sha256` and `bytes` are of the data."""

    format: int
    database: str
    revision: str
    grader: str
    engine: str
    created: str
    rows: Mapping[str, int]
    sha256: str
    bytes: int


def back_up(engine: Engine, file: Path, now: datetime, versions: tuple[str, str]) -> Manifest:
    """Write the database as it is at one moment into a new file that its owner alone may read.

    `versions` are those of the program and of its judge. Writers go on meanwhile. Conflict where the file exists.
    """
    if file.exists():
        raise Conflict(f"{file} exists already. Choose another name, or remove it first.", "FILE")
    if not file.parent.is_dir():
        raise InvalidRequest(f"There is no folder {file.parent}.", "FILE")
    kind = engine.dialect.name
    with _folder_beside(file) as folder:
        data = folder / DATA[kind]
        revision, rows = _dump_sqlite(engine, data) if kind == "sqlite" else _dump_postgres(engine, data)
        created = now.isoformat(timespec="seconds")
        digest, size = _digest(data), data.stat().st_size
        manifest = Manifest(FORMAT, kind, revision, *versions, created, rows, digest, size)
        whole = folder / "whole"
        whole.touch(0o600)
        with whole.open("wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
                archive.write(data, DATA[kind])
            out.flush()
            os.fsync(out.fileno())
        os.link(whole, file)  # unlike a rename it refuses a file that came to be meanwhile
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What the backup says about itself; InvalidRequest where the file is none of ours."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(MANIFEST) as entry:
            found = json.loads(entry.read(LARGEST_MANIFEST))
        manifest = Manifest(**found)
    except FileNotFoundError:
        raise InvalidRequest(f"There is no file {file}.", "FILE") from None
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError):
        raise InvalidRequest(f"{file} is no backup that `grader db backup` has written.", "FILE") from None
    if manifest.format != FORMAT:
        message = f"{file} is a backup of the format {manifest.format}; this version reads {FORMAT}."
        raise InvalidRequest(message, "FILE")
    return manifest


def restore(engine: Engine, file: Path, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of the database, all of it or nothing.

    InvalidRequest where it is damaged, of another kind of database or of a newer version; Conflict where the
    database holds rows and `replace` is not asked for.
    """
    manifest = read_manifest(file)
    kind = engine.dialect.name
    if manifest.database != kind:
        message = f"The backup is of {manifest.database}, the configured database of {kind}."
        raise InvalidRequest(message, "GRADER_DATABASE_URL")
    if not _is_known(manifest.revision):
        message = f"The backup was made by a newer version (revision {manifest.revision}). Install that one first."
        raise InvalidRequest(message, "FILE")
    if not replace and not is_empty(engine):
        raise Conflict("The database is not empty. With --replace all that is in it is lost.", "--replace")
    with _folder_beside(file) as folder:
        data = folder / DATA[kind]
        _extract(file, data, manifest)
        if kind == "sqlite":
            _load_sqlite(engine, data, manifest)
        else:
            postgres_tools.load(engine.url, data, folder / "clear.sql")
    engine.dispose()
    _require_all(engine, manifest)
    return manifest


def is_empty(engine: Engine) -> bool:
    """Whether no table has a row."""
    tables = [name for name in inspect(engine).get_table_names() if name != REVISIONS]
    with engine.connect() as connection:
        quoted = (engine.dialect.identifier_preparer.quote(name) for name in tables)
        return all(connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is None for name in quoted)  # noqa: S608 - quoted names of tables


def _dump_sqlite(engine: Engine, data: Path) -> tuple[str, dict[str, int]]:
    """A copy by the online backup, in one step: in WAL mode writers are not kept waiting, nor seen half."""
    with closing(sqlite3.connect(data)) as copy:
        with closing(sqlite3.connect(engine.url.database or "")) as source:
            source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        _require_whole(copy, data)
        return _described(copy)


def _described(connection: sqlite3.Connection) -> tuple[str, dict[str, int]]:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    if REVISIONS not in names:
        raise Conflict("The database has no tables yet. Run `grader db upgrade`.", "GRADER_DATABASE_URL")
    rows = {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a name of a table
        for name in names
        if name != REVISIONS and not name.startswith("sqlite_")
    }
    return connection.execute(f"SELECT version_num FROM {REVISIONS}").fetchone()[0], rows  # noqa: S608 - a constant


def _require_whole(connection: sqlite3.Connection, data: Path) -> None:
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise InvalidRequest(f"The SQLite file is damaged ({data.name}): {found}", "FILE")


def _dump_postgres(engine: Engine, data: Path) -> tuple[str, dict[str, int]]:
    """What pg_dump writes, and the counts of rows, both at the same snapshot."""
    names = sorted(name for name in inspect(engine).get_table_names() if name != REVISIONS)
    if not inspect(engine).has_table(REVISIONS):
        raise Conflict("The database has no tables yet. Run `grader db upgrade`.", "GRADER_DATABASE_URL")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        revision = str(connection.execute(text(f"SELECT version_num FROM {REVISIONS}")).scalar_one())  # noqa: S608 - a constant
        postgres_tools.dump(engine.url, data, snapshot)
        quote = engine.dialect.identifier_preparer.quote
        rows = {
            name: int(connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one())  # noqa: S608 - a quoted name of a table
            for name in names
        }
    return revision, rows


def _extract(file: Path, data: Path, manifest: Manifest) -> None:
    """The data of a backup as a file; what is longer or other than the manifest says is refused."""
    digest, left = sha256(), manifest.bytes
    try:
        with (
            zipfile.ZipFile(file) as archive,
            archive.open(DATA[manifest.database]) as entry,
            data.open("xb") as out,
        ):
            while block := entry.read(min(BLOCK, left + 1)):
                left -= len(block)
                digest.update(block)
                if left < 0:
                    break
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        left = -1
    if left != 0 or digest.hexdigest() != manifest.sha256:
        raise InvalidRequest(f"{file} is damaged: its data is not what was written. Nothing was restored.", "FILE")


def _load_sqlite(engine: Engine, data: Path, manifest: Manifest) -> None:
    """Copy the backup over the database in one transaction of SQLite's, after looking at it."""
    with closing(sqlite3.connect(data)) as copy:
        _require_whole(copy, data)
        if _described(copy) != (manifest.revision, dict(manifest.rows)):
            raise InvalidRequest("The backup does not hold the rows that its manifest names.", "FILE")
        with closing(sqlite3.connect(engine.url.database or "", timeout=30)) as target:
            copy.backup(target)


def _require_all(engine: Engine, manifest: Manifest) -> None:
    """Refuse to call a restore done that is not: every table has its rows again."""
    quote = engine.dialect.identifier_preparer.quote
    with engine.connect() as connection:
        for name, count in manifest.rows.items():
            found = connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one()  # noqa: S608 - a quoted name
            if found != count:
                raise Conflict(f"After restoring, the table {name} has {found} rows in place of {count}.", "FILE")


def _is_known(revision: str) -> bool:
    scripts = ScriptDirectory(str(schema.migrations()))
    return revision in {each.revision for each in scripts.walk_revisions()}


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """A folder on the same disk that its owner alone may enter, removed at the end."""
    with tempfile.TemporaryDirectory(prefix=".grader-backup-", dir=file.parent) as folder:
        yield Path(folder)


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        for block in _blocks(file):
            found.update(block)
    return found.hexdigest()


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
