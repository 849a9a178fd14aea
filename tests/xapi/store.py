"""The learning record store Ralph, started beside the tests in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from grader.xapi.sending import Store
from tests import servers
from tests.lti.processes import started

PYTHON = Path(__file__).parents[2] / ".venv-ralph" / "bin" / "python"
RUN = Path(__file__).parent / "ralph" / "run.py"
KEY, SECRET = "grader", "a password"


@contextmanager
def running(home: Path) -> Iterator[Store]:
    """The store, keeping what it takes in files of this folder."""
    if not PYTHON.exists():
        servers.missing("ralph", "run `make ralph` to install ralph-malph")
    (home / "statements").mkdir()
    settings = {
        "RALPH_APP_DIR": str(home),
        "RALPH_RUNSERVER_BACKEND": "fs",
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(home / "statements"),
    }
    account = ["-u", KEY, "-p", SECRET, "-s", "all", "-M", "mailto:grader@example.org", "-w"]
    command = [str(PYTHON.with_name("ralph")), "auth", *account]
    subprocess.run(command, check=True, env={**os.environ, **settings}, capture_output=True)
    port = servers.free_port()
    with started([str(PYTHON), str(RUN), str(port)], "Uvicorn running", **settings):
        yield Store(f"http://127.0.0.1:{port}/xAPI", KEY, SECRET)


def kept(store: Store, account: str) -> list[dict[str, Any]]:
    """What the store has of a person, in the order of time."""
    headers = {"X-Experience-API-Version": "1.0.3"}
    asked = {"limit": "100"}
    reply = httpx.get(f"{store.endpoint}/statements", params=asked, headers=headers, auth=(KEY, SECRET), timeout=30)
    assert reply.status_code == 200, reply.text
    found = [one for one in reply.json()["statements"] if one["actor"]["account"]["name"] == account]
    return sorted(found, key=lambda one: str(one["timestamp"]))
