"""How long every page takes in a course of 300 students, 40 problems and about 60,000 answers.

    .venv/bin/python bench/pages.py                       # SQLite
    .venv/bin/python bench/pages.py --database postgresql+psycopg://postgres@127.0.0.1/bench
    .venv/bin/python bench/pages.py --database postgresql+psycopg://postgres@127.0.0.1/bench --stored 1000000
    .venv/bin/python bench/pages.py --only results        # the pages with this in their address

With --stored the course is that of bench/growth.py: so many submissions, a tenth of them in the course that is looked
at, which has 1,200 students then; the other courses are smaller. The database is kept, and used again the next time.
The pages are those of the router, so a new one cannot be missed: a part of an address that this program
does not know stops it. Each page is asked for by two clients at a time from a real server; beside the time on the
clock stands the processor time of the server and of PostgreSQL, which other work on the machine bears on less.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import httpx
from filling import fill
from growth import seconds_of, tree_seconds
from measuring import PROBLEM, measure, start_requests, submit_requests
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session
from stack import Stack, descendants_of, free_port, make_place

from grader.bank.loading import load_bank
from grader.config import load_config
from grader.services import reviews
from grader.services.access import Actor
from grader.services.authoring import add_problem, ids_of, renamed
from grader.services.clustering import mark_of, source_of_version, work_out
from grader.services.crowds import INSTRUCTOR_LOGIN, Size, create_crowd, has_crowd
from grader.services.examining import examine
from grader.services.invitations import invite
from grader.services.passwords import hashed
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.services.regrade_plans import RegradePolicy
from grader.services.regrades import Basis
from grader.services.users import authenticate
from grader.store import clusters, schema
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.courses import Course
from grader.store.database import open_engine, open_sessions
from grader.store.enrolments import Enrolment
from grader.store.problems import Problem, ProblemVersion
from grader.store.regrades import READY, Regrade
from grader.store.submissions import Submission
from grader.store.users import User
from grader.web.app import create_app

ROOT = Path(__file__).parents[1]
LIMIT_MS = 300
LIMIT_STORED_MS = 500
PASSWORD = "calculus"
CLIENTS = 2
FIRST_STUDENTS = 200
"""Whose answers are judged before they are copied."""
FIRST_ANSWERS = 6
"""Of each of them: right ones and wrong ones."""
LEFT_OUT = ("/api/", "/static/", "/healthz", "/readyz")
PORT = 19_871
OWN = "copy-to-measure-with"


@dataclass(frozen=True)
class Timing:
    """How long a page took, in milliseconds, and what it answered."""

    who: str
    address: str
    status: int
    times: tuple[float, ...]
    size: int
    cpu: float

    @property
    def p95(self) -> float:
        """Nineteen of twenty are faster."""
        return quantiles(self.times, n=20, method="inclusive")[-1]


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def main() -> int:
    """Measure and print; 1 when a page is slower than the limit, or broken."""
    arguments = options()
    engine = open_engine(arguments.database)
    values = prepare(engine, Size(arguments.students, arguments.problems), arguments.database, arguments.stored)
    limit = LIMIT_STORED_MS if arguments.stored else LIMIT_MS
    with server(arguments.database, arguments.processes) as (address, process):
        paths = [path for path in addresses(arguments.database, values) if arguments.only in path]
        timings = [
            timing
            for login in (INSTRUCTOR_LOGIN, values["login"])
            for timing in measured(address, login, paths, arguments.rounds, Meter(engine, process))
        ]
        most = max(peak(number) for number in (process, *descendants_of(process)))
    print_table(timings)
    slow = [timing for timing in timings if timing.p95 > limit]
    broken = [timing for timing in timings if timing.status >= 500]
    print(f"{len(timings)} pages, {len(slow)} slower than {limit} ms at p95, {len(broken)} broken.")
    print(f"No process of the server had more than {most:.0f} MiB of memory.")
    return 1 if slow or broken else 0


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = tempfile.mkdtemp(prefix="grader-pages-")
    parser.add_argument("--database", default=f"sqlite:///{folder}/pages.sqlite3", help="kept when it has the course")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--processes", type=int, default=2, help="of the server: one for each core")
    parser.add_argument("--rounds", type=int, default=20, help="how often each page is asked for")
    parser.add_argument("--only", default="", help="the pages that have this text in their address")
    parser.add_argument("--stored", type=int, default=0, help="so many submissions in place of the course")
    return parser.parse_args()


@dataclass(frozen=True)
class Meter:
    """The processor time that a server and its connections to PostgreSQL have used."""

    engine: Engine
    server: int

    def seconds(self) -> float:
        """Until now."""
        return tree_seconds(self.server) + sum(map(seconds_of, self._backends()))

    def _backends(self) -> Sequence[int]:
        if self.engine.dialect.name == "sqlite":
            return []
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
        with self.engine.connect() as connection:
            return connection.scalars(text(query)).all()


def peak(number: int) -> float:
    """The most memory that a process has had, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def store(engine: Engine, database: str, stored: int) -> None:
    """The course of bench/growth.py with so many submissions, unless there is one."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT count(*) FROM courses")):
            return
    place = make_place(engine, PROBLEM, FIRST_STUDENTS, Policy())
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE users SET login = :login, password_hash = :hash WHERE login = 'teacher'"),
            {"login": INSTRUCTOR_LOGIN, "hash": hashed(PASSWORD)},
        )
    with closing(Stack(database)) as stack:
        port = free_port()
        stack.serve(port, 1)
        measure("start", port, start_requests(place), 4, 600)
        measure("answers", port, submit_requests(engine, place, FIRST_ANSWERS), 4, 600)
    fill(engine, place.course_id, stored)
    match_variants(engine, place.course_id)


def match_variants(engine: Engine, course_id: int) -> None:
    """Give each copied attempt of the course the variant that its answers were written for."""
    judged = (
        "SELECT v.seed, row_number() OVER (ORDER BY s.id) - 1 AS place, count(*) OVER () AS many "
        "FROM submissions s JOIN attempts a ON a.id = s.attempt_id JOIN variants v ON v.id = a.variant_id "
        "JOIN users u ON u.id = a.student_id WHERE u.login LIKE 'student-%'"
    )
    copies = (
        f"SELECT a.id, o.problem_version_id, t.seed FROM ({judged}) t "
        "JOIN attempts a ON a.id % t.many = t.place JOIN variants o ON o.id = a.variant_id "
        "JOIN users u ON u.id = a.student_id AND u.login LIKE 'stored-%' "
        "JOIN assignment_problems p ON p.id = a.assignment_problem_id "
        f"JOIN assignments c ON c.id = p.assignment_id AND c.course_id = {course_id}"
    )
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO variants (problem_version_id, seed) SELECT DISTINCT problem_version_id, seed "
                f"FROM ({copies}) c ON CONFLICT DO NOTHING"
            )
        )
        connection.execute(
            text(
                f"UPDATE attempts SET variant_id = v.id FROM ({copies}) c JOIN variants v "
                "ON v.problem_version_id = c.problem_version_id AND v.seed = c.seed WHERE attempts.id = c.id"
            )
        )


def prepare(engine: Engine, size: Size, database: str, stored: int) -> Mapping[str, str]:
    """The course, made if it is not there, and what stands for the variable parts of addresses."""
    schema.upgrade(engine)
    if stored:
        store(engine, database, stored)
        with open_sessions(engine)() as session:
            return examples(session)
    problems = load_bank((ROOT / "problems",)).problems
    with open_sessions(engine)() as session:
        if not has_crowd(session):
            begun = perf_counter()
            sources = [source_of(problem) for problem in problems.values()]
            made = create_crowd(session, now, sources, size, PASSWORD)
            print(f"made a course with {made.submissions} submissions in {perf_counter() - begun:.0f} s", flush=True)
            session.execute(text("ANALYZE"))  # a server does so by itself after a while
        return examples(session)


def examples(session: Session) -> Mapping[str, str]:
    """Ids of the largest course, and a student's log-in with the password of everybody here."""
    taught = select(Course.id).join(Enrolment, Enrolment.course_id == Course.id).where(Enrolment.role == "instructor")
    course = session.scalars(taught.order_by(Course.id.desc())).first()
    student = session.scalars(
        select(User).join(Enrolment, Enrolment.user_id == User.id).where(Enrolment.role == "student").order_by(User.id)
    ).first()
    assert student is not None
    student.password_hash = hashed(PASSWORD)
    session.commit()
    attempt = session.scalars(select(Attempt).where(Attempt.student_id == student.id).order_by(Attempt.id)).first()
    assert attempt is not None
    chosen = session.get_one(AssignmentProblem, attempt.assignment_problem_id)
    last = select(func.max(Submission.id)).where(Submission.attempt_id == attempt.id)
    version = session.get_one(ProblemVersion, chosen.problem_version_id)
    part = next(iter(version.parts or ("a",)))
    return {
        **things_of_a_teacher(session, int(course or 0), chosen, part),
        "login": student.login,
        "course_id": str(course),
        "student_id": str(student.id),
        "attempt_id": str(attempt.id),
        "assignment_id": str(session.get_one(Assignment, chosen.assignment_id).id),
        "problem_id": session.get_one(Problem, chosen.problem_id).key,
        "submission_id": str(session.scalar(last)),
        "part_id": part,
        "person_id": str(student.id),
    }


