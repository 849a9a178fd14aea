"""A PostgreSQL of our own in a temporary folder, which may be stopped and started again at will."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from stack import free_port

OWNER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 120


def program(name: str) -> str:
    """A program of PostgreSQL: Debian keeps them apart, by version."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    where = str(found[-1]) if found else shutil.which(name)
    if where is None:
        raise SystemExit(f"{name} is not installed.")
    return where


@dataclass
class Cluster:
    """`with` makes it and starts it, and removes it in the end; its commits are durable, as in earnest."""

    port: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it; it answers, or recovers what it was told, once this returns."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        self._run(
            "pg_ctl", "-D", self._data, "-l", f"{self._data}/log", "-o", options, "-t", str(START_SECONDS), "start"
        )

    def stop(self, mode: str) -> None:
        """Stop it: "fast" ends all transactions, "immediate" is as good as a failure of power."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "stop")

    def _run(self, name: str, *arguments: str) -> None:
        """Run a program as its owner, since PostgreSQL refuses to be started by root."""
        owner = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
        command = [*owner, program(name), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)

    def __enter__(self) -> Self:
        self.port = self.port or free_port()
        self._folder = tempfile.mkdtemp(prefix="grader-postgres-")
        self._data = f"{self._folder}/data"
        if os.geteuid() == 0:
            shutil.chown(self._folder, OWNER)
        self._run("initdb", "-D", self._data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
