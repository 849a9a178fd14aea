"""Whether grades get lost: many results while the learning platform fails in every way that platforms fail.

    python bench/passback.py
    python bench/passback.py --database postgresql+psycopg://postgres@127.0.0.1/bench

A real server of ours and a platform (`bench/troubled_platform.py`), each a process of its own. People are launched,
answers are submitted and judged, and meanwhile the platform answers 500 and 429, is silent, resets connections,
changes its keys and forgets its tokens, and is down for a while; also after it has done what it was asked for.
Then it recovers, and what it has must be what we have. Exit 1 if anything differs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.troubled_platform import CLIENT, DEPLOYMENT, ISSUER
from grader.bank.loading import load_file
from grader.services import assignments, lti_platforms, results, tokens, users
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.lti_platforms import NewPlatform
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.services.spreadsheets import is_untried
from grader.store import schema
from grader.store.database import open_engine, open_sessions
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiContext, LtiLink, LtiPerson

ROOT = Path(__file__).parents[1]
SECRET = "k" * 40
FILES = ("derivatives/derivative-polynomial.yaml", "derivatives/derivative-quotient-linear.yaml")
SCOPES = ("attempts:write", "submissions:write", "results:read")
TEACHER = "teacher-1"
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()"]
CLIENTS = 4
RIGHT = 0.4
TAKEN, SOLVED = 201, 409
PACE = {"TIMEOUT": "1", "FIRST_PAUSE": "0.2", "LONGEST_PAUSE": "3"}
LONGEST_SECONDS = 300
LAUNCHES = 30
"""So often a student opens the link once more, a second apart."""
SEE_OTHER = 303


@dataclass(frozen=True)
class Size:
    """How much there is, and at which requests the platform is down and changes its keys."""

    results: int = 500
    students: int = 60
    links: int = 4
    processes: int = 2
    seed: int = 1
    down_at: tuple[int, ...] = (120, 380)
    rotated_at: tuple[int, ...] = (60, 250, 450)
    away: float = 5.0


@dataclass(frozen=True)
class Figures:
    """What came of it; all of `differing`, `out_of_order`, `doubled_columns` and `waiting` must be zero."""

    results: int
    grades: int
    messages: int
    differing: int
    out_of_order: int
    doubled_columns: int
    waiting: int
    seconds: float
    settled_after: float
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and nothing told twice."""
        return not (self.differing or self.out_of_order or self.doubled_columns or self.waiting)


@dataclass
class Course:
    """The course as the benchmark sees it from outside."""

    tool: str
    control: str
    sessions: sessionmaker[Session]
    rng: Random
    course_id: int = 0
    teacher: int = 0
    token: str = ""
    assignments: list[int] = field(default_factory=list)

    def launch(self, subject: str, link: str, assignment: str = "") -> httpx.Response:
        """Log in and launch as a browser does, the signed message being the platform's."""
        target = f"{self.tool}/lti/launch"
        asked = {"iss": ISSUER, "client_id": CLIENT, "login_hint": subject, "target_link_uri": target}
        begun = httpx.get(f"{self.tool}/lti/login", params=asked)
        given = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        body = {"subject": subject, "link": link, "assignment": assignment, "nonce": given["nonce"], "target": target}
        token = httpx.post(f"{self.control}/launch", json=body, timeout=30).json()["id_token"]
        kept = begun.headers["set-cookie"].partition(";")[0]
        form = {"id_token": token, "state": given["state"]}
        return httpx.post(target, data=form, headers={"Cookie": kept}, timeout=30)