def things_of_a_teacher(session: Session, course: int, chosen: AssignmentProblem, part: str) -> Mapping[str, str]:
    """A cluster, a regrade, an answer that waits, an invitation and a problem of the course's own."""
    teacher = authenticate(session, now, INSTRUCTOR_LOGIN, PASSWORD)
    work_out(session, now, course, chosen.problem_version_id, part)
    kept = clusters.kept(session, course, chosen.problem_version_id, part)
    secret, _ = invite(session, now, teacher, course, 1)
    return {
        "mark": mark_of(kept.clusters[0]) if kept and kept.clusters else "none",
        "regrade_id": str(regrade(session, teacher.user_id, chosen.assignment_id)),
        "review_id": str(reviews.first(session, teacher, course, None) or 0),
        "secret": secret,
        "own_id": own_problem(session, teacher, course, chosen.problem_version_id),
    }


def regrade(session: Session, author: int, assignment: int) -> int:
    """A regrade whose dry run is over."""
    row = Regrade(
        assignment_id=assignment,
        author_id=author,
        policy=RegradePolicy.NEVER_LOWER,
        basis=Basis.CLUSTERS,
        reason="",
        state=READY,
        versions={},
        total=0,
        done=0,
        cursor=0,
        created=now(),
    )
    session.add(row)
    session.commit()
    return row.id


