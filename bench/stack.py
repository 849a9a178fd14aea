"""The real stack for bench/load.py and bench/chaos.py: a database, gunicorn, workers, and a course in it."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from sqlalchemy import Engine, insert, make_url

from grader.bank.loading import load_bank
from grader.services import assignments, courses, users
from grader.services.access import SCOPES, Actor
from grader.services.assignments import ChosenProblem
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.store import schema
from grader.store.database import open_engine, open_sessions
from grader.store.enrolments import Enrolment
from grader.store.tokens import Token
from grader.store.users import User

ROOT = Path(__file__).parents[1]
GRADER = [sys.executable, "-c", "from grader.cli import main; main()"]
SERVER = os.environ.get("GRADER_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
REDIS = os.environ.get("GRADER_TEST_REDIS_URL", "redis://127.0.0.1:6379") + "/9"
READY_SECONDS = 300
BATCH = 1000


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def database(name: str, server: str = SERVER) -> Iterator[str]:
    """A new PostgreSQL database with all tables, dropped in the end; its commits are durable, as in earnest."""
    plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    engine = open_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    try:
        yield url
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@dataclass(frozen=True)
class Place:
    """A course with students, each of whom has a token, and an assignment of one problem."""

    course_id: int
    teacher: Actor
    assignment_id: int
    problem: str
    source: str
    students: Sequence[tuple[int, str]]


def make_place(engine: Engine, problem: str, students: int, policy: Policy) -> Place:
    """The course; students and their tokens are inserted in bulk, as a roster would."""
    bank = load_bank((ROOT / "problems",))
    chosen = source_of(bank.problem(problem))
    with open_sessions(engine)() as session:
        teacher = Actor(users.register(session, now, "teacher", "Teacher", None, is_staff=True).id)
        course = courses.create_course(session, now, teacher, "Load")
        made = assignments.create_assignment(
            session, now, teacher, course.id, "Under load", [ChosenProblem(chosen)], policy
        )
        people = _add_students(session.connection().engine, course.id, students)
    return Place(course.id, teacher, made.id, problem, chosen.source, people)


def _add_students(engine: Engine, course_id: int, many: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for start in range(0, many, BATCH):
        with engine.begin() as connection:
            rows = [
                {"login": f"student-{number}", "name": f"Student {number}", "is_staff": False, "created": now()}
                for number in range(start, min(start + BATCH, many))
            ]
            ids = connection.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), rows).all()
            tokens = [f"grader_{number:043d}" for number in ids]
            connection.execute(
                insert(Enrolment),
                [{"course_id": course_id, "user_id": one, "role": "student", "created": now()} for one in ids],
            )
            connection.execute(
                insert(Token),
                [
                    {
                        "user_id": one,
                        "name": "load",
                        "hint": "grader_",
                        "hash": hashlib.sha256(token.encode()).hexdigest(),
                        "scopes": list(SCOPES),
                        "created": now(),
                    }
                    for one, token in zip(ids, tokens, strict=True)
                ],
            )
            found += zip(ids, tokens, strict=True)
    return found


@dataclass
class Stack:
    """Processes of ours with the same settings; ended with `close`."""

    database_url: str
    broker_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    _started: ExitStack = field(default_factory=ExitStack)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of every process."""
        given = {
            "GRADER_DATABASE_URL": self.database_url,
            "GRADER_BROKER_URL": self.broker_url,
            "GRADER_SECRET_KEY": "s" * 40,
            "GRADER_LOG_LEVEL": "warning",
            "GRADER_API_REQUESTS_PER_MINUTE": "1000000",
            "GRADER_METRICS": "loopback",
        }
        return {**os.environ, **given, **self.settings}

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process in a session of its own, so that it can be killed with all its children."""
        output = self.log.open("ab") if self.log else subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
        )
        self._started.callback(end, process)
        return process

    def serve(self, port: int, processes: int) -> subprocess.Popen[bytes]:
        """The server; it answers once this returns."""
        process = self.start(*GRADER, "serve", "--port", str(port), "--processes", str(processes))
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        return process

    def work(self) -> subprocess.Popen[bytes]:
        """A worker."""
        return self.start(*GRADER, "worker")

    def close(self) -> None:
        """End all that was started."""
        self._started.close()


def wait_for(address: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Return once the address answers with 200; a process that has ended will not."""
    until = monotonic() + READY_SECONDS
    while monotonic() < until and (process is None or process.poll() is None):
        try:
            with urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            sleep(0.2)
    raise SystemExit(f"{address} does not answer.")


def children_of(number: int) -> list[int]:
    """The processes that this one has started."""
    try:
        found = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
        others = [
            child
            for task in Path(f"/proc/{number}/task").iterdir()
            for child in (task / "children").read_text(encoding="ascii").split()
        ]
    except OSError:
        return []
    return sorted({int(one) for one in (*found, *others)})


def descendants_of(number: int) -> list[int]:
    """These, and those that they have started."""
    return [each for child in children_of(number) for each in (child, *descendants_of(child))]


def heed_termination() -> None:
    """Have SIGTERM end all that was started, too, as Ctrl+C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process as an operator does, or for good after a while."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
