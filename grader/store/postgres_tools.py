"""PostgreSQL's own programs, found by name: pg_dump, and pg_restore with psql.

The password travels in their environment, never among the arguments that every user of a machine can see.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from grader.errors import ConfigError, PlatformFailed

# One transaction with what is restored: should that fail, nothing was cleared.
CLEAR = """
DO $clear$
DECLARE name text;
BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE 'DROP TABLE IF EXISTS ' || name || ' CASCADE';
    END LOOP;
    FOR name IN SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace LOOP
        EXECUTE 'DROP FUNCTION IF EXISTS ' || name || ' CASCADE';
    END LOOP;
END $clear$;
"""


def dump(url: URL, data: Path, snapshot: str) -> None:
    """Write the database at this snapshot in pg_dump's own format."""
    _run(
        url,
        "pg_dump",
        *("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={data}"),
        f"--dbname={_address(url)}",
    )


def load(url: URL, data: Path, script: Path) -> None:
    """Put what `dump` wrote in the place of everything in the database, in one transaction; `script` is made."""
    script.write_text(CLEAR, encoding="ascii")
    statements = data.with_suffix(".sql")
    _run(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={statements}", str(data))
    _run(
        url,
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
        *(f"--file={script}", f"--file={statements}"),
        f"--dbname={_address(url)}",
    )


def _address(url: URL) -> str:
    """The database as these programs are told of it, without the password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(url: URL, name: str, *arguments: str) -> None:
    """Run a program to its end, else an error with the last line that it said."""
    program = shutil.which(name)
    if program is None:
        message = f"{name} was not found. Install the client programs of PostgreSQL, of the server's version or later."
        raise ConfigError(message, "PATH")
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    environment = os.environ | secret | {"LC_ALL": "C"}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed program
    if done.returncode:
        said = " ".join(done.stderr.split())[-500:] or f"exit code {done.returncode}"
        raise PlatformFailed(f"{name} failed: {said}")