def own_problem(session: Session, teacher: Actor, course: int, version: int) -> str:
    """The id of a copy that belongs to the course, made if there is none."""
    source = renamed(source_of_version(session, version), OWN)
    if OWN not in ids_of(session, course):
        add_problem(session, now, teacher, course, source, examine(source, 1))
    return OWN


def addresses(database: str, values: Mapping[str, str]) -> Sequence[str]:
    """Every page that is asked for with GET, by the router's list."""
    config = load_config({"GRADER_DATABASE_URL": database, "GRADER_SECRET_KEY": "k" * 40})
    engine = open_engine(database)
    app = create_app(config, open_sessions(engine), load_bank((ROOT / "problems",)), grade=None)  # type: ignore[arg-type]
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    engine.dispose()
    return sorted(filled(rule, values) for rule in rules if not rule.startswith(LEFT_OUT))


def filled(rule: str, values: Mapping[str, str]) -> str:
    """The address with its variable parts put in."""

    def value(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        if name not in values:
            raise SystemExit(f"{rule}: say in examples() what stands for <{name}>.")
        return values[name]

    return re.sub(r"<([^>]+)>", value, rule)


@contextmanager
def server(database: str, processes: int) -> Iterator[tuple[str, int]]:
    """`grader serve` on the database: its address and its first process."""
    own = {"GRADER_DATABASE_URL": database, "GRADER_SECRET_KEY": "k" * 40, "GRADER_LOG_LEVEL": "warning"}
    environment = {**os.environ, **own}
    serve = ["serve", "--port", str(PORT), "--processes", str(processes)]
    command = [sys.executable, "-c", "from grader.cli import main; main()", *serve]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "Serving at" in line:
                break
        yield f"http://127.0.0.1:{PORT}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


def measured(address: str, login: str, paths: Sequence[str], rounds: int, meter: Meter) -> Iterator[Timing]:
    """Every page as this person sees it; what they may not see is timed, too."""
    # A connection for each request, as many people have: two kept ones may both lead to one process of the server.
    connections = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=address, timeout=60, limits=connections) as client:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
        assert token is not None
        answer = client.post("/login", data={"login": login, "password": PASSWORD, "csrf_token": token[1]})
        assert answer.status_code == 303 or answer.is_redirect, answer.text
        for path in paths:
            yield timed(client, login, path, rounds, meter)


def timed(client: httpx.Client, login: str, path: str, rounds: int, meter: Meter) -> Timing:
    """One page, asked for by two clients at a time."""

    def ask(_: int) -> tuple[float, httpx.Response]:
        begun = perf_counter()
        answer = client.get(path)
        return (perf_counter() - begun) * 1000, answer

    ask(0)
    before = meter.seconds()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(ask, range(rounds)))
    status = max(answer.status_code for _, answer in answers)
    cpu = (meter.seconds() - before) / rounds * 1000
    return Timing(login, path, status, tuple(time for time, _ in answers), len(answers[0][1].content), cpu)


def print_table(timings: Sequence[Timing]) -> None:
    """The pages, the slowest first."""
    print(f"{'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8} {'kB':>7}  status")
    for timing in sorted(timings, key=lambda one: one.p95, reverse=True):
        who = "student" if timing.who != INSTRUCTOR_LOGIN else "instructor"
        figures = f"{median(timing.times):8.1f} {timing.p95:8.1f} {timing.cpu:8.1f} {timing.size / 1000:7.1f}"
        print(f"{figures}  {timing.status}  {who:10}  {timing.address}")


if __name__ == "__main__":
    sys.exit(main())