def main() -> int:
    """Run it and print the figures; 1 when a grade differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="", help="an empty database (default: an SQLite file)")
    parser.add_argument("--results", type=int, default=Size.results)
    parser.add_argument("--seed", type=int, default=Size.seed)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-passback-") as folder:
        database = given.database or f"sqlite:///{folder}/passback.sqlite3"
        figures = run(database, Size(results=given.results, seed=given.seed), (19_881, 19_882, 19_883))
    print_figures(figures)
    return 0 if figures.is_good else 1


def run(database: str, size: Size, ports: tuple[int, int, int]) -> Figures:
    """The whole story in this empty database, on three free ports."""
    tool, platform, control = (f"http://127.0.0.1:{port}" for port in ports)
    engine = open_engine(database)
    schema.upgrade(engine)
    sessions = open_sessions(engine)
    register(sessions, platform)
    begun = monotonic()
    with ExitStack() as opened:
        opened.callback(engine.dispose)
        opened.enter_context(server(database, size, ports[0]))
        opened.enter_context(troubled(size, tool, ports[1], ports[2]))
        course = Course(tool, control, sessions, Random(size.seed))
        set_up(course, size)
        submit_all(course, size)
        httpx.post(f"{control}/calm")
        calm = monotonic()
        waiting = wait_until_sent(sessions)
        settled = monotonic() - calm
        told = httpx.get(control).json()
        return compared(course, size, told, waiting, monotonic() - begun, settled)


def register(sessions: sessionmaker[Session], platform: str) -> None:
    """Somebody of the staff, and the platform."""
    with sessions() as session:
        staff = Actor(users.register(session, now, "staff", "Staff", None, is_staff=True).id)
        addresses = (f"{platform}/authorize", f"{platform}/token", f"{platform}/keys")
        new = NewPlatform("Troubled", ISSUER, CLIENT, *addresses, (DEPLOYMENT,))
        lti_platforms.add_platform(session, now, staff, new)


def set_up(course: Course, size: Size) -> None:
    """The course by the teacher's first launch, its assignments, and a link to each; half of the students."""
    course.launch(TEACHER, "link-0")
    with course.sessions() as session:
        course.course_id = session.scalars(select(LtiContext.course_id)).one()
        course.teacher = session.scalars(select(LtiPerson.user_id)).one()
        teacher = Actor(course.teacher)
        course.token, _ = tokens.create_token(session, now, teacher, "bench", SCOPES)
        chosen = [ChosenProblem(source_of(load_file(ROOT / "problems" / name))) for name in FILES]
        for number in range(size.links):
            args = (course.course_id, f"Week {number}", chosen, Policy(penalty=Fraction(0)))
            course.assignments.append(assignments.create_assignment(session, now, teacher, *args).id)
    for number, assignment in enumerate(course.assignments):
        course.launch(TEACHER, f"link-{number}", str(assignment))
    for number in range(size.students // 2):
        launched(course, number)


def launched(course: Course, number: int) -> None:
    """A student's first launch; the rest of the links they need not open."""
    answer = course.launch(f"student-{number:03}", "link-0")
    for _ in range(LAUNCHES):
        if answer.status_code == SEE_OTHER:
            return
        sleep(1)  # the page says: go back to your course and open the link once more
        answer = course.launch(f"student-{number:03}", "link-0")
    raise SystemExit(f"The launch of student {number} was refused: {answer.text}")


def submit_all(course: Course, size: Size) -> None:
    """All answers, by some clients at a time; in the middle the other half of the students arrives."""
    half = size.results // 2
    _submit(course, size.students // 2, half)
    subprocess.run(
        [*PROGRAM, "lti", "rotate-keys"],
        env=environment(course_url(course)),
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    for number in range(size.students // 2, size.students):
        launched(course, number)
    _submit(course, size.students, size.results - half)


def _submit(course: Course, students: int, count: int) -> None:
    with course.sessions() as session:
        found = session.execute(select(LtiPerson.subject, LtiPerson.user_id).where(LtiPerson.subject != TEACHER))
        people = [user for _, user in sorted(tuple(row) for row in found)][:students]
    headers = {"Authorization": f"Bearer {course.token}"}
    with (
        httpx.Client(base_url=f"{course.tool}/api/v1", headers=headers, timeout=120) as client,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        taken = 0
        while taken < count:  # who has solved a problem answers it no more, and another is drawn
            drawn = [_drawn(course, people) for _ in range(count - taken)]
            taken += sum(pool.map(lambda one: answer_one(client, *one), drawn))


def _drawn(course: Course, people: list[int]) -> tuple[int, int, int, bool]:
    """Who answers which problem of which assignment, and whether rightly."""
    rng = course.rng
    return rng.choice(people), rng.choice(course.assignments), rng.randrange(len(FILES)), rng.random() < RIGHT


def answer_one(client: httpx.Client, student: int, assignment: int, place: int, is_right: bool) -> bool:
    """Open the attempt and answer, rightly or with zero points; False where the problem was solved before."""
    opened = client.post(f"/assignments/{assignment}/students/{student}/attempts").raise_for_status().json()
    attempt = opened["items"][place]
    parts = attempt["variant"]["parts"]
    responses = {part["id"]: part["answer"] if is_right else "0" for part in parts}
    sent = client.post(f"/attempts/{attempt['id']}/submissions", json={"responses": responses})
    if sent.status_code not in (TAKEN, SOLVED):
        raise SystemExit(f"An answer was refused: {sent.text}")
    return sent.status_code == TAKEN


def wait_until_sent(sessions: sessionmaker[Session]) -> int:
    """Wait until nothing is on its way any longer; how much is, after too long."""
    end = monotonic() + LONGEST_SECONDS
    while True:
        with sessions() as session:
            left = session.scalar(select(func.count()).select_from(LtiGrade).where(LtiGrade.state == "waiting")) or 0
        if not left or monotonic() > end:
            return left
        sleep(0.2)


def compared(
    course: Course, size: Size, told: Mapping[str, Any], waiting: int, seconds: float, settled: float
) -> Figures:
    """What the platform has, held against our table of results."""
    theirs = {(item, user): Fraction(given).limit_denominator(10**6) for item, user, given, _ in told["grades"]}
    columns = [item["resourceId"] for item in told["items"]]
    ours = our_grades(course, {resource: str(number) for number, resource in enumerate(columns)})
    differing = {key for key in set(ours) | set(theirs) if ours.get(key) != theirs.get(key)}
    return Figures(
        results=size.results,
        grades=len(ours),
        messages=len(told["arrived"]),
        differing=len(differing),
        out_of_order=out_of_order(told["arrived"]),
        doubled_columns=len(columns) - len(set(columns)),
        waiting=waiting,
        seconds=seconds,
        settled_after=settled,
        counts=told["counts"],
    )


def our_grades(course: Course, columns: Mapping[str, str]) -> dict[tuple[str, str], Fraction]:
    """The points of everybody who has answered, by the platform's column and id of the person."""
    found: dict[tuple[str, str], Fraction] = {}
    with course.sessions() as session:
        subjects = {row.user_id: row.subject for row in session.scalars(select(LtiPerson))}
        for link in session.scalars(select(LtiLink)):
            table = results.assignment_results(session, Actor(course.teacher), link.assignment_id)
            column = columns.get(f"assignment-{link.assignment_id}", "none")
            for row in table.rows:
                if not all(map(is_untried, row.cells)):
                    found[column, subjects[row.student.id]] = Fraction(row.points).limit_denominator(10**6)
    return found


def out_of_order(arrived: list[tuple[str, str, str]]) -> int:
    """How many messages had a timestamp that is not later than that of the one before for the same grade."""
    last: dict[tuple[str, str], str] = {}
    count = 0
    for item, user, stamp in arrived:
        count += stamp <= last.get((item, user), "")
        last[item, user] = max(stamp, last.get((item, user), ""))
    return count


def environment(database: str) -> dict[str, str]:
    """The settings of our server: short pauses, else it takes hours."""
    own = {"DATABASE_URL": database, "SECRET_KEY": SECRET, "PROBLEMS": str(ROOT / "problems" / "derivatives")}
    paces = {f"GRADER_LTI_{name}_SECONDS": value for name, value in PACE.items()}
    return {**os.environ, **{f"GRADER_{name}": value for name, value in own.items()}, **paces}


def course_url(course: Course) -> str:
    """The database's URL."""
    with course.sessions() as session:
        return session.get_bind().engine.url.render_as_string(hide_password=False)


@contextmanager
def server(database: str, size: Size, port: int) -> Iterator[None]:
    """Our server."""
    command = [*PROGRAM, "serve", "--port", str(port), "--processes", str(size.processes)]
    with started(command, environment(database) | {"GRADER_LOG_LEVEL": "error"}, "Serving at"):
        yield


@contextmanager
def troubled(size: Size, tool: str, port: int, control: int) -> Iterator[None]:
    """The platform."""
    values = {"port": port, "control": control, "tool": tool, "seed": size.seed, "away": size.away}
    command = [sys.executable, str(ROOT / "bench" / "troubled_platform.py")]
    command += [word for name, value in values.items() for word in (f"--{name}", str(value))]
    command += ["--down-at", *map(str, size.down_at), "--rotated-at", *map(str, size.rotated_at)]
    with started(command, dict(os.environ), "ready"):
        yield


@contextmanager
def started(command: list[str], settings: Mapping[str, str], ready: str) -> Iterator[None]:
    """A process, once it has printed these words; it ends with the block."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(settings), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            if not any(ready in line for line in process.stdout):
                raise SystemExit(f"{command[-1]} does not start.")
            yield
        finally:
            process.terminate()


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def print_figures(figures: Figures) -> None:
    """All figures in words."""
    troubles = ", ".join(f"{kind} {count}" for kind, count in sorted(figures.counts.items()))
    print(f"{figures.results} results, {figures.grades} grades, {figures.messages} messages arrived")
    print(f"requests: {troubles}")
    print(f"{figures.differing} grades differ, {figures.out_of_order} messages out of order, ", end="")
    print(f"{figures.doubled_columns} columns made twice, {figures.waiting} left waiting")
    print(f"{figures.seconds:.0f} s, the last {figures.settled_after:.0f} s after the platform had recovered")


if __name__ == "__main__":
    sys.exit(main())
