"""The real server as a process of its own, on PostgreSQL, with the demo course."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from grader.services import tokens
from grader.services.access import SCOPES, Actor
from grader.services.demo import create_demo
from grader.services.problems import source_of
from grader.store.database import open_engine, open_sessions
from grader.store.users import by_login
from grader.web.app import utc_now
from tests import servers
from tests.conftest import drop_postgres_database, migrated, postgres_database
from tests.small_bank import small_bank

ROOT = Path(__file__).parents[2]
SERVE = [sys.executable, "-c", "from grader.cli import main; main()", "serve", "--port"]


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of a database with all tables."""
    url = postgres_database()
    try:
        yield migrated(url)
    finally:
        drop_postgres_database(url)


def token_of_the_demo(url: str) -> str:
    """A token with all scopes for the instructor of a demo course."""
    engine = open_engine(url)
    with open_sessions(engine)() as session:
        create_demo(session, utc_now, [source_of(one) for one in small_bank().problems.values()])
        person = by_login(session, "instructor")
        assert person is not None
        token, _ = tokens.create_token(session, utc_now, Actor(person.id), "generated", SCOPES)
    engine.dispose()
    return token


@contextmanager
def serving(url: str, **settings: str) -> Iterator[str]:
    """The address of the API at a server of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "GRADER_DATABASE_URL": url,
        "GRADER_SECRET_KEY": "s" * 40,
        "GRADER_API_REQUESTS_PER_MINUTE": "1000000",
        "GRADER_GRADING_PROCESSES": "1",
        **settings,
    }
    port = servers.free_port()
    command = [*SERVE, str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        with closing(process.stdout):
            try:
                assert "Serving at" in process.stdout.readline()
                yield f"http://127.0.0.1:{port}/api/v1"
            finally:
                process.terminate()
                process.wait(30)
