"""Programs that tests start beside themselves, and waiting for what they do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests import servers
from tests.small_bank import PROBLEMS

ROOT = Path(__file__).parents[2]
SERVE = [sys.executable, "-c", "from grader.cli import main; main()", "serve", "--port"]
PATIENCE = 60.0  # seconds, for a machine on which other tests run
SLOPE, POWER = "derivative-polynomial", "derivative-chain-power"
"""The problems of the bank that `serving` serves."""


@contextmanager
def started(command: list[str], mark: str, **environment: str) -> Iterator[None]:
    """A program that has printed `mark`, until its input is closed or it is told to end."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, text=True, **pipes)
    assert process.stdout is not None
    with process, process.stdout as output:
        printed: list[str] = []
        for line in output:
            printed.append(line)
            if mark in line:
                break
        else:
            pytest.fail("".join(printed))
        rest = Thread(target=output.read)  # a full pipe would stop the program
        rest.start()
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)
            rest.join(timeout=10)


def until(ask: Callable[[], Any]) -> Any:
    """What `ask` gives once that is true; it fails after a minute."""
    end = time.monotonic() + PATIENCE
    while not (found := ask()):
        if time.monotonic() > end:
            pytest.fail("waited in vain")
        time.sleep(0.05)
    return found


@contextmanager
def serving(template: Path, home: Path, secret: str) -> Iterator[tuple[str, str]]:
    """`grader serve` on a copy of this SQLite file, with two problems; its address and its database."""
    shutil.copy(template, home / "grader.sqlite3")
    (home / "problems").mkdir()
    for name in (SLOPE, POWER):
        shutil.copy(PROBLEMS / "derivatives" / f"{name}.yaml", home / "problems")
    database, port = f"sqlite:///{home}/grader.sqlite3", servers.free_port()
    settings = {
        "GRADER_DATABASE_URL": database,
        "GRADER_SECRET_KEY": secret,
        "GRADER_PROBLEMS": str(home / "problems"),
        "GRADER_GRADING_PROCESSES": "1",
        "PYTHONUNBUFFERED": "1",
    }
    with started([*SERVE, str(port)], "Serving at", **settings):
        yield f"http://127.0.0.1:{port}", database
